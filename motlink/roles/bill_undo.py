"""How the day of the bill is taken back (UX-02); the slice of practices lies below undo."""

from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, WayBack, payload_of
from motlink.orgs.actions import set_cycle_day
from motlink.orgs.zones import practice_of
from motlink.work import Done, Work


def _cycle_day_back(work: Work, entry: AuditEntry) -> Done:
    org, payload = practice_of(work), payload_of(entry)
    if org.cycle_day != payload["after"]["day"]:
        raise UndoRefused
    return set_cycle_day(work, cycle_day=str(payload["before"]["day"]), version=org.version)


WAYS_BACK: dict[str, WayBack] = {"organization.cycle_day": _cycle_day_back}
