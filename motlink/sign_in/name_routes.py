"""/account/name: one's own name, in each practice in which one works."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.accounts.actions import touch_session
from motlink.errors import Invalid, NotFound
from motlink.sign_in.account_routes import account_form, read_own, to_the_door
from motlink.sign_in.own_name import NAMES, change_own_name
from motlink.sign_in.queries import holder_of
from motlink.sign_in.requests import go, text, visitor
from motlink.sign_in.rules import SignedOut
from motlink.web.http import route
from motlink.web.rules import public
from motlink.web.threads import reading, writing
from motlink.web.visitor import Visitor
from motlink.work import begin_work


@public
async def name_post(request: Request) -> Response:
    """POST /account/name: the same in every practice; sent again after a kill, it does what is left."""
    who, form = visitor(request), await request.form()
    typed = {field: text(form, field)[:400] for field in NAMES}
    try:
        shown = await reading(read_own, who)
        if not shown.names:
            raise NotFound("You have no open place in a practice now.")
        for one in shown.names:
            await writing(_change, who, one.org_id, typed)
    except SignedOut:
        return to_the_door()
    except Invalid as wrong:
        return account_form(shown, status=422, errors=wrong.fields, typed=typed)
    return go("/account?done=name")


def _change(who: Visitor, org_id: UUID, typed: dict[str, str]) -> None:
    with begin_work(holder_of(who.digest, address=who.address, browser=who.browser), org=org_id) as work:
        assert work.actor.session_id
        touch_session(work, session_id=work.actor.session_id)
        work.do(change_own_name, **typed)


def name_routes() -> list[Route]:
    """Return the route; whose name it is says the session."""
    return [route("POST", "/account/name", name_post)]
