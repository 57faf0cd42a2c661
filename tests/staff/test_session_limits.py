"""How long a sign-in lasts is each practice's choice, and before grave acts the password is asked for again."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlmodel import col, select
from starlette.testclient import TestClient

from motlink.accounts.actions import open_session
from motlink.accounts.models import Account, AccountSession
from motlink.accounts.passwords import hash_password
from motlink.accounts.proof import FRESH_FOR, PasswordNeeded, note_proof
from motlink.accounts.queries import digest_of, places_found, places_open
from motlink.audit.undo import UndoRefused, undo
from motlink.errors import Invalid, MotlinkError
from motlink.orgs.models import Organization
from motlink.orgs.rules import SettingsChanged
from motlink.sign_in.actions import Proof, sign_in
from motlink.sign_in.queries import holder_of, signed_in
from motlink.sign_in.routes import routes
from motlink.sign_in.timing import session_ending, span, stay_signed_in, why_out
from motlink.staff.actions import deactivate
from motlink.staff.agents import add_agent
from motlink.staff.locking import choose_lock
from motlink.staff.models import StaffMember
from motlink.staff.session_limits import SignedOut, choose_session_limits, session_limits, signed_out_by
from motlink.sweeps import sweep_sessions
from motlink.web import rate
from motlink.work import begin_work, nobody, system
from tests.acts import cleo_and_strangers_may_not, count, do, faults, refusal, see
from tests.agents.agents import add, agent_elsewhere, key
from tests.people import PASSWORD, Practice, add_person
from tests.sign_in.test_everywhere import told
from tests.test_races import at_once

NOON = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)
CLEO = "cleo.marchetti@riverbend.example"


def choice(idle: str = "", whole: str = "", most: str = "", version: int = 1) -> dict[str, Any]:
    return {"idle": idle, "whole": whole, "most": most, "version": version}


def limit(org_id: UUID, **values: int | None) -> None:
    with begin_work(system()) as work:
        org = work.session.get_one(Organization, org_id)
        for field, value in values.items():
            setattr(org, field, value)
        work.add(org)


def cookie_of(member_id: UUID, *, at: datetime = NOON) -> str:
    with begin_work(system(), at=at) as work:
        account_id = work.session.get_one(StaffMember, member_id).account_id
        return open_session(work, account_id=account_id)


def is_in(cookie: str, org: UUID | None, at: datetime) -> bool:
    find = signed_in(digest_of(cookie)) if org else holder_of(digest_of(cookie))
    try:
        with begin_work(find, org=org, writes=False, at=at):
            return True
    except MotlinkError:
        return False


def use(cookie: str, org: UUID, at: datetime) -> None:
    with begin_work(signed_in(digest_of(cookie)), org=org, at=at) as work:
        stay_signed_in(work)


def session_of(cookie: str) -> AccountSession:
    with begin_work(system(), writes=False) as work:
        digest = digest_of(cookie)
        return work.session.exec(select(AccountSession).where(AccountSession.digest == digest)).one()


# The choice -----------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("7.1.1")
def test_an_owner_chooses_and_undoes_it(practice: Practice) -> None:
    shown = see(practice, practice.ana, session_limits)
    assert (shown.idle, shown.whole, shown.most) == ("", "", "")
    assert (shown.default_idle, shown.default_whole) == (60, 12)

    done = do(practice, practice.ana, choose_session_limits, **choice("15", "8", "3"))

    shown = see(practice, practice.ana, session_limits)
    assert (shown.idle, shown.whole, shown.most, shown.version) == ("15", "8", "3", 2)
    do(practice, practice.ana, undo, entry_id=done.undo)
    shown = see(practice, practice.ana, session_limits)
    assert (shown.idle, shown.whole, shown.most) == ("", "", "")
    assert faults() == []


def test_others_may_neither_see_nor_choose(practice: Practice) -> None:
    cleo_and_strangers_may_not(practice, choose_session_limits, of_member=False, **choice("15"))
    cleo_and_strangers_may_not(practice, session_limits, of_member=False)


def test_before_it_is_saved_an_owner_sees_how_many_it_signs_out(practice: Practice) -> None:
    cookie_of(practice.ana, at=NOON)
    cookie_of(practice.ben, at=NOON - timedelta(minutes=20))
    cookie_of(practice.cleo, at=NOON - timedelta(minutes=50))
    cookie_of(practice.dov, at=NOON - timedelta(minutes=50))

    def out(idle: str = "", whole: str = "") -> int:
        return see(practice, practice.ana, signed_out_by, at=NOON, idle=idle, whole=whole).people  # type: ignore[no-any-return]

    assert [out("15"), out("30"), out("60"), out("10080")] == [2, 1, 0, 0]
    refusal(practice, practice.ana, signed_out_by, Invalid, idle="x", whole="")
    cleo_and_strangers_may_not(practice, signed_out_by, of_member=False, idle="", whole="")


def test_it_says_whether_that_ends_the_session_in_use(practice: Practice) -> None:
    old = cookie_of(practice.ana, at=NOON - timedelta(hours=2))
    use(old, practice.org, NOON - timedelta(hours=1, minutes=20))
    use(old, practice.org, NOON - timedelta(minutes=30))
    new = cookie_of(practice.ana, at=NOON)
    cookie_of(practice.ben, at=NOON)

    def out(cookie: str, whole: str) -> SignedOut:
        with begin_work(signed_in(digest_of(cookie)), org=practice.org, writes=False, at=NOON) as work:
            return signed_out_by(work, idle="60", whole=whole)

    assert [out(old, "1"), out(new, "1")] == [SignedOut(1, you=True), SignedOut(1, you=False)]
    assert [out(old, "4"), out(new, "4")] == [SignedOut(0, you=False)] * 2


def test_who_saves_over_anothers_choice_is_asked_to_look_first(practice: Practice) -> None:
    do(practice, practice.ana, choose_session_limits, **choice("15"))

    refusal(practice, practice.ana, choose_session_limits, SettingsChanged, **choice("30"))

    assert see(practice, practice.ana, session_limits).idle == "15"


def test_what_was_changed_again_is_not_undone(practice: Practice) -> None:
    done = do(practice, practice.ana, choose_session_limits, **choice("15"))
    do(practice, practice.ana, choose_session_limits, **choice("30", version=2))

    refusal(practice, practice.ana, undo, UndoRefused, entry_id=done.undo)


@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize(
    "given",
    [choice("14"), choice("10081"), choice("x"), choice(whole="0"), choice(whole="721"), choice(most="0"),
     choice("１５"), choice("-15"), choice(" 15")],
)  # fmt: skip
def test_what_stands_in_no_list_is_refused(practice: Practice, given: dict[str, Any]) -> None:
    refusal(practice, practice.ana, choose_session_limits, Invalid, **given)


def test_a_wait_that_is_longer_than_the_whole_is_refused(practice: Practice) -> None:
    refusal(practice, practice.ana, choose_session_limits, Invalid, **choice("1440", "8"))
    refusal(practice, practice.ana, choose_session_limits, Invalid, **choice("10080"))


# What follows from it -------------------------------------------------------------------------------------------------


@pytest.mark.asvs("7.3.1")
@pytest.mark.parametrize(
    ("minutes", "later", "still_in"),
    [
        (None, timedelta(minutes=59, seconds=59), True), (None, timedelta(minutes=60), False),
        (15, timedelta(minutes=14, seconds=59), True), (15, timedelta(minutes=15), False),
    ],
)  # fmt: skip
def test_without_use_a_session_ends(
    practice: Practice, minutes: int | None, later: timedelta, still_in: bool
) -> None:
    limit(practice.org, idle_minutes=minutes)
    cookie = cookie_of(practice.cleo)
    use(cookie, practice.org, NOON + timedelta(minutes=10))

    assert is_in(cookie, practice.org, NOON + timedelta(minutes=10) + later) == still_in
    assert is_in(cookie, None, NOON + timedelta(minutes=10) + later) == still_in


@pytest.mark.asvs("7.3.2")
@pytest.mark.parametrize(
    ("hours", "later", "still_in"),
    [
        (None, timedelta(hours=11, minutes=59), True), (None, timedelta(hours=12), False),
        (1, timedelta(minutes=59, seconds=59), True), (1, timedelta(hours=1), False),
        (720, timedelta(days=29, hours=23), True), (720, timedelta(days=30), False),
    ],
)  # fmt: skip
def test_in_any_case_a_session_ends_however_it_is_used(
    practice: Practice, hours: int | None, later: timedelta, still_in: bool
) -> None:
    limit(practice.org, session_hours=hours, idle_minutes=10080)
    cookie = cookie_of(practice.cleo)
    day = timedelta(days=1)
    for number in range(later // day):
        use(cookie, practice.org, NOON + (number + 1) * day - timedelta(minutes=30))
    if later < day:
        use(cookie, practice.org, NOON + later / 2)

    assert is_in(cookie, practice.org, NOON + later) == still_in
    assert is_in(cookie, None, NOON + later) == still_in


@pytest.mark.asvs("7.3.1", "7.3.2")
def test_each_practice_decides_for_its_own_screens(practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    limit(practice.org, idle_minutes=15)
    limit(practice.other_org, idle_minutes=480)
    cookie, later = cookie_of(practice.cleo), NOON + timedelta(minutes=20)

    assert not is_in(cookie, practice.org, later)
    # Outside of a practice's screens the longer one counts.
    assert is_in(cookie, practice.other_org, later) and is_in(cookie, None, later)
    # Somebody is there again, but who? What was over where less is allowed stays over.
    use(cookie, practice.other_org, later)
    assert not is_in(cookie, practice.org, later + timedelta(minutes=1))
    assert is_in(cookie, practice.other_org, later + timedelta(minutes=1))
    with begin_work(system(), writes=False) as work:
        found = places_found(work.session, {session_of(cookie).id}, later + timedelta(minutes=1))
    over, there = found[session_of(cookie).id, practice.org], found[session_of(cookie).id, practice.other_org]
    assert over.ends_at <= later < there.ends_at and over.for_want_of_use


def test_use_in_one_practice_is_use_in_all_while_nobody_was_away(practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    limit(practice.org, idle_minutes=15)
    limit(practice.other_org, idle_minutes=480)
    cookie = cookie_of(practice.cleo)

    for minutes in (14, 28, 42):
        use(cookie, practice.other_org, NOON + timedelta(minutes=minutes))

    assert is_in(cookie, practice.org, NOON + timedelta(minutes=56))
    assert session_of(cookie).longest_pause == 14 * 60


def test_a_practice_that_let_somebody_go_decides_nothing_any_more(practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        there = add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
        work.get(StaffMember, there).deactivated_at = work.now
    limit(practice.other_org, idle_minutes=480)

    assert not is_in(cookie_of(practice.cleo), None, NOON + timedelta(minutes=61))


@pytest.mark.req("LV-01")
def test_open_tabs_are_found_whose_time_is_up_and_told_apart_from_those_that_are_shut(
    practice: Practice,
) -> None:
    limit(practice.org, idle_minutes=15)
    cookie = cookie_of(practice.cleo)
    key = (session_of(cookie).id, practice.org)
    later = NOON + timedelta(minutes=15)
    with begin_work(system(), writes=False) as work:
        assert places_open(work.session, {key[0]}, later - timedelta(seconds=1)).keys() == {key}
        assert places_open(work.session, {key[0]}, later) == {}
        found = places_found(work.session, {key[0]}, later)[key]

    assert (found.ends_at, found.for_want_of_use) == (later, True)
    with begin_work(system(), org=practice.org) as work:
        work.get(StaffMember, practice.cleo).deactivated_at = work.now
    with begin_work(system(), writes=False) as work:
        assert places_found(work.session, {key[0]}, later) == {}


def ending(cookie: str, org: UUID, at: datetime) -> Any:
    with begin_work(signed_in(digest_of(cookie)), org=org, writes=False, at=at) as work:
        return session_ending(work)


def test_two_minutes_before_a_page_says_so_and_staying_moves_the_end(practice: Practice) -> None:
    limit(practice.org, idle_minutes=15, session_hours=1)
    cookie = cookie_of(practice.cleo)

    assert ending(cookie, practice.org, NOON + timedelta(minutes=12, seconds=59)).at == ""
    soon = ending(cookie, practice.org, NOON + timedelta(minutes=13))
    assert (soon.at, soon.for_want_of_use, soon.lasts) == ("7:15 AM", True, "15 minutes")
    use(cookie, practice.org, NOON + timedelta(minutes=13))
    assert ending(cookie, practice.org, NOON + timedelta(minutes=14)).at == ""

    for minutes in range(25, 60, 12):
        use(cookie, practice.org, NOON + timedelta(minutes=minutes))
    last = ending(cookie, practice.org, NOON + timedelta(minutes=59))
    assert (last.at, last.for_want_of_use, last.lasts) == ("8:00 AM", False, "1 hour")


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(minutes=15), "15 minutes"), (timedelta(minutes=90), "90 minutes"), (timedelta(hours=1), "1 hour"),
        (timedelta(hours=12), "12 hours"), (timedelta(days=1), "1 day"), (timedelta(days=30), "30 days"),
    ],
)  # fmt: skip
def test_spans_are_said_as_people_say_them(time: timedelta, words: str) -> None:
    assert span(time) == words


@pytest.mark.asvs("7.3.1", "7.3.2")
@pytest.mark.parametrize("longer", [choice("10080", "720"), choice("", "720")])
def test_what_is_over_stays_over_when_a_limit_becomes_longer(
    practice: Practice, longer: dict[str, Any]
) -> None:
    limit(practice.org, idle_minutes=15)
    monday, today = NOON, NOON + timedelta(hours=20)
    over, elsewhere = cookie_of(practice.cleo, at=monday), cookie_of(practice.dov, at=monday)
    fresh = cookie_of(practice.ben, at=today - timedelta(minutes=14))

    with begin_work(
        signed_in(digest_of(cookie_of(practice.ana, at=today))), org=practice.org, at=today
    ) as work:
        work.do(choose_session_limits, **longer)

    assert not is_in(over, practice.org, today) and is_in(fresh, practice.org, today)
    assert session_of(over).ended_at == today and session_of(elsewhere).ended_at is None


@pytest.mark.asvs("7.3.1")
def test_a_longer_limit_revives_nobody_who_works_elsewhere_too(practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    limit(practice.org, idle_minutes=15)
    limit(practice.other_org, idle_minutes=10080)
    later = NOON + timedelta(minutes=50)
    cookie = cookie_of(practice.cleo)

    with begin_work(
        signed_in(digest_of(cookie_of(practice.ana, at=later))), org=practice.org, at=later
    ) as work:
        work.do(choose_session_limits, **choice("60"))

    assert not is_in(cookie, practice.org, later)


@pytest.mark.asvs("7.3.1")
@pytest.mark.req("TA-24")
@pytest.mark.parametrize("comes", ["added by code", "reactivated"])
def test_a_place_that_opens_in_a_practice_of_longer_limits_revives_nothing(
    practice: Practice, comes: str
) -> None:
    account_id = agent_elsewhere(practice)
    limit(practice.other_org, idle_minutes=15)
    limit(practice.org, idle_minutes=10080)
    later = NOON + timedelta(minutes=50)
    if comes == "reactivated":
        do(practice, practice.ana, deactivate, member_id=add(practice, practice.ana, account_id))
    with begin_work(system(), at=NOON) as work:
        cookie = open_session(work, account_id=account_id)
    assert not is_in(cookie, None, later)

    token, code = key(account_id)
    do(practice, practice.ana, add_agent, token=token, code=code, at=later)

    assert not is_in(cookie, None, later)
    with begin_work(system(), at=later) as work:
        fresh = open_session(work, account_id=account_id)
    assert is_in(fresh, None, later + timedelta(hours=11))


@pytest.mark.asvs("7.3.1")
def test_the_sweep_ends_what_no_practice_keeps_open(practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    limit(practice.other_org, idle_minutes=480)
    now = datetime.now(UTC)
    cleos, bens = (cookie_of(who, at=now - timedelta(minutes=61)) for who in (practice.cleo, practice.ben))

    sweep_sessions()

    assert still_open([cleos, bens]) == [True, False]
    with begin_work(system(), writes=False) as work:
        assert why_out(work, digest=digest_of(bens), slug="") == ("idle", "1 hour")


# How many at once -----------------------------------------------------------------------------------------------------


def still_open(cookies: list[str]) -> list[bool]:
    return [session_of(cookie).ended_at is None for cookie in cookies]


def test_a_new_sign_in_ends_the_oldest_where_only_so_many_may_be_open(practice: Practice) -> None:
    limit(practice.org, most_sessions=2)

    cookies = [cookie_of(practice.cleo, at=NOON + timedelta(minutes=number)) for number in range(4)]

    assert still_open(cookies) == [False, False, True, True]
    assert [session_of(cookie).ended_why for cookie in cookies] == ["newer", "newer", "", ""]


def test_a_session_that_has_run_out_takes_no_room(practice: Practice) -> None:
    limit(practice.org, most_sessions=2)
    moments = (NOON, NOON + timedelta(minutes=50), NOON + timedelta(minutes=70))

    cookies = [cookie_of(practice.cleo, at=at) for at in moments]

    assert still_open(cookies) == [True, True, True]


@pytest.mark.parametrize(("mine", "theirs", "left"), [(None, None, 4), (3, None, 3), (3, 1, 1), (None, 2, 2)])
def test_the_strictest_of_ones_practices_decides(
    practice: Practice, mine: int | None, theirs: int | None, left: int
) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    limit(practice.org, most_sessions=mine)
    limit(practice.other_org, most_sessions=theirs)

    cookies = [cookie_of(practice.cleo) for _ in range(4)]

    assert sum(still_open(cookies)) == left
    assert sum(still_open([cookie_of(practice.ben)])) == 1


@pytest.mark.soak
@pytest.mark.asvs("15.4.2")
def test_of_eight_sign_ins_at_once_no_more_stay_than_may(practice: Practice) -> None:
    limit(practice.org, most_sessions=2)
    with begin_work(system()) as work:
        account = work.session.exec(select(Account).where(Account.email == CLEO)).one()
        account.password_hash = "hash"
        work.add(account)

    def enter() -> Any:
        with begin_work(nobody(), org=practice.org) as work:
            return sign_in(work, login=CLEO, proof=Proof(True, "hash"))

    entries = at_once(*([enter] * 8))

    assert all(entry and entry.token for entry in entries)
    assert count(AccountSession, col(AccountSession.ended_at).is_(None)) == 2


# The password again ---------------------------------------------------------------------------------------------------


def changes(cookie: str, org: UUID, at: datetime, action: Any, **given: Any) -> Any:
    with begin_work(signed_in(digest_of(cookie)), org=org, at=at) as work:
        return work.do(action, **given)


@pytest.mark.asvs("7.5.1")
@pytest.mark.parametrize(
    ("action", "given"),
    [(choose_lock, {"choice": "90", "version": 1}), (choose_session_limits, choice("15"))],
)
def test_security_is_changed_only_by_who_has_just_typed_the_password(
    practice: Practice, action: Any, given: dict[str, Any]
) -> None:
    cookie = cookie_of(practice.ana)
    late = NOON + FRESH_FOR

    with pytest.raises(PasswordNeeded):
        changes(cookie, practice.org, late, action, **given)
    assert count(Organization, Organization.version == 2) == 0

    with begin_work(signed_in(digest_of(cookie)), org=practice.org, at=late) as work:
        account = work.session.get_one(StaffMember, practice.ana).account_id
        work.session.get_one(Account, account).password_hash = "hash"
        assert note_proof(work, seen_hash="hash") and not note_proof(work, seen_hash="another")
    assert changes(cookie, practice.org, late + FRESH_FOR - timedelta(seconds=1), action, **given).undo


@pytest.mark.asvs("7.5.1")
def test_an_undo_asks_for_it_too(practice: Practice) -> None:
    cookie = cookie_of(practice.ana)
    done = changes(cookie, practice.org, NOON, choose_session_limits, **choice("30"))

    with pytest.raises(PasswordNeeded):
        changes(cookie, practice.org, NOON + FRESH_FOR, undo, entry_id=done.undo)


def test_a_new_session_of_another_browser_proves_nothing_for_this_one(practice: Practice) -> None:
    old = cookie_of(practice.ana)
    cookie_of(practice.ana, at=NOON + timedelta(minutes=15))

    with pytest.raises(PasswordNeeded):
        changes(old, practice.org, NOON + timedelta(minutes=16), choose_session_limits, **choice("30"))


@pytest.fixture
def browser(practice: Practice) -> Any:
    """Ana's browser at the door."""
    rate.limiter.cache_clear()
    with begin_work(system()) as work:
        account = work.session.get_one(Account, work.session.get_one(StaffMember, practice.ana).account_id)
        account.username, account.password_hash = "ana", hash_password(PASSWORD)
        work.add(account)
    with TestClient(routes(), base_url="http://localhost:3000", follow_redirects=False) as door:
        assert door.post("/sign-in", data={"login": "ana", "password": PASSWORD}).status_code == 303
        yield door
    rate.limiter.cache_clear()


def proved_at() -> datetime | None:
    with begin_work(system(), writes=False) as work:
        return work.session.exec(select(AccountSession.proved_at)).one()


@pytest.mark.asvs("7.5.1", "6.3.1")
def test_the_small_step_takes_the_right_password_alone_and_leads_back(
    browser: TestClient, practice: Practice
) -> None:
    way = "/p/riverbend-therapy/settings/security?lock=90"
    later = datetime.now(UTC) + timedelta(minutes=20)
    with time_machine.travel(later, tick=False):
        page = browser.get("/account/again", params={"next": way})
        assert page.status_code == 200 and f'value="{way}"' in page.text
        wrong = browser.post("/account/again", data={"current": "wrong, sadly", "next": way})
        assert wrong.status_code == 401 and "This is not your password." in wrong.text
        assert "sadly" not in wrong.text and proved_at() != later

        right = browser.post("/account/again", data={"current": PASSWORD, "next": way})

        assert (right.status_code, right.headers["location"]) == (303, way)
        assert proved_at() == later
        said = [browser.post("/account/again", data={"current": f"wrong {n}"}).status_code for n in range(12)]
    assert said == [401] * 9 + [429] * 3
    assert told("proof.wrong") == [practice.org] * 10


@pytest.mark.parametrize(
    "evil", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", ""]
)
def test_the_small_step_leads_nowhere_else(browser: TestClient, evil: str) -> None:
    answer = browser.post("/account/again", data={"current": PASSWORD, "next": evil})

    assert answer.headers["location"] == "/account"
    assert "evil" not in browser.get("/account/again", params={"next": evil}).text


@pytest.mark.asvs("3.5.1")
def test_nobody_else_proves_anything(browser: TestClient) -> None:
    before = proved_at()
    stranger = TestClient(routes(), base_url="http://localhost:3000", follow_redirects=False)
    data = {"current": PASSWORD}

    assert stranger.post("/account/again", data=data).headers["location"] == "/sign-in?next=/account"
    assert (
        browser.post("/account/again", data=data, headers={"origin": "http://evil.example"}).status_code
        == 403
    )
    assert proved_at() == before


# What the door says ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "later", "words"),
    [
        ({}, timedelta(minutes=60), "was not used here for 1 hour"),
        ({"idle_minutes": 15}, timedelta(minutes=16), "was not used here for 15 minutes"),
        ({"session_hours": 1}, timedelta(minutes=60), "a sign-in lasts 1 hour here"),
    ],
)
def test_the_door_says_which_limit_ended_a_session(
    browser: TestClient, practice: Practice, limits: dict[str, int], later: timedelta, words: str
) -> None:
    limit(practice.org, **limits)
    with time_machine.travel(datetime.now(UTC) + later, tick=False):
        page = browser.get("/sign-in", params={"next": "/p/riverbend-therapy/settings/staff"}).text
        stranger = TestClient(routes(), base_url="http://localhost:3000").get("/sign-in").text

    assert words in page and "You were signed out" not in stranger


def test_the_door_says_that_a_newer_sign_in_ended_this_one(browser: TestClient, practice: Practice) -> None:
    limit(practice.org, most_sessions=1)
    other = TestClient(routes(), base_url="http://localhost:3000", follow_redirects=False)

    assert other.post("/sign-in", data={"login": "ana", "password": PASSWORD}).status_code == 303

    assert browser.get("/account").headers["location"] == "/sign-in?next=/account"
    assert "this was the oldest" in browser.get("/sign-in?next=/account").text
    assert "You were signed out" not in other.get("/sign-in").text
