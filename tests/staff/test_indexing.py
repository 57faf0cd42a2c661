"""The columns that the roster is sorted by: after each act, and its undo, they say for everyone what the rows say."""

from typing import Any

import pytest

from motlink.audit.undo import undo
from motlink.roles.catalogue import BUILTIN
from motlink.staff.actions import deactivate, reactivate, switch_role
from motlink.staff.models import NO_ROLE, NO_TAG, StaffMember
from motlink.staff.undo import restore_roles
from motlink.tags.actions import make_tag, put_tag
from motlink.work import Work, begin_work, system
from tests.acts import add_someone, do
from tests.people import Practice
from tests.staff.orders import wrong_orders

pytestmark = pytest.mark.req("TA-03", "TA-12")
CATALOGUE = [role.key for role in BUILTIN]


def cleo(practice: Practice) -> StaffMember:
    with begin_work(system(), org=practice.org, writes=False) as work:
        return work.get(StaffMember, practice.cleo)


def act(practice: Practice, action: Any, **given: Any) -> Any:
    """Do it to Cleo as the owner, and look at everyone."""
    done = do(practice, practice.ana, action, member_id=practice.cleo, **given)
    assert wrong_orders() == [], action.__name__
    return done


def take_back(practice: Practice, done: Any) -> None:
    """Undo it, and look at everyone."""
    do(practice, practice.ana, undo, entry_id=done.undo)
    assert wrong_orders() == []


def switch(practice: Practice, key: str, *, on: bool) -> Any:
    return act(practice, switch_role, role_id=practice.roles[key], on=on, confirmed=True)


def tag(work: Work, *, member_id: Any, name: str) -> None:
    put_tag(work, member_id=member_id, tag_id=make_tag(work, name=name).id)


@pytest.mark.req("UX-02")
def test_each_role_switched_on_and_off_and_each_undo_keeps_the_order(practice: Practice) -> None:
    switch(practice, "reporting", on=True)
    switch(practice, "therapist", on=False)
    before = cleo(practice).role_order

    for key in CATALOGUE:
        if key == "reporting":
            continue
        take_back(practice, switch(practice, key, on=True))
        assert cleo(practice).role_order == before
        switch(practice, key, on=True)
        take_back(practice, switch(practice, key, on=False))
        assert cleo(practice).role_order == min(before, CATALOGUE.index(key))
        switch(practice, key, on=False)

    assert cleo(practice).role_order == before == CATALOGUE.index("reporting")


@pytest.mark.req("TA-20", "TA-21", "UX-02")
def test_whoever_is_let_go_stands_last_until_they_have_a_role_again(practice: Practice) -> None:
    switch(practice, "biller", on=True)

    gone = act(practice, deactivate)
    assert cleo(practice).role_order == NO_ROLE
    take_back(practice, gone)
    assert cleo(practice).role_order == CATALOGUE.index("therapist")
    act(practice, deactivate)
    act(practice, reactivate)
    assert cleo(practice).role_order == NO_ROLE
    act(practice, restore_roles)
    assert cleo(practice).role_order == CATALOGUE.index("therapist")
    act(practice, deactivate)
    take_back(practice, act(practice, reactivate))

    assert (cleo(practice).role_order, bool(cleo(practice).deactivated_at)) == (NO_ROLE, True)


@pytest.mark.req("TA-20", "UX-02")
def test_the_last_role_taken_and_given_back_moves_the_person_to_the_end_and_back(practice: Practice) -> None:
    gone = switch(practice, "therapist", on=False)
    assert (cleo(practice).role_order, bool(cleo(practice).deactivated_at)) == (NO_ROLE, True)

    take_back(practice, gone)

    assert cleo(practice).role_order == CATALOGUE.index("therapist")


@pytest.mark.req("TA-13", "TA-20")
def test_the_first_tag_leads_whatever_came_first_and_stays_through_coming_and_going(
    practice: Practice,
) -> None:
    assert cleo(practice).tag_order == NO_TAG

    for name, first in (("Spanish", "spanish"), (" AETNA ", "aetna"), ("Été", "aetna"), ("aetna", "aetna")):
        act(practice, tag, name=name)
        assert cleo(practice).tag_order == first
    gone = act(practice, deactivate)
    take_back(practice, gone)
    act(practice, deactivate)
    act(practice, reactivate)

    assert cleo(practice).tag_order == "aetna"


@pytest.mark.req("TA-08")
@pytest.mark.parametrize("keys", [(), ("auditor",), ("auditor", "manager", "biller")], ids=len)
def test_someone_new_stands_where_the_first_of_their_roles_does(
    practice: Practice, keys: tuple[str, ...]
) -> None:
    new = add_someone(practice, practice.ana, "Jo", *keys)

    assert new.role_order == min(map(CATALOGUE.index, keys), default=NO_ROLE)
    assert wrong_orders() == []
