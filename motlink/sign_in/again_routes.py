"""/account/again: the password once more, before grave acts (ASVS 7.5.1).

A plain form like the rest of the door, so that no password goes through an event; it is hashed outside the transaction,
and guesses count as guesses at the sign-in.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.accounts.proof import note_proof
from motlink.sign_in import pages
from motlink.sign_in.account_routes import in_own_work, news_of, note_wrong, read_own, to_the_door
from motlink.sign_in.email_words import NOT_YOURS
from motlink.sign_in.entering import proof_of
from motlink.sign_in.own_account import OwnAccount, refuse_proof
from motlink.sign_in.requests import go, text, visitor
from motlink.sign_in.rules import SignedOut, TooMany, own_path
from motlink.sign_in.words import CHANGED_MEANWHILE
from motlink.web.http import route
from motlink.web.rules import public
from motlink.web.threads import reading, writing
from motlink.web.visitor import Visitor


@public
async def again_page(request: Request) -> Response:
    """GET /account/again?next=…: where the way leads afterwards stands in the address."""
    try:
        shown = await reading(read_own, visitor(request))
    except SignedOut:
        return to_the_door()
    return _form(shown, request.query_params.get("next", ""))


@public
async def again_post(request: Request) -> Response:
    """POST /account/again."""
    who, form = visitor(request), await request.form()
    wanted = text(form, "next")
    try:
        shown = await reading(read_own, who)
        return await _prove(who, shown, text(form, "current"), wanted)
    except SignedOut:
        return to_the_door()


async def _prove(who: Visitor, shown: OwnAccount, password: str, wanted: str) -> Response:
    try:
        proof = await proof_of(who, shown, password)
    except TooMany as refusal:
        return _form(shown, wanted, status=429, refusal=str(refusal))
    if not proof.fits:
        await writing(note_wrong, who, shown, refuse_proof)
        response = _form(shown, wanted, status=401, errors={"current": NOT_YOURS})
        response.background = news_of(who, shown, "proof.wrong")
        return response
    if not await writing(in_own_work, who, shown, note_proof, seen_hash=proof.seen_hash):
        return _form(shown, wanted, status=409, refusal=CHANGED_MEANWHILE)
    return go(own_path(wanted) or "/account")


def _form(
    shown: OwnAccount,
    wanted: str,
    *,
    status: int = 200,
    refusal: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    back = own_path(wanted) or "/account"
    return pages.page(
        "again",
        status=status,
        username=shown.username,
        wanted=back,
        back=back.partition("?")[0],
        refusal=refusal,
        errors=errors or {},
    )


def again_routes() -> list[Route]:
    """Return the routes; whose password it is says the session."""
    return [route("GET", "/account/again", again_page), route("POST", "/account/again", again_post)]
