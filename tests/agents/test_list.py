"""External Agents in the list, in its files, and their agreements: counted, filtered, reminded of once (TA-24)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from motlink.audit.undo import undo
from motlink.errors import Invalid, NotAllowed, NotFound
from motlink.mail.letters import render
from motlink.mail.models import Letter
from motlink.orgs.models import Organization
from motlink.staff.actions import deactivate, switch_role
from motlink.staff.agents import leave_practice
from motlink.staff.agreements import (
    AgreementChanged,
    is_current,
    oldest_current,
    set_agreement,
)
from motlink.staff.export import HEADER, export_staff
from motlink.staff.import_fate import NO_AGENT_BY_FILE
from motlink.staff.models import StaffMember
from motlink.staff.queries import profile
from motlink.staff.roster import roster
from motlink.staff.rows import RosterView
from motlink.staff.shown import shown_row
from motlink.sweeps import sweep_agreements
from motlink.work import Actor, begin_work, system
from tests.acts import cleo_and_strangers_may_not, count, do, faults, log, refusal, see, switching
from tests.agents.agents import RAE, add, agent_elsewhere, invite, key
from tests.people import Practice
from tests.staff.imports import MINA, fates, sheet, take_in

pytestmark = pytest.mark.req("TA-24")
AGENTS, NO_BAA = RosterView(states=("agent",)), RosterView(states=("no_baa",))


@pytest.fixture
def account(practice: Practice) -> UUID:
    """An agent of Elsewhere."""
    return agent_elsewhere(practice)


@pytest.fixture
def rae(practice: Practice, account: UUID) -> UUID:
    """Their place at Riverbend, with a role on."""
    member_id = add(practice, practice.ben, account)
    do(practice, practice.ben, switch_role, **switching(practice, member_id, "biller", on=True))
    return member_id


def agree(practice: Practice, who: UUID, member_id: UUID, day: str, note: str = "", **seen: str) -> object:
    """Enter an agreement where none was noted, or where `seen` was."""
    known = {"seen_on": "", "seen_note": ""} | seen
    return do(practice, who, set_agreement, member_id=member_id, signed_on=day, note=note, **known)


def names(practice: Practice, view: RosterView) -> list[str]:
    return [row.name for row in see(practice, practice.ben, roster, view=view).rows]


# The list ---------------------------------------------------------------------------------------------------------


def test_the_list_says_who_is_an_agent_and_is_filtered_by_it(practice: Practice, rae: UUID) -> None:
    page = see(practice, practice.ben, roster, view=AGENTS)

    (row,) = page.rows
    assert (row.name, row.agent, row.no_baa) == ("Rae Lindqvist", True, True)
    assert (page.shown, page.active) == (1, 5)
    assert shown_row(row)["state"] == "no_baa"
    agree(practice, practice.ben, rae, "2026-03-14")
    (row,) = see(practice, practice.ben, roster, view=AGENTS).rows
    assert shown_row(row)["state"] == "agent" and names(practice, NO_BAA) == []
    assert not [one for one in see(practice, practice.ben, roster, view=RosterView()).rows[:-5] if one.agent]


def test_what_is_more_urgent_is_said_instead(practice: Practice) -> None:
    invite(practice, practice.ben)

    (row,) = see(practice, practice.ben, roster, view=AGENTS).rows

    assert shown_row(row)["state"] == "no_role" and shown_row(row)["agent"]


# Files ----------------------------------------------------------------------------------------------------------------


def test_the_file_of_the_list_says_who_is_an_agent_and_comes_back_without_change(
    practice: Practice, rae: UUID
) -> None:
    rows = see(practice, practice.ben, lambda work: list(export_staff(work, view=RosterView())))
    said = {row[3]: row[-1] for row in rows[1:]}
    assert HEADER[-1] == "External Agent" and [email for email, word in said.items() if word] == [RAE]

    own = dict(zip(HEADER, next(row for row in rows if row[3] == RAE), strict=True))
    batch_id, _ = take_in(practice, practice.ana, sheet(MINA, own, header=HEADER))

    assert [word for word, _ in fates(practice, practice.ana, batch_id).values()] == ["done", "unchanged"]
    assert count(StaffMember, StaffMember.org_id == practice.org, col(StaffMember.is_agent)) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Email": "new@x.example", "External Agent": "yes"}, NO_AGENT_BY_FILE),
        ({"Email": "cleo.marchetti@riverbend.example", "External Agent": "yes"}, NO_AGENT_BY_FILE),
        ({"Email": "new@x.example", "External Agent": "perhaps"}, "(column External Agent)"),
        ({"Email": RAE, "External Agent": ""}, "is an External Agent here"),
        ({"Email": RAE, "Roles": "Therapist"}, "is an External Agent here"),
        ({"Email": RAE, "Active": "no"}, "is an External Agent here"),
    ],
)
def test_a_file_makes_no_agent_and_changes_none(
    practice: Practice, rae: UUID, change: dict[str, str], reason: str
) -> None:
    rows = sheet(MINA, MINA | change, header=HEADER)

    batch_id, _ = take_in(practice, practice.ana, rows)

    (first, _), (second, why) = fates(practice, practice.ana, batch_id).values()
    assert (first, second) == ("done", "refused") and reason in why
    assert count(StaffMember, StaffMember.org_id == practice.org, col(StaffMember.is_agent)) == 1
    assert see(practice, practice.ben, profile, member_id=rae).name == "Rae Lindqvist"


# Agreements -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "last_old"),
    [(date(2026, 11, 26), date(2023, 11, 26)), (date(2028, 2, 29), date(2025, 2, 28))],
)
def test_an_agreement_is_current_for_three_years(today: date, last_old: date) -> None:
    assert oldest_current(today) == last_old
    assert not is_current(last_old, today) and is_current(last_old + timedelta(days=1), today)
    assert not is_current(None, today)


def test_the_day_is_entered_shown_and_taken_back(practice: Practice, rae: UUID) -> None:
    done = agree(practice, practice.sam, rae, "2026-03-14", "Blue  folder")

    place = see(practice, practice.ben, profile, member_id=rae).place
    assert (place.baa, place.baa_note, place.baa_fault) == ("14 March 2026", "Blue folder", "")
    do(practice, practice.sam, undo, entry_id=done.undo)  # type: ignore[attr-defined]
    place = see(practice, practice.ben, profile, member_id=rae).place
    assert (place.baa, place.baa_note, place.baa_fault) == ("", "", "none")
    agree(practice, practice.sam, rae, "2019-01-02")
    assert see(practice, practice.ben, profile, member_id=rae).place.baa_fault == "old"
    assert names(practice, NO_BAA) == ["Rae Lindqvist"] and faults() == []


@pytest.mark.parametrize(
    ("day", "words"),
    [("2099-01-01", "yet to come"), ("1970-01-01", "too long ago"), ("soon", "not a day")],
)
def test_a_day_that_cannot_be_is_refused(practice: Practice, rae: UUID, day: str, words: str) -> None:
    given = {"signed_on": day, "note": "", "seen_on": "", "seen_note": ""}

    refused = refusal(practice, practice.ben, set_agreement, Invalid, member_id=rae, **given)

    assert words in refused.sentence and refused.field == "signed_on"


def test_who_may_not_and_of_whom_there_is_none(practice: Practice, rae: UUID) -> None:
    given = {"signed_on": "2026-03-14", "note": "", "seen_on": "", "seen_note": ""}

    cleo_and_strangers_may_not(practice, set_agreement, member_id=rae, **given)
    refusal(practice, practice.ana, set_agreement, NotFound, member_id=practice.cleo, **given)
    do(practice, practice.ana, switch_role, **switching(practice, rae, "manager", on=True))
    refusal(practice, rae, set_agreement, NotAllowed, member_id=rae, **given)
    refusal(practice, practice.sam, set_agreement, NotAllowed, member_id=rae, **given)


@pytest.mark.req("LV-02")
def test_the_second_to_save_sees_that_somebody_was_first(practice: Practice, rae: UUID) -> None:
    agree(practice, practice.ben, rae, "2026-03-14")
    given = {"signed_on": "2025-01-01", "note": "", "seen_on": "", "seen_note": ""}

    refusal(practice, practice.ana, set_agreement, AgreementChanged, member_id=rae, **given)

    # The same twice changes nothing.
    assert "Nothing has changed" in agree(practice, practice.ben, rae, "2026-03-14").sentence  # type: ignore[attr-defined]


@pytest.fixture
def settled_in(practice: Practice, rae: UUID) -> Iterator[UUID]:
    """Rae, who has been there for eight days."""
    with begin_work(system(), org=practice.org) as work:
        member = work.get(StaffMember, rae)
        member.joined_at = datetime.now(UTC) - timedelta(days=8)
        work.add(member)
    return rae


def asked() -> list[Letter]:
    with begin_work(system(), writes=False) as work:
        query = select(Letter).where(Letter.kind == "agent_agreements").order_by(col(Letter.to))
        return list(work.session.exec(query))


def test_owners_and_managers_are_written_to_once(practice: Practice, settled_in: UUID) -> None:
    for _ in range(3):
        sweep_agreements()

    letters = asked()
    assert [letter.to.split(".")[0] for letter in letters] == ["ana", "ben"]
    assert letters[0].values and letters[0].values["agents"] == "Rae Lindqvist"
    words = render("agent_agreements", letters[0].values, mail_from="no-reply@x.example")
    assert "Rae Lindqvist" in words.text and "/settings/staff?state=no_baa" in words.html
    assert [entry.action for entry in log(practice)].count("agent.agreement_asked") == 1 and faults() == []


def test_it_is_asked_once_somebody_can_get_the_letter(practice: Practice, settled_in: UUID) -> None:
    everybody_manages(practice, joined=False)
    sweep_agreements()
    nobody = asked()

    everybody_manages(practice, joined=True)
    sweep_agreements()

    assert nobody == [] and [letter.to.split(".")[0] for letter in asked()] == ["ana", "ben"]
    assert [entry.action for entry in log(practice)].count("agent.agreement_asked") == 1


def everybody_manages(practice: Practice, *, joined: bool) -> None:
    with begin_work(system(), org=practice.org) as work:
        for one in (practice.ana, practice.ben):
            work.get(StaffMember, one).joined_at = work.now if joined else None


def test_whoever_is_locked_out_gets_no_letter(practice: Practice, settled_in: UUID) -> None:
    with begin_work(system(), org=practice.org) as work:
        work.session.get_one(Organization, practice.org).lock_after_days = 30
        ben = work.get(StaffMember, practice.ben)
        ben.joined_at, ben.signed_in_at = work.now - timedelta(days=40), None

    sweep_agreements()

    assert [letter.to.split(".")[0] for letter in asked()] == ["ana"]


def test_nobody_is_written_to_about_who_is_new_gone_or_has_signed(practice: Practice, rae: UUID) -> None:
    sweep_agreements()
    assert asked() == []
    with begin_work(system(), org=practice.org) as work:
        member = work.get(StaffMember, rae)
        member.joined_at = datetime.now(UTC) - timedelta(days=8)
        work.add(member)
    agree(practice, practice.ben, rae, "2026-03-14")
    sweep_agreements()
    assert asked() == []
    agree(practice, practice.ben, rae, "2019-03-14", seen_on="2026-03-14")
    do(practice, practice.ben, deactivate, member_id=rae)
    sweep_agreements()

    assert asked() == []


def test_once_it_has_grown_old_they_are_written_to_anew(practice: Practice, settled_in: UUID) -> None:
    sweep_agreements()
    agree(practice, practice.ben, settled_in, "2026-03-14")
    sweep_agreements()
    assert len(asked()) == 2

    agree(practice, practice.ben, settled_in, "2020-03-14", seen_on="2026-03-14")
    sweep_agreements()

    assert len(asked()) == 4


def test_the_letters_to_agents_can_be_written(practice: Practice, account: UUID) -> None:
    add(practice, practice.ben, account)
    with begin_work(system(), writes=False) as work:
        letters = work.session.exec(select(Letter).where(Letter.to == RAE).order_by(col(Letter.id))).all()

    said = [render(one.kind, one.values or {}, mail_from="no-reply@x.example") for one in letters]

    assert "Token and a Code" in said[0].text and "Dov Stranger" in said[0].text
    assert "Ben Okafor has added you to Riverbend Therapy" in said[1].text and "/account" in said[1].html
    assert key(account)[1] not in "".join(one.text + one.html for one in said)


def test_leaving_takes_the_name_off_the_filters(practice: Practice, account: UUID, rae: UUID) -> None:
    with begin_work(lambda *_: Actor("person", account_id=account), org=practice.org) as work:
        leave_practice(work)

    assert names(practice, AGENTS) == names(practice, NO_BAA) == []
    assert names(practice, RosterView(states=("agent",), inactive=True)) == []
