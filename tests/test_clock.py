"""R12: the database says what time it is. Links last their hour and no more, whatever the clocks of our machines do."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from motlink import clock
from motlink.accounts.actions import write_set_up_link
from motlink.errors import MotlinkError
from motlink.sign_in.email_change import open_change
from motlink.sign_in.invited import open_invitation
from motlink.sign_in.resets import open_reset
from motlink.sign_in.set_up import owner_of_set_up
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.resets import send_reset
from motlink.work import Work, begin_work, nobody, system
from tests.acts import add_someone, do, faults, newest_token
from tests.installation import forget
from tests.people import Practice, stranger_and_practice
from tests.sign_in.test_email import CLEO, NEW, asked, token_in
from tests.test_races import accept

pytestmark = [pytest.mark.req("R12", "TA-10", "TA-11"), pytest.mark.asvs("6.4.1")]
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
# Half an hour before clocks are put forward and back in New York, and before a leap day ends.
SPRING, AUTUMN = datetime(2030, 3, 10, 6, 30, tzinfo=UTC), datetime(2030, 11, 3, 5, 30, tzinfo=UTC)
LEAP_DAY = datetime(2028, 2, 29, 23, 30, tzinfo=UTC)
BETWEEN = range(1, 200) if os.environ.get("MOTLINK_SOAK") else range(0)
MOMENTS = sorted([LEAP_DAY, SPRING, *(SPRING + one * timedelta(minutes=367) for one in BETWEEN), AUTUMN])


def invite(practice: Practice, at: datetime) -> str:
    email = f"jo{at:%m%d%H%M}@riverbend.example"
    add_someone(practice, practice.ana, "Jo", "therapist", email=email, at=at)
    return newest_token(email)


def reset(practice: Practice, at: datetime) -> str:
    do(practice, practice.ben, send_reset, member_id=practice.cleo, at=at)
    return newest_token(CLEO)


def change(practice: Practice, at: datetime) -> str:
    asked(practice, practice.cleo, NEW, at=at)
    return token_in(NEW, "email_confirm")


def set_up(practice: Practice, at: datetime) -> str:
    with begin_work(system(), at=at) as work:
        account_id = work.session.get_one(StaffMember, practice.dov).account_id
        return write_set_up_link(work, account_id=account_id)


KINDS: dict[str, tuple[Callable[[Practice, datetime], str], Callable[[Work, str], Any]]] = {
    "invitation": (invite, lambda work, token: open_invitation(work.session, token, work.now)),
    "reset": (reset, lambda work, token: open_reset(work, token=token)),
    "change of email": (change, lambda work, token: open_change(work, token=token)),
    "set-up": (set_up, lambda work, token: owner_of_set_up(work, token=token)),
}


def is_open(kind: str, token: str, at: datetime) -> bool:
    try:
        with begin_work(nobody(), writes=False, at=at) as work:
            KINDS[kind][1](work, token)
        return True
    except MotlinkError:
        return False


@contextmanager
def wrong_clock(by: timedelta) -> Iterator[None]:
    """Let this machine's clock be wrong, and ask the database anew."""
    with time_machine.travel(datetime.now(UTC) + by, tick=True):
        clock.forget()
        yield
    clock.forget()


@pytest.fixture
def asks_database(own_clock: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Follow the database's clock, as outside of tests."""
    monkeypatch.setattr(clock, "follows_database", True)
    clock.forget()
    yield
    clock.forget()


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_r12_a_link_is_open_at_59_59_and_closed_at_60_00_and_60_01(practice: Practice, kind: str) -> None:
    for at in MOMENTS:
        token = KINDS[kind][0](practice, at)

        found = [is_open(kind, token, at + HOUR + late) for late in (-SECOND, timedelta(0), SECOND)]

        assert found == [True, False, False], at
    assert faults() == []


@pytest.mark.parametrize("hours", [2, -2, 1 / 12])
def test_r12_a_machine_whose_clock_is_wrong_goes_by_the_database(
    postgresql: str, asks_database: None, hours: float
) -> None:
    started, counted = datetime.now(UTC), time.monotonic()

    with wrong_clock(timedelta(hours=hours)), begin_work(system(), writes=False) as work:
        true = started + timedelta(seconds=time.monotonic() - counted)
        assert abs(work.now - true) < 2 * SECOND


@pytest.mark.parametrize("hours", [2, -2])
def test_r12_neither_a_link_from_such_a_machine_nor_one_that_it_judges_lasts_longer_or_shorter(
    postgresql: str, asks_database: None, hours: int
) -> None:
    practice = stranger_and_practice()
    with wrong_clock(timedelta(hours=hours)):
        email = "jo@riverbend.example"
        jo = add_someone(practice, practice.ana, "Jo", "therapist", email=email).id
    with begin_work(system(), writes=False) as work:
        link = work.session.exec(select(Invitation).where(Invitation.member_id == jo)).one()
        assert abs(link.expires_at - work.now - HOUR) < 5 * SECOND
    with wrong_clock(timedelta(hours=-hours)):
        accept(practice, newest_token(email), "jo.li")


def test_r12_a_clock_that_is_set_back_while_we_run_changes_nothing(
    postgresql: str, asks_database: None
) -> None:
    before = clock.now()

    with time_machine.travel(datetime.now(UTC) - HOUR, tick=True):
        after = clock.now()

    assert timedelta(0) <= after - before < 5 * SECOND


def test_r12_while_the_database_is_away_the_last_answer_counts_on(
    postgresql: str, asks_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "ASK_EVERY", 0.0)
    before = clock.now()
    monkeypatch.setenv("MOTLINK_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    forget()

    assert timedelta(0) <= clock.now() - before < 10 * SECOND


def test_r12_on_one_machine_a_clock_that_steps_back_gives_no_used_link_back(practice: Practice) -> None:
    noon = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)
    token = invite(practice, noon)
    with time_machine.travel(noon + timedelta(minutes=30), tick=False):
        accept(practice, token, "jo.li")

    with time_machine.travel(noon - timedelta(minutes=30), tick=False), pytest.raises(MotlinkError):
        accept(practice, token, "jo.again")
    assert faults() == []
