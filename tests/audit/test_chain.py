"""The chain: whatever is changed behind the app's back is found (AU-01)."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from motlink.audit.models import AuditEntry, AuditHead
from motlink.staff.actions import switch_role
from motlink.work import begin_work, system
from tests.acts import do, faults, switching
from tests.installation import forget
from tests.people import Practice

pytestmark = [pytest.mark.req("AU-01"), pytest.mark.asvs("16.4.2")]


def entry(session: Session, practice: Practice, place: int) -> AuditEntry:
    query = select(AuditEntry).where(AuditEntry.org_id == practice.org).order_by(col(AuditEntry.number))
    return session.exec(query).all()[place]


def changed_payload(session: Session, practice: Practice) -> None:
    entry(session, practice, 2).payload = {"name": "Someone else"}


def changed_time(session: Session, practice: Practice) -> None:
    one = entry(session, practice, 2)
    one.at = one.at.replace(year=2020)


def changed_actor(session: Session, practice: Practice) -> None:
    entry(session, practice, -1).actor_id = None


def changed_act(session: Session, practice: Practice) -> None:
    entry(session, practice, -1).action = "staff.role_off"


def changed_salt(session: Session, practice: Practice) -> None:
    entry(session, practice, 2).salt = "0" * 32


def moved_to_another_practice(session: Session, practice: Practice) -> None:
    one = entry(session, practice, -1)
    one.chain, one.org_id, one.number = str(practice.other_org), practice.other_org, 99


def details_taken_away(session: Session, practice: Practice) -> None:
    entry(session, practice, 2).payload = None


def deleted_inside(session: Session, practice: Practice) -> None:
    session.delete(entry(session, practice, 2))


def deleted_first(session: Session, practice: Practice) -> None:
    session.delete(entry(session, practice, 0))


def deleted_newest(session: Session, practice: Practice) -> None:
    session.delete(entry(session, practice, -1))


def swapped(session: Session, practice: Practice) -> None:
    one, other = entry(session, practice, 1), entry(session, practice, 2)
    numbers = one.number, other.number
    one.number = 999
    session.flush()
    other.number = numbers[0]
    session.flush()
    one.number = numbers[1]


def head_set_back(session: Session, practice: Practice) -> None:
    session.get_one(AuditHead, str(practice.org)).number -= 1


def head_deleted(session: Session, practice: Practice) -> None:
    session.delete(session.get_one(AuditHead, str(practice.org)))


def whole_chain_deleted(session: Session, practice: Practice) -> None:
    session.execute(text("DELETE FROM auditentry WHERE chain = :chain"), {"chain": str(practice.org)})
    head_deleted(session, practice)


TAMPERINGS: tuple[Callable[[Session, Practice], None], ...] = (
    changed_payload, details_taken_away, changed_time, changed_actor, changed_act, changed_salt,
    moved_to_another_practice, deleted_inside, deleted_first, deleted_newest, swapped,
    head_set_back, head_deleted, whole_chain_deleted,
)  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda one: one.__name__)
def test_what_is_done_behind_the_apps_back_is_found(
    practice: Practice, tamper: Callable[[Session, Practice], None]
) -> None:
    do(practice, practice.ben, switch_role, **switching(practice, practice.cleo, "biller", on=True))
    assert faults() == []

    with begin_work(system()) as work:
        tamper(work.session, practice)

    found = faults()
    assert found and str(practice.org) in " ".join(found)


def test_the_chain_goes_on_after_many_acts_and_in_each_practice_of_its_own(practice: Practice) -> None:
    for on in (True, False) * 3:
        do(practice, practice.ben, switch_role, **switching(practice, practice.cleo, "biller", on=on))

    with begin_work(system(), writes=False) as work:
        heads = {head.chain: head.number for head in work.session.exec(select(AuditHead))}
    assert set(heads) == {str(practice.org), str(practice.other_org)}
    assert heads[str(practice.org)] > heads[str(practice.other_org)]
    assert faults() == []


def test_the_seal_needs_the_installations_key(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTLINK_SECRET", "another key, which is as long as the first")
    forget()

    assert faults()


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu"])
def test_the_chain_holds_whatever_the_servers_time_zone(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    import time

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert faults() == []
    finally:
        monkeypatch.undo()
        time.tzset()
