"""/account/name: one's own name, in each practice in which one works."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.accounts.actions import touch_session
from motlink.errors import Invalid, NotFound
from motlink.sign_in import words
from motlink.sign_in.account_routes import account_form, read_own, to_the_door
from motlink.sign_in.own_name import NAMES, change_own_name
from motlink.sign_in.queries import signed_in
from motlink.sign_in.requests import go, text, visitor
from motlink.sign_in.rules import SignedOut, StepNeeded
from motlink.web.http import route
from motlink.web.rules import public
from motlink.web.threads import reading, writing
from motlink.web.visitor import Visitor
from motlink.work import begin_work


@public
async def name_post(request: Request) -> Response:
    """POST /account/name: the same in every practice that is open to this session; the others are named.

    Sent again after a kill, it does what is left.
    """
    who, form = visitor(request), await request.form()
    typed = {field: text(form, field)[:400] for field in NAMES}
    try:
        shown = await reading(read_own, who)
        if not shown.names:
            raise NotFound("You have no open place in a practice now.")
        left = [one.practice for one in shown.names if not await writing(_change, who, one.org_id, typed)]
        return await _said(who, left, of=len(shown.names)) if left else go("/account?done=name")
    except SignedOut:
        return to_the_door()
    except Invalid as wrong:
        return account_form(shown, status=422, errors=wrong.fields, typed=typed)


async def _said(who: Visitor, left: list[str], *, of: int) -> Response:
    shown = await reading(read_own, who)
    if len(left) == of:
        return account_form(shown, status=409, refusal=words.name_left(left, saved=False))
    return account_form(shown, notice=words.name_left(left, saved=True))


def _change(who: Visitor, org_id: UUID, typed: dict[str, str]) -> bool:
    """Return False where this session may not go into the practice now, or its place has just closed (in a thread)."""
    find_actor = signed_in(who.digest, address=who.address, browser=who.browser, needs_role=False)
    try:
        with begin_work(find_actor, org=org_id) as work:
            work.do(change_own_name, **typed)
            assert work.actor.session_id
            touch_session(work, session_id=work.actor.session_id)
    except (SignedOut, StepNeeded, NotFound):
        return False
    return True


def name_routes() -> list[Route]:
    """Return the route; whose name it is says the session."""
    return [route("POST", "/account/name", name_post)]
