"""Reading the log: who may, what it says, how it leaves."""

import pytest

from motlink.audit.queries import AuditView, entries, export
from motlink.errors import NotAllowed
from motlink.staff.actions import add_member, switch_role
from motlink.work import begin_work
from tests.acts import do, log, refusal, see, switching
from tests.people import Practice

pytestmark = pytest.mark.req("AU-01")


def exported(work: object, *, view: AuditView) -> list[list[str]]:
    return list(export(work, view=view))  # type: ignore[arg-type]


def test_the_log_says_who_did_what_to_whom(practice: Practice) -> None:
    do(practice, practice.ben, switch_role, **switching(practice, practice.cleo, "biller", on=True))

    row = see(practice, practice.ana, entries, view=AuditView()).rows[0]

    assert (row.who, row.what, row.whom) == ("Ben Okafor", "Role turned on", "Cleo Marchetti")
    assert "Biller" in row.details and row.at


@pytest.mark.req("AU-02")
@pytest.mark.asvs("16.3.2")
def test_a_refusal_is_written_down_with_who_was_refused(practice: Practice) -> None:
    refusal(
        practice,
        practice.cleo,
        add_member,
        NotAllowed,
        first_name="J",
        last_name="L",
        email="j@riverbend.example",
    )

    row = see(practice, practice.ana, entries, view=AuditView(action="refused")).rows[0]

    assert (row.who, row.what) == ("Cleo Marchetti", "Refused") and row.details


@pytest.mark.req("AU-02", "TA-01")
def test_the_log_is_read_by_those_who_may(practice: Practice) -> None:
    for query in (entries, exported):
        for who in (practice.cleo, practice.sam):
            with pytest.raises(NotAllowed):
                see(practice, who, query, view=AuditView())
        assert see(practice, practice.ben, query, view=AuditView())
    assert [entry.action for entry in log(practice)].count("refused") == 4


def test_another_practice_sees_nothing_of_it(practice: Practice) -> None:
    do(practice, practice.ben, switch_role, **switching(practice, practice.cleo, "biller", on=True))

    with begin_work(practice.as_(practice.dov), org=practice.other_org, writes=False) as work:
        page = entries(work, view=AuditView())
        rows = exported(work, view=AuditView())
    with (
        pytest.raises(NotAllowed),
        begin_work(practice.as_(practice.dov), org=practice.org, writes=False) as work,
    ):
        entries(work, view=AuditView())

    assert "Cleo" not in repr(page) + repr(rows) and "Ben" not in repr(page) + repr(rows)
    assert {row.whom for row in page.rows} <= {"Dov Stranger", ""}


def test_the_log_is_filtered_by_act_and_by_person(practice: Practice) -> None:
    do(practice, practice.ben, switch_role, **switching(practice, practice.cleo, "biller", on=True))
    do(practice, practice.ana, switch_role, **switching(practice, practice.cleo, "biller", on=False))
    everyone = see(practice, practice.ana, entries, view=AuditView())
    ben = next(key for key, name in everyone.people if name == "Ben Okafor")

    by_act = see(practice, practice.ana, entries, view=AuditView(action="staff.role_off"))
    by_ben = see(practice, practice.ana, entries, view=AuditView(who=ben))

    assert [row.who for row in by_act.rows] == ["Ana Castellanos"]
    assert {row.who for row in by_ben.rows} == {"Ben Okafor"} and by_ben.shown == 1


@pytest.mark.parametrize("typed", ["\x00", "\ud800", "x" * 400, "' OR 1=1 --", "%"])
@pytest.mark.asvs("1.2.4")
def test_a_filter_sent_by_hand_finds_nothing_and_breaks_nothing(practice: Practice, typed: str) -> None:
    assert see(practice, practice.ana, entries, view=AuditView(action=typed)).rows == ()
    assert see(practice, practice.ana, entries, view=AuditView(who=typed)).rows == ()


def test_a_page_beyond_the_last_is_the_last(practice: Practice) -> None:
    for page in (-1, 0, 10**9):
        assert see(practice, practice.ana, entries, view=AuditView(page=page)).page == 1


def test_all_of_a_long_log_is_exported_newest_first(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motlink.audit.queries.ROWS_AT_ONCE", 2)
    whole = len(log(practice))

    head, *rows = see(practice, practice.ana, exported, view=AuditView())

    assert head[0] == "Number"
    assert [int(row[0]) for row in rows] == list(range(whole, 0, -1))
