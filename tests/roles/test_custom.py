"""Roles of a practice's own: copied, edited, deleted; never more than their maker may (TA-25)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from motlink.audit.undo import UndoRefused, undo
from motlink.errors import Invalid, NotAllowed, NotFound
from motlink.permissions import Permission as P
from motlink.permissions import Scope
from motlink.roles.billing import billing
from motlink.roles.catalogue import BUILTIN
from motlink.roles.custom import RoleMade, edit_role, end_role, make_role, may_edit
from motlink.roles.errors import BeyondMaker, BuiltIn, HeldByYou, PriceStays, RoleChanged, StillHeld
from motlink.roles.matrix import design_rows, matrix
from motlink.roles.models import Role
from motlink.staff.actions import deactivate, switch_role
from motlink.staff.holders import last_role_of, people_without, reaches_of_person, role_panel
from motlink.staff.queries import profile
from motlink.work import begin_work, system
from tests.acts import (
    add_someone,
    cleo_and_strangers_may_not,
    do,
    faults,
    log,
    refusal,
    roles_of,
    see,
)
from tests.people import Practice
from tests.roles.holding import may
from tests.staff.orders import wrong_orders

pytestmark = pytest.mark.req("TA-25")
ALL, OWN, TEAM = Scope.ALL, Scope.OWN, Scope.TEAM


def desk(name: str = "Front desk", section: str = "administrative", **privileges: Scope) -> dict[str, Any]:
    """Return a role as its form gives it."""
    wanted = {P(permission): scope for permission, scope in (privileges or {"view_schedule": ALL}).items()}
    return {"name": name, "description": "Opens the door", "section": section, "privileges": wanted}


def made(practice: Practice, who: UUID | None = None, **design: Any) -> RoleMade:
    return do(practice, who or practice.ana, make_role, **(design or desk()))  # type: ignore[no-any-return]


def edited(practice: Practice, role: RoleMade, version: int = 1, **design: Any) -> dict[str, Any]:
    return {"role_id": role.role_id, "version": version, **(design or desk(edit_tags=ALL))}


def role_named(practice: Practice, name: str) -> UUID:
    with begin_work(system(), org=practice.org, writes=False) as work:
        return work.session.exec(select(Role.id).where(Role.org_id == practice.org, Role.name == name)).one()


def give(practice: Practice, who: UUID, to: UUID, role: RoleMade) -> Any:
    return do(practice, who, switch_role, member_id=to, role_id=role.role_id, on=True)


def test_a_role_of_ones_own_stands_beside_the_built_in_ones(practice: Practice) -> None:
    role = made(practice, practice.ben)

    columns = see(practice, practice.ana, matrix).roles
    assert [one.key for one in columns] == [*(one.key for one in BUILTIN), "front-desk"]
    assert (columns[-1].builtin, columns[-1].cents, columns[-1].people) == (False, 0, 0)
    assert columns[-1].reaches["view_schedule"] == "yes" and columns[-1].reaches["read_notes"] == "no"
    give(practice, practice.ben, practice.cleo, role)
    assert may(practice, practice.cleo)[P.VIEW_SCHEDULE] == ALL
    assert [one.name for one in see(practice, practice.ana, role_panel, key="front-desk").holders] == [
        "Cleo Marchetti"
    ]
    assert (wrong_orders(), faults()) == ([], [])


def test_its_section_decides_what_it_costs(practice: Practice) -> None:
    role = made(practice, **desk("Music therapist", "auditing"))
    done = do(
        practice, practice.ana, edit_role, **edited(practice, role, **desk("Music therapist", "provider"))
    )

    give(practice, practice.ana, practice.sam, role)

    assert see(practice, practice.ana, profile, member_id=practice.sam).monthly == "$10.00"
    refusal(practice, practice.ana, undo, PriceStays, entry_id=done.undo)


@pytest.mark.req("TA-28")
@pytest.mark.parametrize(("section", "wanted"), [("administrative", "provider"), ("provider", "auditing")])
def test_what_was_ever_held_costs_what_it_did(practice: Practice, section: str, wanted: str) -> None:
    role, later = made(practice, **desk("Desk", section)), datetime.now(UTC) + timedelta(days=40)
    given = give(practice, practice.ana, practice.sam, role)
    do(practice, practice.ana, undo, entry_id=given.undo)
    bills = see(practice, practice.ana, billing, at=later).months

    moved = edited(practice, role, **desk("Front", wanted))
    refused = refusal(practice, practice.ana, edit_role, PriceStays, **moved)

    assert refused.sentence.startswith("Desk has been held as a role that is ")
    assert refused.next_step == "Copy it, and choose the section of the copy."
    assert see(practice, practice.ana, billing, at=later).months == bills
    do(practice, practice.ana, edit_role, **edited(practice, role, **desk("Front", section)))


def test_between_two_free_sections_a_held_role_moves(practice: Practice) -> None:
    role = made(practice)
    give(practice, practice.ana, practice.sam, role)

    do(practice, practice.ana, edit_role, **edited(practice, role, **desk("Front desk", "auditing")))

    assert see(practice, practice.ana, profile, member_id=practice.sam).monthly == "$0.00"


def test_who_may_not(practice: Practice) -> None:
    role = made(practice)

    cleo_and_strangers_may_not(practice, make_role, of_member=False, **desk("Another"))
    cleo_and_strangers_may_not(practice, edit_role, of_member=False, **edited(practice, role))
    cleo_and_strangers_may_not(practice, end_role, of_member=False, role_id=role.role_id)
    with begin_work(practice.as_(practice.dov), org=practice.other_org) as work, pytest.raises(NotFound):
        edit_role(work, **edited(practice, role))
    with begin_work(practice.as_(practice.dov), org=practice.other_org) as work, pytest.raises(NotFound):
        end_role(work, role_id=role.role_id)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("who", "privileges"),
    [
        ("ben", {"billing": ALL}),
        ("ben", {"read_notes": ALL}),
        ("ben", {"view_clients": TEAM}),
        ("ana", {"sign_notes": ALL}),
        ("ana", {"manage_owners": ALL}),
        ("ana", {"grant_custodian": ALL}),
        ("sam", {"view_schedule": ALL}),
        ("sam", {"manage_staff": ALL}),
    ],
)
def test_nobody_makes_a_role_beyond_themselves(
    practice: Practice, who: str, privileges: dict[str, Scope]
) -> None:
    maker = getattr(practice, who)
    with pytest.raises((BeyondMaker, Invalid)):
        made(practice, maker, **desk("Beyond", **privileges))

    role = made(practice, practice.ana, **desk("Plain", edit_tags=ALL))
    with pytest.raises((BeyondMaker, Invalid)):
        do(practice, maker, edit_role, **edited(practice, role, **desk("Plain", **privileges)))

    assert len(see(practice, practice.ana, matrix).roles) == len(BUILTIN) + 1


def test_the_form_offers_what_its_maker_may_put_in(practice: Practice) -> None:
    rows = {
        who: {row.permission: row.reaches for row in see(practice, getattr(practice, who), design_rows)}
        for who in ("ana", "ben", "sam")
    }

    assert not {"manage_owners", "grant_custodian"} & set(rows["ana"])
    assert rows["ana"]["read_notes"] == ("no", "own", "chosen", "yes")
    assert rows["ben"]["read_notes"] == ("no", "own") and "billing" not in rows["ben"]
    assert "manage_staff" not in rows["sam"] and rows["sam"]["edit_tags"] == ("no", "yes")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (desk(""), "name"),
        (desk("   "), "name"),
        (desk("N" * 41), "name"),
        (desk("A\u202eB"), "name"),
        (desk("  thérapist "), "name"),
        (desk("own REPORTS"), "name"),
        (desk("Desk", "elsewhere"), "section"),
        (desk("Desk") | {"description": "d" * 121}, "description"),
        (desk("Desk", manage_staff=OWN), "privileges"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(
    practice: Practice, wrong: dict[str, Any], field: str
) -> None:
    assert refusal(practice, practice.ana, make_role, Invalid, **wrong).field == field


def test_names_are_one_each_and_addresses_never_twice(practice: Practice) -> None:
    first = made(practice)
    for same in ("front  DESK", "Frønt Desk"):
        assert refusal(practice, practice.ana, make_role, Invalid, **desk(same)).field == "name"
    do(practice, practice.ana, end_role, role_id=first.role_id)

    second = made(practice)

    assert (first.key, second.key) == ("front-desk", "front-desk-2")
    refusal(practice, practice.ana, undo, UndoRefused, entry_id=first.undo)


def test_a_built_in_role_is_not_changed(practice: Practice) -> None:
    biller = practice.roles["biller"]

    refusal(practice, practice.ana, edit_role, BuiltIn, role_id=biller, version=1, **desk())
    refusal(practice, practice.ana, end_role, BuiltIn, role_id=biller)
    refusal(practice, practice.ana, may_edit, BuiltIn, role_id=practice.roles["telehealth"])


def test_an_edit_reaches_everyone_who_has_it_and_undo_takes_it_back(practice: Practice) -> None:
    role = made(practice)
    give(practice, practice.ana, practice.cleo, role)

    done = do(practice, practice.ben, edit_role, **edited(practice, role, **desk("Desk", reports=ALL)))

    assert may(practice, practice.cleo).get(P.REPORTS) == ALL
    assert may(practice, practice.cleo)[P.VIEW_SCHEDULE] == OWN
    entry = log(practice)[-1]
    assert (entry.action, entry.payload["before"]["name"], entry.payload["after"]["reports"]) == (
        "role.edited",
        "Front desk",
        "yes",
    )
    do(practice, practice.ben, undo, entry_id=done.undo)
    assert P.REPORTS not in may(practice, practice.cleo)
    assert see(practice, practice.ana, matrix).roles[-1].name == "Front desk"
    assert faults() == []


@pytest.mark.req("LV-02")
def test_two_who_edit_one_role_lose_nothing(practice: Practice) -> None:
    role = made(practice)
    do(practice, practice.ben, edit_role, **edited(practice, role, **desk("Desk", view_schedule=ALL)))

    changed = refusal(practice, practice.ana, edit_role, RoleChanged, **edited(practice, role))

    assert (
        changed.theirs == {"name": "Desk", "view_schedule": "yes", "edit_tags": "no"} and changed.version == 2
    )
    do(practice, practice.ana, edit_role, **edited(practice, role, version=2))
    assert may_of(practice, "front-desk") == {"edit_tags"}


def may_of(practice: Practice, key: str) -> set[str]:
    column = next(one for one in see(practice, practice.ana, matrix).roles if one.key == key)
    return {name for name, reach in column.reaches.items() if reach != "no"}


def test_nobody_edits_what_they_hold_but_an_owner(practice: Practice) -> None:
    role = made(practice)
    give(practice, practice.ana, practice.ben, role)

    refusal(practice, practice.ben, edit_role, HeldByYou, **edited(practice, role))

    give(practice, practice.ana, practice.ana, role)
    do(practice, practice.ana, edit_role, **edited(practice, role))
    assert may_of(practice, "front-desk") == {"edit_tags"}


@pytest.mark.req("TA-01")
def test_a_staff_administrator_touches_no_role_that_managers_hold_or_that_manages(practice: Practice) -> None:
    managing = made(practice, **desk("Second manager", manage_staff=ALL))
    plain = made(practice, practice.sam, **desk("Tagger", edit_tags=ALL))
    do(practice, practice.sam, edit_role, **edited(practice, plain, **desk("Tags", edit_tags=ALL)))

    refusal(
        practice,
        practice.sam,
        edit_role,
        NotAllowed,
        **edited(practice, managing, **desk("Tags2", edit_tags=ALL)),
    )
    refusal(
        practice,
        practice.sam,
        switch_role,
        NotAllowed,
        member_id=practice.cleo,
        role_id=managing.role_id,
        on=True,
    )
    give(practice, practice.ana, practice.ben, plain)
    wider = edited(practice, plain, 2, **desk("Tags", search_availability=ALL))
    refusal(practice, practice.sam, edit_role, NotAllowed, **wider)


def test_a_role_goes_once_nobody_holds_it_and_comes_back(practice: Practice) -> None:
    role = made(practice)
    given = give(practice, practice.ana, practice.cleo, role)
    refused = refusal(practice, practice.ana, end_role, StillHeld, role_id=role.role_id)
    assert str(refused) == "1 person holds Front desk. Turn it off for them first."
    do(practice, practice.ana, undo, entry_id=given.undo)

    done = do(practice, practice.ana, end_role, role_id=role.role_id)

    assert len(see(practice, practice.ana, matrix).roles) == len(BUILTIN)
    with pytest.raises(NotFound):
        give(practice, practice.ana, practice.cleo, role)
    do(practice, practice.ana, undo, entry_id=done.undo)
    give(practice, practice.ana, practice.cleo, role)
    assert roles_of(practice, practice.cleo) == {"therapist", "front-desk"}


def test_making_is_undone_while_nobody_has_it(practice: Practice) -> None:
    role = made(practice)
    do(practice, practice.ana, undo, entry_id=role.undo)
    assert len(see(practice, practice.ana, matrix).roles) == len(BUILTIN)

    other = made(practice, **desk("Other"))
    give(practice, practice.ana, practice.cleo, other)
    refusal(practice, practice.ana, undo, StillHeld, entry_id=other.undo)


def test_a_practice_has_so_many_roles_and_no_more(practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        for number in range(80 - len(BUILTIN)):
            make_role(work, **desk(f"Desk {number}"))
    with pytest.raises(Exception, match="as many roles as fit"):
        made(practice)
    with begin_work(system(), org=practice.org, writes=False) as work:
        positions = list(work.session.exec(select(Role.position).where(Role.org_id == practice.org)))
    assert len(set(positions)) == len(positions)
    last = role_named(practice, "Desk 0")
    do(practice, practice.ana, end_role, role_id=last)
    assert made(practice).sentence == "Front desk is made. Nobody holds it yet."


def test_whom_it_could_be_given_and_whose_last_it_is(practice: Practice) -> None:
    nora = add_someone(practice, practice.ana, "Nora", "therapist", "biller").id
    therapist = practice.roles["therapist"]

    without = see(practice, practice.ana, people_without, role_id=therapist, q="")
    last = see(
        practice, practice.ana, last_role_of, role_id=therapist, members=[nora, practice.cleo, practice.ben]
    )

    assert {one.name for one in without} == {"Ana Castellanos", "Ben Okafor", "Sam Whitfield"}
    (cleo,) = see(practice, practice.ana, people_without, role_id=practice.roles["owner"], q="cle")
    assert cleo.seat
    assert last == ("Cleo Marchetti",)
    do(practice, practice.ana, deactivate, member_id=practice.cleo)
    assert see(practice, practice.ana, role_panel, key="therapist").people == 1
    assert (
        see(practice, practice.sam, role_panel, key="owner").refusal == "Only an owner decides about owners."
    )
    assert see(practice, practice.ana, reaches_of_person, member_id=nora)["claims"] == "yes"
    assert see(practice, practice.ana, role_panel, key="telehealth") is None


def test_the_page_is_read_by_whoever_manages_staff(practice: Practice) -> None:
    for query, more in (
        (matrix, {}),
        (design_rows, {}),
        (role_panel, {"key": "owner"}),
        (people_without, {"role_id": practice.roles["owner"], "q": ""}),
        (last_role_of, {"role_id": practice.roles["owner"], "members": []}),
    ):
        with pytest.raises(NotAllowed):
            see(practice, practice.cleo, query, **more)
    with begin_work(practice.as_(practice.dov), org=practice.other_org, writes=False) as work:
        with pytest.raises(NotFound):
            people_without(work, role_id=practice.roles["owner"], q="")
        with pytest.raises(NotFound):
            last_role_of(work, role_id=practice.roles["owner"], members=[])
        with pytest.raises(NotFound):
            reaches_of_person(work, member_id=practice.cleo)
