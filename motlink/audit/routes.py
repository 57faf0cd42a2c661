"""The audit log as a file: a plain download behind the session, as every other reading of it."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from motlink.audit.queries import AuditView, export
from motlink.errors import MotlinkError, NotAllowed
from motlink.permissions import Permission
from motlink.sheets import csv_text
from motlink.sign_in.queries import signed_in
from motlink.sign_in.requests import visitor
from motlink.sign_in.rules import SignedOut
from motlink.web import rate
from motlink.web.rules import requires
from motlink.web.threads import reading
from motlink.web.visitor import Visitor
from motlink.work import begin_work


@requires(Permission.READ_AUDIT)
async def audit_csv(request: Request) -> Response:
    """GET /p/{practice}/settings/audit.csv?action=&who= : the filtered log, newest first, at most 50,000 rows."""
    who = visitor(request)
    if not rate.count(rate.EXPORTS, "export", who.digest or who.address):
        return _refused("Too many exports at once. Wait a minute.", 429)
    view = AuditView(request.query_params.get("action", "")[:60], request.query_params.get("who", "")[:40])
    practice = request.path_params["practice"]
    try:
        text = await reading(_written, who, practice, view)
    except SignedOut:
        return RedirectResponse("/sign-in", status_code=303)
    except MotlinkError as refusal:
        return _refused(str(refusal), 403 if isinstance(refusal, NotAllowed) else 404)
    named = {"Content-Disposition": f'attachment; filename="audit-log-{practice}.csv"'}
    # The mark at the start makes spreadsheets read UTF-8.
    return Response(f"\ufeff{text}", media_type="text/csv; charset=utf-8", headers=named)


def _written(who: Visitor, practice: str, view: AuditView) -> str:
    find_actor = signed_in(who.digest, address=who.address, browser=who.browser)
    with begin_work(find_actor, org=practice, writes=False) as work:
        return csv_text(export(work, view=view))


def _refused(sentence: str, status: int) -> Response:
    return JSONResponse({"refused": sentence}, status_code=status)


def audit_routes() -> list[Route]:
    """Return the log's own routes."""
    return [Route("/p/{practice:str}/settings/audit.csv", audit_csv, methods=["GET"])]
