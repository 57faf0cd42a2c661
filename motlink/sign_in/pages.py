"""Fills the door's templates (jinja2, autoescaping on)."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from motlink.accounts.rules import SHORTEST_PASSWORD
from motlink.errors import MotlinkError
from motlink.sign_in.rules import own_path
from motlink.sign_in.words import DeadPage

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

_WRONG = ' aria-invalid="true"'


def page(name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return one page of the door."""
    shown = {
        "errors": {},
        "typed": {},
        "refusal": "",
        "next_step": "",
        "shortest": SHORTEST_PASSWORD,
        **values,
    }
    html = _focused(_templates.get_template(f"{name}.html").render(shown))
    return HTMLResponse(html, status_code=status)


def _focused(html: str) -> str:
    """Give the focus to the first refused field, where the page gives it to none; what people typed is escaped."""
    return html if " autofocus>" in html else html.replace(_WRONG, f"{_WRONG} autofocus", 1)


def sign_in_form(
    wanted: str,
    *,
    login: str = "",
    notice: str = "",
    refusal: MotlinkError | None = None,
    status: int = 200,
    elsewhere: bool = False,
) -> HTMLResponse:
    """Return the sign-in page; `wanted` is where it leads to, `elsewhere` says that another practice is still open."""
    return page(
        "sign_in",
        status=status,
        wanted=own_path(wanted),
        login=login,
        notice=notice,
        elsewhere=elsewhere,
        refusal=refusal.sentence if refusal else "",
        next_step=refusal.next_step if refusal else "",
    )


def dead(shown: DeadPage) -> HTMLResponse:
    """Return the page of a link that opens nothing (410: it is known to be gone, or never was)."""
    return page("dead", status=410, page=shown)


def message(title: str, sentence: str, *, status: int = 200, inside: bool = False) -> HTMLResponse:
    """Return a page with one sentence and the way back: to the sign-in, or for someone inside to their practices."""
    back = ("/choose-practice", "Choose a practice") if inside else ("/sign-in", "To the sign-in page")
    return page("message", status=status, title=title, sentence=sentence, back=back)
