"""The Profile: what it says, to whom, and why a switch cannot be moved."""

import pytest

from motlink.errors import NotAllowed, NotFound
from motlink.roles.catalogue import OPTIONS
from motlink.staff.actions import deactivate, switch_role
from motlink.staff.queries import email_notice, profile
from motlink.staff.switches import add_switches
from motlink.work import begin_work
from tests.acts import add_someone, do, refusal, see
from tests.people import Practice

pytestmark = pytest.mark.req("TA-05", "TA-12", "TA-17")


def test_the_profile_shows_each_role_once_in_three_sections(practice: Practice) -> None:
    shown = see(practice, practice.ben, profile, member_id=practice.cleo)

    assert sorted(switch.key for switch in shown.switches) == sorted(practice.roles)
    assert {switch.section for switch in shown.switches} == {"provider", "administrative", "auditing"}
    assert [switch.key for switch in shown.switches if switch.on] == ["therapist"]
    assert (shown.name, shown.state, shown.monthly, shown.joined) == (
        "Cleo Marchetti",
        "active",
        "$10.00",
        True,
    )


@pytest.mark.req("TA-01")
def test_the_profile_is_for_those_who_manage_staff_of_this_practice(practice: Practice) -> None:
    for who in (practice.cleo, practice.dov):
        refusal(practice, who, profile, NotAllowed, member_id=practice.cleo)
        refusal(practice, who, email_notice, NotAllowed, email="a@b.example")
        refusal(practice, who, add_switches, NotAllowed)
    for wrong in (practice.dov, "no id", None, 7):
        refusal(practice, practice.ana, profile, NotFound, member_id=wrong)
    with (
        pytest.raises(NotFound),
        begin_work(practice.as_(practice.dov), org=practice.other_org, writes=False) as work,
    ):
        profile(work, member_id=practice.cleo)


@pytest.mark.req("TA-01")
@pytest.mark.parametrize("who", ["ana", "ben", "sam"])
@pytest.mark.parametrize("whom", ["ana", "ben", "cleo", "sam"])
def test_a_switch_that_looks_movable_is_and_one_that_does_not_is_refused(
    practice: Practice, who: str, whom: str
) -> None:
    actor, member = getattr(practice, who), getattr(practice, whom)
    for switch in see(practice, actor, profile, member_id=member).switches:
        try:
            with begin_work(practice.as_(actor), org=practice.org) as work:
                switch_role(work, member_id=member, role_id=switch.id, on=not switch.on, confirmed=True)
                raise Unmade
        except Unmade:
            refused = ""
        except Exception as refusal:  # noqa: BLE001 - its words are compared
            refused = str(refusal)
        assert bool(switch.reason) == bool(refused), (switch.key, switch.on, switch.reason, refused)


def test_the_add_form_offers_what_the_actor_may_give(practice: Practice) -> None:
    offered = {
        who: {one.key for one in see(practice, getattr(practice, who), add_switches) if not one.reason}
        for who in ("ana", "ben", "sam")
    }

    assert offered["ana"] == set(practice.roles)
    assert offered["ben"] == set(practice.roles) - {"owner", "records_custodian"}
    options = {option.key for option in OPTIONS}
    assert offered["sam"] == {"therapist", "supervisor", "intern"} | options


@pytest.mark.req("TA-18")
def test_an_email_typed_says_who_has_it_and_the_ways_out(practice: Practice) -> None:
    jo = add_someone(practice, practice.ben, "Jo")
    do(practice, practice.ben, deactivate, member_id=practice.cleo)

    def notice(email: str) -> object:
        return see(practice, practice.ben, email_notice, email=email)

    invited, gone, here = (
        notice(one)
        for one in (
            " JO@riverbend.example",
            "cleo.marchetti@riverbend.example",
            "sam.whitfield@riverbend.example",
        )
    )

    assert (invited.member_id, invited.ways) == (jo.id, ("invite",))  # type: ignore[attr-defined]
    assert gone.ways == ("reactivate",) and here.ways == ()  # type: ignore[attr-defined]
    assert [
        notice(one)
        for one in ("new@riverbend.example", "dov.stranger@riverbend.example", "half@", "", "\x00", "x" * 400)
    ] == [None] * 6


class Unmade(Exception):
    """Takes the transaction back."""
