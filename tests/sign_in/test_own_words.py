"""What a password must not hold is the same at every door where one is chosen (ASVS 6.2.11)."""

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from motlink.accounts.actions import write_set_up_link
from motlink.orgs.actions import found_organization
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.people import Practice, add_person
from tests.sign_in.test_links import GOOD, invited, open_link, token_of

pytestmark = [pytest.mark.req("AC-01"), pytest.mark.asvs("6.2.11")]
EMAIL = "chrysanthemum@new.example"
WORDS = [
    "Josephine",
    "Lindqvist",
    "chrysanthemum",
    "Riverbend Therapy",
    "Quiet Harbour",
    "Josie",
    "rose.gard",
    "motlink",
]


def known_in_two_practices(practice: Practice) -> None:
    """Josephine of Riverbend, who is called Josie at Quiet Harbour; nobody has set her account up."""
    invited(practice, "therapist", email=EMAIL, first="Josephine")
    with begin_work(system()) as work:
        found_organization(work, name="Quiet Harbour")
        add_person(work, "Josie", "Lindqvist", "owner", email=EMAIL, joined=False)


def chosen(door: TestClient, path: str, word: str) -> tuple[int, bool]:
    password = f"some {word} of my own"
    answer = door.post(path, data={"username": "rose.gard", "password": password})
    return answer.status_code, f"contains “{word}”" in answer.text


@pytest.mark.parametrize("word", WORDS)
def test_an_invitation_refuses_what_everyone_who_knows_the_person_could_guess(
    door: TestClient, practice: Practice, word: str
) -> None:
    known_in_two_practices(practice)
    open_link(door, token_of(EMAIL))

    assert chosen(door, "/invitation", word) == (422, True)
    assert door.post("/invitation", data={"username": "rose.gard", "password": GOOD}).status_code == 303


@pytest.mark.parametrize("word", WORDS)
def test_the_operators_link_refuses_the_same(door: TestClient, practice: Practice, word: str) -> None:
    known_in_two_practices(practice)
    with begin_work(system(), writes=False) as work:
        member = work.session.exec(select(StaffMember).where(StaffMember.first_name == "Josie")).one()
    with begin_work(system()) as work:
        token = write_set_up_link(work, account_id=member.account_id)
    door.get("/set-up", params={"t": token})

    assert chosen(door, "/set-up", word) == (422, True)


def test_a_name_of_three_letters_is_no_reason(door: TestClient, practice: Practice) -> None:
    invited(practice, "therapist", first="Ana")
    open_link(door, token_of())

    answer = door.post("/invitation", data={"username": "jo.li", "password": "bananas from Panama"})

    assert answer.status_code == 303
