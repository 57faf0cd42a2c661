"""Links: opened by anyone any number of times, used once, by the newest holder."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from starlette.testclient import TestClient

from motlink.accounts.actions import write_set_up_link
from motlink.accounts.models import Account
from motlink.staff.actions import deactivate
from motlink.staff.invitations import send_invitation
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.acts import add_someone, newest_token
from tests.people import PASSWORD, Practice

pytestmark = pytest.mark.req("TA-10")
GOOD = "green bicycles in the rain"
JO = "jo@new.example"


def invited(practice: Practice, *roles: str, email: str = JO, first: str = "Jo") -> StaffMember:
    return add_someone(practice, practice.ana, first, *roles, email=email)


def token_of(email: str = JO) -> str:
    return newest_token(email)


def open_link(door: TestClient, token: str) -> object:
    moved = door.get("/invitation", params={"t": token})
    assert (moved.status_code, moved.headers["location"]) == (303, "/invitation")
    assert "HttpOnly" in moved.headers["set-cookie"] and "Path=/invitation" in moved.headers["set-cookie"]
    return door.get("/invitation")


def accept(door: TestClient, username: str = "jo.li", password: str = GOOD) -> object:
    return door.post("/invitation", data={"username": username, "password": password})


def test_an_invited_person_comes_in_with_a_role_on(door: TestClient, practice: Practice) -> None:
    invited(practice, "therapist")
    page = open_link(door, token_of())
    assert page.status_code == 200 and "Riverbend Therapy" in page.text and token_of() not in page.text
    answer = accept(door, username=" Jo.LI ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/p/riverbend-therapy")
    assert "motlink=" in str(answer.headers.get_list("set-cookie"))
    assert door.get("/choose-practice").headers["location"] == "/p/riverbend-therapy"
    assert door.post("/sign-in", data={"login": "jo.li", "password": GOOD}).status_code == 303


def test_without_a_role_a_page_says_that_the_practice_must_give_one(
    door: TestClient, practice: Practice
) -> None:
    invited(practice)
    open_link(door, token_of())
    answer = accept(door)
    assert answer.status_code == 200 and "Your practice has to give you a role" in answer.text
    assert "motlink=" not in str(
        [c for c in answer.headers.get_list("set-cookie") if not c.startswith("motlink-invitation")]
    )
    assert door.post("/sign-in", data={"login": "jo.li", "password": GOOD}).status_code == 401


@pytest.mark.asvs("3.5.3")
def test_opening_a_link_a_hundred_times_uses_nothing_up(door: TestClient, practice: Practice) -> None:
    invited(practice, "therapist")
    token = token_of()
    for _ in range(50):
        assert door.head("/invitation", params={"t": token}).status_code == 303
        assert open_link(door, token).status_code == 200
        assert door.head("/invitation").status_code == 200
    assert accept(door).status_code == 303
    again = open_link(door, token)
    assert again.status_code == 410 and "This invitation has been used" in again.text


@pytest.mark.req("TA-11")
@pytest.mark.asvs("6.4.1")
@pytest.mark.parametrize(
    ("later", "status"), [(timedelta(minutes=59, seconds=59), 200), (timedelta(hours=1, seconds=1), 410)]
)
def test_a_link_closes_after_an_hour(
    door: TestClient, practice: Practice, later: timedelta, status: int
) -> None:
    start = datetime.now(UTC)
    invited(practice, "therapist")
    with time_machine.travel(start + later, tick=False):
        page = open_link(door, token_of())
        assert page.status_code == status
        if status == 410:
            assert (
                "This invitation has expired" in page.text and "It was valid for 1 hour, until " in page.text
            )
            assert "New York time" in page.text and "Riverbend" not in page.text and "jo@" not in page.text
            assert accept(door).status_code == 410


@pytest.mark.parametrize("path", ["/invitation", "/reset", "/email", "/email-back", "/set-up"])
@pytest.mark.parametrize("token", ["%E2%82%AC", "%ff", "%ED%A0%80", "a%00b", "a%0d%0ab", "x" * 5000])
def test_what_is_no_token_is_an_unknown_link(door: TestClient, path: str, token: str) -> None:
    moved = door.get(f"{path}?t={token}")

    assert (moved.status_code, moved.headers["location"]) == (303, path)
    assert door.get(path).status_code == 410


@pytest.mark.req("TA-11", "TA-17")
def test_only_the_newest_link_works(door: TestClient, practice: Practice) -> None:
    member = invited(practice, "therapist")
    older = token_of()
    with begin_work(practice.as_(practice.ana), org=practice.org) as work:
        send_invitation(work, member_id=member.id)
    page = open_link(door, older)
    assert page.status_code == 410 and "A newer invitation was sent on " in page.text
    assert accept(door).status_code == 410
    open_link(door, token_of())
    assert accept(door).status_code == 303


@pytest.mark.req("TA-11", "TA-20")
def test_a_link_of_someone_deactivated_is_withdrawn(door: TestClient, practice: Practice) -> None:
    member = invited(practice, "therapist")
    open_link(door, token_of())
    with begin_work(practice.as_(practice.ana), org=practice.org) as work:
        deactivate(work, member_id=member.id)
    answer = accept(door)
    assert answer.status_code == 410 and "has been withdrawn" in answer.text


@pytest.mark.req("TA-11")
@pytest.mark.parametrize("token", ["", "x", "a" * 5000, "é\x00", "'; DROP TABLE invitation; --"])
def test_an_unknown_link_says_that_it_is_not_complete(door: TestClient, token: str) -> None:
    page = open_link(door, token)
    assert page.status_code == 410 and "This link is not complete" in page.text


@pytest.mark.asvs("6.2.1", "6.2.4", "6.2.5", "6.2.9", "6.2.11")
@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("a" * 14, "At least 15"), ("abcde fghij kl", "At least 15"), ("passwordpassword", "first that are guessed"),
        ("aaaaaaaaaaaaaaaaaaaa", "first that are guessed"), ("I like RIVERBEND THERAPY a lot", "easy to guess"),
        ("my motlink password here", "easy to guess"), ("this is jo.li speaking", "easy to guess"),
        ("x" * 500 + "abcdefg" * 80, "At most 1000"),
    ],
)  # fmt: skip
def test_a_poor_password_is_refused_beside_its_field(
    door: TestClient, practice: Practice, password: str, word: str
) -> None:
    invited(practice, "therapist")
    open_link(door, token_of())
    answer = accept(door, password=password)
    assert answer.status_code == 422 and word in answer.text
    assert 'value="jo.li"' in answer.text and password not in answer.text
    assert accept(door).status_code == 303


@pytest.mark.asvs("6.2.5", "6.2.8", "6.2.9")
@pytest.mark.parametrize(
    "password",
    [
        "exactly15chars!",
        "😀🎉🌍🚲🌧️ with some emoji",
        "nul\x00inside and more",
        "   spaces at the ends   ",
        "".join(f"{number} bees " for number in range(99)),
    ],
)
def test_any_composition_is_taken_whole(door: TestClient, practice: Practice, password: str) -> None:
    invited(practice, "therapist")
    open_link(door, token_of())
    assert accept(door, password=password).status_code == 303
    assert door.post("/sign-in", data={"login": "jo.li", "password": password}).status_code == 303
    assert door.post("/sign-in", data={"login": "jo.li", "password": password[:-1]}).status_code == 401


@pytest.mark.parametrize(
    ("username", "word"),
    [
        ("", "Choose a username"), ("ab", "3 to 40"), ("a" * 41, "3 to 40"), ("jo@new.example", "3 to 40"),
        ("jo li", "3 to 40"),
        ("ANA", "taken"), ("ａｎａ", "taken"), ("jo\x00li", "3 to 40"), ("‮ana", "3 to 40"),
    ],
)  # fmt: skip
def test_a_username_is_checked_beside_its_field(
    door: TestClient, practice: Practice, username: str, word: str
) -> None:
    invited(practice, "therapist")
    open_link(door, token_of())
    answer = accept(door, username=username)
    assert answer.status_code == 422 and word in answer.text and 'aria-invalid="true"' in answer.text
    assert accept(door).status_code == 303


@pytest.mark.asvs("2.4.1")
def test_usernames_cannot_be_tried_in_bulk(door: TestClient, practice: Practice) -> None:
    invited(practice, "therapist")
    open_link(door, token_of())
    assert [accept(door, username="no").status_code for _ in range(31)][-1] == 429


@pytest.mark.req("TA-24")
def test_someone_with_an_account_signs_in_to_accept(door: TestClient, practice: Practice) -> None:
    member = invited(practice, "therapist", email="dov.stranger@riverbend.example", first="Dov")
    page = open_link(door, token_of("dov.stranger@riverbend.example"))
    assert "Sign in and accept" in page.text and 'name="username"' not in page.text
    assert accept(door, password="wrong password, sadly").status_code == 401
    answer = door.post("/invitation", data={"password": PASSWORD, "username": "hijack"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/choose-practice")
    with begin_work(system(), org=practice.org, writes=False) as work:
        account = work.session.get_one(Account, work.get(StaffMember, member.id).account_id)
    assert account.username == "dov"


@pytest.mark.asvs("3.5.1")
def test_another_site_cannot_accept(door: TestClient, practice: Practice) -> None:
    invited(practice, "therapist")
    open_link(door, token_of())
    data = {"username": "jo.li", "password": GOOD}
    assert door.post("/invitation", data=data, headers={"origin": "http://evil.example"}).status_code == 403


@pytest.mark.req("AC-03")
def test_the_first_owner_sets_the_account_up_by_a_link_from_the_terminal(
    door: TestClient, practice: Practice
) -> None:
    with begin_work(system(), org=practice.org) as work:
        account_id = work.get(StaffMember, practice.ana).account_id
        token = write_set_up_link(work, account_id=account_id)
    assert door.get("/set-up", params={"t": token}).headers["location"] == "/set-up"
    assert "ana.castellanos@" in door.get("/set-up").text
    data = {"username": "ana.new", "password": GOOD}
    assert door.post("/set-up", data={**data, "password": "short"}).status_code == 422
    answer = door.post("/set-up", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, "/p/riverbend-therapy")
    door.get("/set-up", params={"t": token})
    assert door.post("/set-up", data=data).status_code == 410
    assert door.post("/sign-in", data={"login": "ana.new", "password": GOOD}).status_code == 303
