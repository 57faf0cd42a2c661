"""The roster against a plain oracle in Python: search, filters, every sort both ways, pages; never another practice."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlmodel import select

from motlink.accounts.models import Account
from motlink.database import engine
from motlink.errors import NotAllowed
from motlink.folding import fold
from motlink.roles.queries import roles_in_force
from motlink.staff import roster_search
from motlink.staff.actions import add_member, deactivate, switch_role
from motlink.staff.models import StaffMember
from motlink.staff.roster import roster, roster_rows
from motlink.staff.rows import SORTS, RosterRow, RosterView
from motlink.tags.actions import make_tag, put_tag
from motlink.work import begin_work, system
from tests.acts import do, refusal, see, switching
from tests.people import Practice

PEOPLE = [
    ("José", "Álvarez"),
    ("Jo", "de la Cruz"),
    ("Jo", "Delacruz"),
    ("Łukasz", "Żak"),
    ("Zoë", "van Dam"),
    ("Anne-Marie", "O’Neil"),
    ("Anne Marie", "ONeil"),
    ("محمد", "علي"),
    ("武", "金城"),
    ("Søren", "Ørsted"),
    ("jo", "DELACRUZ"),
    ("Ünal", "İpek"),
    ("Straße", "Weiß"),
    ("Percent%", "Under_score"),
    ("Quote'", 'Double"'),
    ("Back\\slash", "<b>Bold</b>"),
]
MOST_QUESTIONS = 12
TAGS = ["Français", "Play Therapy", "Aetna", "ASL", "été"]

pytestmark = pytest.mark.req("TA-03", "TA-04")


@pytest.fixture
def full(practice: Practice, once: Callable[..., None]) -> Practice:
    """The practice with 76 people more, some tagged, some inactive; and the same names in the other practice."""
    once("roster", lambda: fill(practice))
    return practice


def fill(practice: Practice) -> None:
    chance = random.Random(7)
    with begin_work(system(), org=practice.other_org) as work:
        for number, (first, last) in enumerate(PEOPLE[:4]):
            add_member(
                work, first_name=first, last_name=last, email=f"p{number}@elsewhere.example", invite=False
            )
    with begin_work(system(), org=practice.org) as work:
        tags = [make_tag(work, name=name) for name in TAGS]
        roles = [practice.roles[key] for key in ("therapist", "supervisor", "biller", "reporting", "manager")]
        for number in range(76):
            first, last = PEOPLE[number % len(PEOPLE)]
            member = add_member(
                work,
                first_name=first,
                last_name=last,
                email=f"{chance.choice('abcxyz')}{number}@riverbend.example",
                phone=chance.choice(["", f"212 555 01{number:02}", f"+44 20 7946 09{number:02}"]),
                role_ids=chance.sample(roles, k=chance.choice((0, 1, 2))),
                invite=number % 3 == 0,
            )
            for tag in chance.sample(tags, k=chance.choice((0, 0, 1, 2))):
                put_tag(work, member_id=member.id, tag_id=tag.id)
            if number % 9 == 0:
                deactivate(work, member_id=member.id)


@pytest.fixture(params=["few match", "many match"])
def ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of finding a page: sorting the few, and walking an index where there are many."""
    if request.param == "many match":
        monkeypatch.setattr(roster_search, "FEW", 0)


class Known:
    """What the oracle knows of one person, read plainly."""

    def __init__(self, work: Any, member: StaffMember, row: RosterRow) -> None:
        self.id, self.member = member.id, member
        self.email = work.session.exec(select(Account.email).where(Account.id == member.account_id)).one()
        held = roles_in_force(work.session, work.org_id, member.id, work.now)
        self.keys = [role.key for role in held]
        self.position = min((role.position for role in held), default=999)
        self.tags = sorted((fold(chip.name), chip.name) for chip in row.tags)
        self.text = fold(f"{member.first_name} {member.last_name} {self.email}")
        self.digits = "".join(c for c in member.phone if c.isdigit())

    def has(self, word: str) -> bool:
        digits = "".join(c for c in word if c.isdigit())
        if digits and not any(c.isalpha() for c in word):
            return digits in self.digits or digits in self.text or any(word in key for key, _ in self.tags)
        return word in self.text or any(word in key for key, _ in self.tags)


def everyone(practice: Practice) -> list[Known]:
    with begin_work(system(), org=practice.org, writes=False) as work:
        members = list(work.session.exec(select(StaffMember).where(StaffMember.org_id == practice.org)))
        rows = {row.id: row for row in roster_rows(work, member_ids=[one.id for one in members])}
        return [Known(work, member, rows[member.id]) for member in members]


def all_pages(practice: Practice, **wanted: Any) -> list[RosterRow]:
    first = see(practice, practice.ana, roster, view=RosterView(**wanted))
    rows = list(first.rows)
    for page in range(2, first.pages + 1):
        rows += see(practice, practice.ana, roster, view=RosterView(**wanted, page=page)).rows
    assert len(rows) == first.shown == len({row.id for row in rows})
    return rows


ORDER: dict[str, Callable[[Known], Any]] = {
    "name": lambda one: one.member.sort_name,
    "phone": lambda one: one.member.phone,
    "email": lambda one: one.email,
    "roles": lambda one: one.position,
    "tags": lambda one: (not one.tags, min((name.casefold() for _, name in one.tags), default="")),
}


@pytest.mark.parametrize("down", [False, True])
def test_every_column_sorts_both_ways_like_the_oracle(full: Practice, down: bool) -> None:
    people = everyone(full)
    for sort in SORTS:
        key = ORDER[sort]
        # Ties are in the order of names, which turns with the column.
        expected = sorted(people, key=lambda one: (key(one), one.member.sort_name, one.id.hex), reverse=down)

        shown = all_pages(full, sort=sort, down=down, inactive=True)

        assert [row.id for row in shown] == [one.id for one in expected], sort


QUESTIONS = [
    "jose",
    "JOSÉ",
    "josé alv",
    "lukasz",
    "orsted",
    "delacruz",
    "de la",
    "oneil",
    "o’neil",
    "anne-marie",
    "محمد",
    "金城",
    "ipek",
    "weiss",
    "a1",
    "@riverbend",
    "21255501",
    "(212) 555",
    "+44 20",
    "555-01",
    "francais",
    "français",
    "FRANÇAIS",
    "play",
    "ete",
    "therapy jo",
    "aet",
    "%",
    "_",
    "'",
    '"',
    "\\",
    "<b>",
    "nobody-there",
    "elsewhere",
    "dov",
    " ",
    "\t",
    "a b c d e f g h i j k",
    "x" * 400,
]


@pytest.mark.usefixtures("ways")
def test_what_is_searched_is_found_in_name_email_phone_and_tag_like_the_oracle(full: Practice) -> None:
    people = everyone(full)
    for question in QUESTIONS:
        words = fold(question).split()[:8]
        expected = {one.id for one in people if all(one.has(word[:200]) for word in words)}

        assert {row.id for row in all_pages(full, q=question, inactive=True)} == expected, question


@pytest.mark.asvs("1.2.4")
@pytest.mark.parametrize("typed", ["\x00", "a\x00b", "\ud800", "\u202e", "' OR 1=1 --", "x" * 100_000])
def test_what_is_sent_by_hand_breaks_nothing(practice: Practice, typed: str) -> None:
    for wanted in ({"q": typed}, {"roles": (typed,)}, {"tags": (typed,)}, {"sort": typed}):
        page = see(practice, practice.ana, roster, view=RosterView(**wanted))  # type: ignore[arg-type]
        assert page.shown <= 4


@pytest.mark.usefixtures("ways")
def test_filters_take_any_of_the_roles_and_all_of_the_tags(full: Practice) -> None:
    people = everyone(full)
    for roles in ((), ("biller",), ("biller", "manager"), ("nothing",)):
        for tags in ((), ("aetna",), ("aetna", "asl"), ("FRANÇAIS",), ("nothing",)):
            expected = {
                one.id
                for one in people
                if (not roles or set(roles) & set(one.keys))
                and {tag.casefold() for tag in tags} <= {name.casefold() for _, name in one.tags}
            }
            assert {row.id for row in all_pages(full, roles=roles, tags=tags, inactive=True)} == expected, (
                roles,
                tags,
            )


@pytest.mark.usefixtures("ways")
@pytest.mark.parametrize("sort", SORTS)
def test_what_is_filtered_is_sorted_both_ways_like_the_oracle(full: Practice, sort: str) -> None:
    people = everyone(full)
    for roles, tags, q in (
        (("biller", "manager"), (), ""),
        ((), ("asl",), ""),
        (("biller",), ("aetna",), "x"),
    ):
        for down in (False, True):
            expected = [
                one
                for one in people
                if (not roles or set(roles) & set(one.keys))
                and set(tags) <= {name.casefold() for _, name in one.tags}
                and one.has(q)
            ]
            expected.sort(key=lambda one: (ORDER[sort](one), one.member.sort_name, one.id.hex), reverse=down)

            shown = all_pages(full, roles=roles, tags=tags, q=q, sort=sort, down=down, inactive=True)

            assert [row.id for row in shown] == [one.id for one in expected], (roles, tags, down)


def test_a_page_has_fifty_rows_and_one_beyond_the_last_is_the_last(full: Practice) -> None:
    first, last, beyond, before = (
        see(full, full.ana, roster, view=RosterView(inactive=True, page=page)) for page in (1, 2, 10**9, -3)
    )

    assert (len(first.rows), len(last.rows), first.pages, first.shown) == (50, 30, 2, 80)
    assert beyond.rows == last.rows and beyond.page == 2
    assert before.rows == first.rows and before.page == 1


@pytest.mark.req("TA-06")
def test_inactive_people_are_shown_on_demand_only(full: Practice) -> None:
    active, both = all_pages(full), all_pages(full, inactive=True)
    page = see(full, full.ana, roster, view=RosterView())

    assert {row.state for row in active}.isdisjoint({"inactive"})
    assert len(both) - len(active) == sum(row.state == "inactive" for row in both) == 9
    assert (page.active, page.inactive) == (71, 9)


def test_nobody_of_another_practice_is_in_any_answer(full: Practice) -> None:
    with begin_work(system(), org=full.other_org, writes=False) as work:
        theirs = [row.id for row in roster(work, view=RosterView(inactive=True)).rows]
    ours = {row.id for row in all_pages(full, inactive=True)}

    assert len(theirs) == 5 and ours.isdisjoint(theirs)
    assert see(full, full.ana, roster_rows, member_ids=theirs) == ()
    assert see(full, full.ana, roster, view=RosterView(q="elsewhere", inactive=True)).rows == ()


def test_the_roster_is_for_those_who_manage_staff(practice: Practice) -> None:
    for who in (practice.cleo, practice.dov):
        refusal(practice, who, roster, NotAllowed, view=RosterView())
        refusal(practice, who, roster_rows, NotAllowed, member_ids=[practice.cleo])
    for who in (practice.ana, practice.ben, practice.sam):
        assert len(see(practice, who, roster, view=RosterView()).rows) == 4


def test_a_role_that_is_off_is_shown_after_those_that_are_on(practice: Practice) -> None:
    for key, on in (("biller", True), ("therapist", False)):
        do(practice, practice.ben, switch_role, **switching(practice, practice.cleo, key, on=on))

    (row,) = see(practice, practice.ben, roster_rows, member_ids=[practice.cleo])

    assert [(chip.name, chip.on) for chip in row.roles] == [("Biller", True), ("Therapist", False)]


def test_rows_come_in_the_order_asked_for_and_unknown_ids_are_left_out(practice: Practice) -> None:
    asked = [practice.sam, UUID(int=0), practice.ana, practice.dov]

    rows = see(practice, practice.ben, roster_rows, member_ids=asked)

    assert [row.id for row in rows] == [practice.sam, practice.ana]


@pytest.mark.parametrize(
    "view",
    [RosterView(), RosterView(q="jo", roles=("therapist",), tags=("aetna", "asl"), states=("locked",))],
    ids=["as it opens", "all at once"],
)
def test_a_page_of_fifty_asks_no_more_questions_than_a_page_of_three(
    full: Practice, view: RosterView
) -> None:
    with asked() as questions:
        see(full, full.ana, roster, view=view)

    # The practice, who asks and may, the counts, whom it is, their rows, roles and tags, the choices.
    assert len(questions) <= MOST_QUESTIONS, "\n".join(questions)


@contextmanager
def asked() -> Iterator[list[str]]:
    """Collect what the database is asked."""
    questions: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        questions.extend([statement] if statement != "BEGIN" else [])

    event.listen(engine(), "before_cursor_execute", note)
    yield questions
    event.remove(engine(), "before_cursor_execute", note)
