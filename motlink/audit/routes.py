"""The audit log as a file: a plain download behind the session. It stands in the log itself, so it is a POST."""

from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.audit.actions import note_export
from motlink.audit.queries import AuditView, export
from motlink.permissions import Permission
from motlink.sheets import csv_text
from motlink.sign_in.queries import signed_in
from motlink.sign_in.requests import visitor
from motlink.sign_in.rules import TooMany
from motlink.web import rate
from motlink.web.http import route
from motlink.web.rules import requires
from motlink.web.threads import reading, writing
from motlink.web.visitor import Visitor
from motlink.work import begin_work


@requires(Permission.READ_AUDIT)
async def audit_csv(request: Request) -> Response:
    """POST /p/{practice}/settings/audit.csv?action=&who= : the filtered log, newest first, at most 50,000 rows."""
    who = visitor(request)
    if not await rate.count(rate.EXPORTS, "export", who.digest):
        raise TooMany("Too many exports at once.", next_step="Wait a minute.")
    view = AuditView(request.query_params.get("action", "")[:60], request.query_params.get("who", "")[:40])
    await writing(_noted, who, request.url.query)
    text = await reading(_written, who, view)
    named = {"Content-Disposition": f'attachment; filename="audit-log-{who.practice}.csv"'}
    # The mark at the start makes spreadsheets read UTF-8.
    return Response(f"\ufeff{text}", media_type="text/csv; charset=utf-8", headers=named)


def _noted(who: Visitor, filters: str) -> None:
    find_actor = signed_in(who.digest, address=who.address, browser=who.browser)
    with begin_work(find_actor, org=who.practice) as work:
        work.do(
            note_export, permission=Permission.READ_AUDIT, what="audit log", filters=unquote_plus(filters)
        )


def _written(who: Visitor, view: AuditView) -> str:
    find_actor = signed_in(who.digest, address=who.address, browser=who.browser)
    with begin_work(find_actor, org=who.practice, writes=False) as work:
        return csv_text(export(work, view=view))


def audit_routes() -> list[Route]:
    """Return the log's own routes."""
    return [route("POST", "/p/{practice:str}/settings/audit.csv", audit_csv)]
