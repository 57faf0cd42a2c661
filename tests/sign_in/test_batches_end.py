"""A batch goes on as its starter: what ends it with them, and what does not (TA-20, TA-31)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from motlink.accounts.models import Account, AccountSession
from motlink.accounts.resets import write_reset_link
from motlink.audit.undo import undo
from motlink.batch_runner import sweep_batches
from motlink.cli_people import end_all_sessions
from motlink.orgs.models import Organization
from motlink.sign_in.queries import signed_in
from motlink.staff.batches import CHUNK, start_batch
from motlink.staff.models import Batch, BatchItem, StaffMember
from motlink.work import begin_work, system
from tests.acts import log, newest_token
from tests.people import PASSWORD, Practice
from tests.staff.test_batches import batch_of, many, role_on

pytestmark = [pytest.mark.req("TA-20", "TA-31"), pytest.mark.asvs("7.4.1", "8.3.2")]
BEN, NEW = "ben.okafor@riverbend.example", "five quiet words, all new"
NEVER_MIND = "ended by force"


@pytest.fixture(autouse=True)
def no_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of the tests are made without one, which a command asks for."""
    monkeypatch.setattr("motlink.cli_people.ready", lambda: None)


def begun(door: TestClient, practice: Practice) -> str:
    """Let ben sign in and set a batch going that is too long for one click; returns his cookie."""
    people = many(practice, CHUNK + 5)
    cookie = sign_in(door)
    with begin_work(signed_in(newest_session().digest), org=practice.org) as work:
        work.do(start_batch, **role_on(practice, people))
    return cookie


def sign_in(door: TestClient) -> str:
    door.cookies.clear()
    assert door.post("/sign-in", data={"login": "ben", "password": PASSWORD}).status_code == 303
    return str(door.cookies["motlink"])


def newest_session() -> AccountSession:
    with begin_work(system(), writes=False) as work:
        query = select(AccountSession).order_by(col(AccountSession.created_at).desc())
        return work.session.exec(query).first()


def outcome(practice: Practice) -> tuple[str, int]:
    """Go on with what waits; returns what has become of the batch and how many were done."""
    sweep_batches()
    batch = batch_of(practice)
    return batch.state, batch.done


def reasons(practice: Practice) -> set[str]:
    with begin_work(system(), writes=False) as work:
        query = select(BatchItem.reason).where(
            BatchItem.batch_id == batch_of(practice).id, BatchItem.outcome == "left"
        )
        return set(work.session.exec(query))


def by_the_operator(door: TestClient) -> None:
    end_all_sessions(email=BEN)


def by_the_holder_elsewhere(door: TestClient) -> None:
    sign_in(door)
    assert door.post("/account/sessions").status_code == 303


def by_a_changed_password(door: TestClient) -> None:
    sign_in(door)
    form = {"current": PASSWORD, "password": NEW}
    assert door.post("/account/password", data=form).status_code in (200, 303)


def by_a_reset_link(door: TestClient) -> None:
    with begin_work(system(), writes=False) as work:
        ben = work.session.exec(select(Account).where(Account.email == BEN)).one()
        org = work.session.exec(select(StaffMember.org_id).where(StaffMember.account_id == ben.id)).one()
    with begin_work(system(), org=org) as work:
        write_reset_link(work, account=work.session.get_one(Account, ben.id))
    door.cookies.clear()
    door.get(f"/reset?t={newest_token(BEN)}", follow_redirects=True)
    assert door.post("/reset", data={"password": NEW}).status_code == 303


@pytest.mark.parametrize(
    "put_out", [by_the_operator, by_the_holder_elsewhere, by_a_changed_password, by_a_reset_link]
)
def test_whose_sessions_are_ended_by_force_goes_on_with_nothing(
    practice: Practice,
    door: TestClient,
    put_out: Callable[[TestClient], None],
) -> None:
    begun(door, practice)

    put_out(door)

    assert outcome(practice) == ("stopped", CHUNK)
    assert all(NEVER_MIND in one for one in reasons(practice))
    assert [entry.payload["done"] for entry in log(practice) if entry.action == "batch.stopped"] == [CHUNK]


def test_a_thief_who_has_signed_out_is_stopped_as_well(practice: Practice, door: TestClient) -> None:
    begun(door, practice)
    door.post("/sign-out")

    by_the_operator(door)

    assert outcome(practice) == ("stopped", CHUNK)


def test_whoever_signs_out_has_their_batch_finished(practice: Practice, door: TestClient) -> None:
    begun(door, practice)

    door.post("/sign-out")

    assert outcome(practice) == ("done", CHUNK + 5)


def test_a_session_that_runs_out_ends_no_batch(practice: Practice, door: TestClient) -> None:
    begun(door, practice)

    with begin_work(system()) as work:
        session = work.session.get_one(AccountSession, newest_session().id)
        session.last_seen_at = session.expires_at = datetime.now(UTC) - timedelta(days=2)

    assert outcome(practice) == ("done", CHUNK + 5)


def test_what_was_begun_in_the_session_that_stays_goes_on(practice: Practice, door: TestClient) -> None:
    sign_in(door)
    begun(door, practice)

    assert door.post("/account/sessions").status_code == 303

    assert outcome(practice) == ("done", CHUNK + 5)


def test_what_is_begun_after_a_new_sign_in_goes_on(practice: Practice, door: TestClient) -> None:
    sign_in(door)
    by_the_operator(door)

    begun(door, practice)

    assert outcome(practice) == ("done", CHUNK + 5)


def test_an_undo_of_many_ends_with_its_session_too(practice: Practice, door: TestClient) -> None:
    begun(door, practice)
    sweep_batches()
    with begin_work(signed_in(newest_session().digest), org=practice.org) as work:
        work.do(undo, entry_id=entry_of(practice))

    by_the_operator(door)

    assert outcome(practice) == ("stopped", CHUNK)


def entry_of(practice: Practice) -> UUID:
    return next(entry.id for entry in log(practice) if entry.action == "batch.started")


def test_a_demand_of_a_second_step_stops_a_batch_of_whoever_has_none(
    practice: Practice,
    door: TestClient,
) -> None:
    begun(door, practice)

    with begin_work(system(), org=practice.org) as work:
        work.session.get_one(Organization, practice.org).second_step_of = "leading"

    assert outcome(practice) == ("stopped", CHUNK)
    assert reasons(practice) == {
        "Whoever started this needs a second step first. Ask an owner or manager of the practice."
    }
    with begin_work(system(), writes=False) as work:
        assert len(work.session.exec(select(Batch)).all()) == 1
