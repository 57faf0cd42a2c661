"""Files in and out: the upload, the staff list as CSV, the rows to mend. Plain HTTP behind the session."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote_plus
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.audit.actions import note_export
from motlink.errors import Invalid, NotFound
from motlink.permissions import Permission
from motlink.sheets import csv_text
from motlink.sign_in.queries import signed_in
from motlink.sign_in.requests import go, visitor
from motlink.sign_in.rules import TooMany
from motlink.staff.address import query_of, view_of
from motlink.staff.export import export_staff
from motlink.staff.import_actions import receive_file
from motlink.staff.import_limits import MOST_BYTES
from motlink.staff.import_queries import file_name_of, rows_to_mend
from motlink.staff.import_rows import refused_file
from motlink.web import rate
from motlink.web.http import route
from motlink.web.rules import requires
from motlink.web.threads import reading, writing
from motlink.web.visitor import Visitor
from motlink.work import Work, begin_work

# What stands around the file in a form.
AROUND = 10_000


@requires(Permission.MANAGE_STAFF)
async def bring_in(request: Request) -> Response:
    """POST /p/{practice}/settings/staff/import : a form with one file; leads to its preview."""
    who = visitor(request)
    if not await rate.count(rate.IMPORTS, "import", who.digest):
        raise TooMany("Too many files at once.", next_step="Wait a few minutes.")
    async with request.form(max_files=1, max_fields=5) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise Invalid("No file was chosen.", field="file")
        # One byte more than may come: whether it is too large says the action.
        content = await file.read(MOST_BYTES + 1)
        name = file.filename
    made = await writing(_work, who, receive_file, {"name": name, "content": content}, writes=True)
    return go(f"/p/{who.practice}/settings/staff/import/{made.id}")


@requires(Permission.MANAGE_STAFF)
async def staff_csv(request: Request) -> Response:
    """POST /p/{practice}/settings/staff.csv?… : the people of a view of the roster (its own query), all its pages."""
    who = visitor(request)
    await _count_export("staff list", who)
    view = view_of(request.query_params)
    noted = {
        "permission": Permission.MANAGE_STAFF,
        "what": "staff",
        "filters": unquote_plus(query_of(view)[1:]),
    }
    await writing(_work, who, note_export, noted, writes=True)
    text = await reading(_work, who, _exported, {"view": view}, writes=False)
    return _file(text, f"staff-{who.practice}.csv")


@requires(Permission.MANAGE_STAFF)
async def refused_csv(request: Request) -> Response:
    """POST /p/{practice}/settings/staff/import/{batch_id}/refused.csv : the rows to mend, with their reasons."""
    who = visitor(request)
    await _count_export("refused rows", who)
    try:
        batch_id = UUID(request.path_params["batch_id"])
    except ValueError:
        raise NotFound from None
    await writing(_work, who, _note_refused, {"batch_id": batch_id}, writes=True)
    text = await reading(_work, who, _to_mend, {"batch_id": batch_id}, writes=False)
    return _file(text, "refused-rows.csv")


def import_routes() -> list[Route]:
    """Return the routes of files in and out."""
    base = "/p/{practice:str}/settings/staff"
    return [
        route("POST", f"{base}/import", bring_in, largest=MOST_BYTES + AROUND),
        route("POST", f"{base}.csv", staff_csv),
        route("POST", f"{base}/import/{{batch_id:str}}/refused.csv", refused_csv),
    ]


def _exported(work: Work, *, view: Any) -> str:
    return csv_text(export_staff(work, view=view))


def _note_refused(work: Work, *, batch_id: UUID) -> None:
    name = file_name_of(work, batch_id=batch_id)
    note_export(work, permission=Permission.MANAGE_STAFF, what="refused rows", filters=name)


def _to_mend(work: Work, *, batch_id: UUID) -> str:
    header, rows = rows_to_mend(work, batch_id=batch_id)
    return refused_file(header, rows)


async def _count_export(what: str, who: Visitor) -> None:
    if not await rate.count(rate.EXPORTS, what, who.digest):
        raise TooMany("Too many exports at once.", next_step="Wait a minute.")


def _work(who: Visitor, use: Callable[..., Any], given: dict[str, Any], *, writes: bool) -> Any:
    find_actor = signed_in(who.digest, address=who.address, browser=who.browser)
    with begin_work(find_actor, org=who.practice, writes=writes) as work:
        return work.do(use, **given)


def _file(text: str, name: str) -> Response:
    named = {"Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}"}
    # The mark at the start makes spreadsheets read UTF-8.
    return Response(f"\ufeff{text}", media_type="text/csv; charset=utf-8", headers=named)
