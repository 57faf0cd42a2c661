"""Tags on people, and the words themselves: who may, who may not, twice, late, at once (TA-13, TA-14, TA-15)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from motlink.audit.undo import UndoRefused, undo
from motlink.errors import Invalid, NotAllowed, NotFound
from motlink.staff.actions import deactivate
from motlink.staff.roster import roster, roster_rows
from motlink.staff.rows import RosterView
from motlink.tags.actions import end_past, make_tag, new_tag, put_new_tag, put_tag, set_last_day, take_tag
from motlink.tags.errors import NameTaken, Renamed
from motlink.tags.models import Tag
from motlink.tags.vocabulary import delete_tag, keep_apart, rename_tag, set_color, set_group
from motlink.work import begin_work, system
from tests.acts import cleo_and_strangers_may_not, count, do, log, refusal, see
from tests.people import Practice, add_person
from tests.staff.orders import wrong_orders
from tests.tags.words import crowd, rows, tag, tags, worn
from tests.test_races import at_once

pytestmark = pytest.mark.req("TA-14")
TOMORROW = str((datetime.now(UTC) + timedelta(days=2)).date())
LATER = datetime.now(UTC) + timedelta(days=9)


def take_back(practice: Practice, done: Any, *, at: datetime | None = None) -> Any:
    """Undo it as Ana, and look at everyone's place in the order."""
    said = do(practice, practice.ana, undo, entry_id=done.undo, at=at)
    assert wrong_orders() == []
    return said


@pytest.mark.req("UX-02")
def test_a_tag_is_put_on_and_taken_off_and_each_is_undone_exactly(practice: Practice) -> None:
    aetna = tag(practice, "Aetna")
    on = {"member_id": practice.cleo, "tag_id": aetna}

    done = do(practice, practice.ana, put_tag, until=TOMORROW, **on)
    assert worn(practice) == {("Cleo", "Aetna", date.fromisoformat(TOMORROW))}
    assert wrong_orders() == [] and done.sentence == "Aetna put on Cleo Marchetti."
    take_back(practice, done)
    assert worn(practice) == set()

    do(practice, practice.ana, put_tag, until=TOMORROW, **on)
    before = rows(practice)
    off = do(practice, practice.ana, take_tag, **on)
    assert worn(practice) == set() and wrong_orders() == []
    take_back(practice, off)
    assert rows(practice) == before
    again = do(practice, practice.ana, put_tag, **on)
    assert again.undo is None and rows(practice) == before


@pytest.mark.req("TA-01")
def test_cleo_and_strangers_put_nothing_on_and_take_nothing_off(practice: Practice) -> None:
    aetna = tag(practice, "Aetna", practice.cleo)
    on = {"member_id": practice.cleo, "tag_id": aetna}

    cleo_and_strangers_may_not(practice, put_tag, **on)
    cleo_and_strangers_may_not(practice, take_tag, **on)
    cleo_and_strangers_may_not(practice, set_last_day, until=TOMORROW, **on)
    cleo_and_strangers_may_not(practice, put_new_tag, member_id=practice.cleo, name="New")
    for action, given in of_a_tag(aetna, tag(practice, "Cigna")):
        cleo_and_strangers_may_not(practice, action, of_member=False, **given)
        with pytest.raises(NotFound), begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
            action(work, **given)

    assert worn(practice) == {("Cleo", "Aetna", None)}


def of_a_tag(tag_id: UUID, other_id: UUID) -> list[tuple[Any, dict[str, Any]]]:
    return [
        (rename_tag, {"tag_id": tag_id, "version": 1, "name": "Other"}),
        (set_color, {"tag_id": tag_id, "color": "red"}),
        (set_group, {"tag_id": tag_id, "group": "Insurance"}),
        (keep_apart, {"tag_id": tag_id, "other_id": other_id}),
        (delete_tag, {"tag_id": tag_id}),
    ]


def test_a_scheduler_edits_tags(practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        scheduler = add_person(work, "Sky", "Duler", "scheduler")

    do(practice, scheduler, put_new_tag, member_id=practice.cleo, name="Spanish")

    assert worn(practice) == {("Cleo", "Spanish", None)}


def test_other_case_and_spacing_is_the_same_tag(practice: Practice) -> None:
    for name in ("Play Therapy", " play   THERAPY ", "ＰＬＡＹ therapy"):
        do(practice, practice.ben, put_new_tag, member_id=practice.cleo, name=name)

    assert worn(practice) == {("Cleo", "Play Therapy", None)}
    assert count(Tag, Tag.org_id == practice.org) == 1
    assert refusal(practice, practice.ana, new_tag, NameTaken, name="PLAY therapy").tag_id
    refusal(practice, practice.ana, new_tag, Invalid, name=" \x00 ")


def test_two_managers_who_make_the_same_word_at_once_make_one_tag(practice: Practice) -> None:
    for number in range(5):
        at_once(
            *(
                lambda who=who, name=name: do(practice, who, put_new_tag, member_id=practice.cleo, name=name)
                for who, name in ((practice.ana, f"Word {number}"), (practice.ben, f"WORD  {number}"))
            )
        )

    assert count(Tag, Tag.org_id == practice.org) == 5 == len(worn(practice))


@pytest.mark.req("TA-03", "TA-15")
def test_a_tag_past_its_day_is_not_worn_and_the_sweep_changes_nothing_that_counts(practice: Practice) -> None:
    tag(practice, "Aetna", practice.cleo, until=TOMORROW)
    tag(practice, "Spanish", practice.cleo, practice.ben)

    def seen(at: datetime) -> Any:
        (row,) = see(practice, practice.ana, roster_rows, member_ids=[practice.cleo], at=at)
        found = see(practice, practice.ana, roster, view=RosterView(tags=("aetna",)), at=at)
        typed = see(practice, practice.ana, roster, view=RosterView(q="aetna"), at=at)
        return [chip.name for chip in row.tags], [one.name for one in found.rows], typed.shown

    assert seen(datetime.now(UTC)) == (["Aetna", "Spanish"], ["Cleo Marchetti"], 1)
    assert seen(LATER) == (["Spanish"], [], 0)
    with begin_work(system("Sweep"), org=practice.org, at=LATER) as work:
        assert end_past(work) == 1
    with begin_work(system("Sweep"), org=practice.org, at=LATER) as work:
        assert end_past(work) == 0

    assert seen(LATER) == (["Spanish"], [], 0) and wrong_orders() == []
    assert log(practice)[-1].action == "tag.ran_out"


def test_the_last_day_is_the_practices_own(practice: Practice) -> None:
    """New York: at 3 in the morning of the first of January, UTC, it is still the day before."""
    new_year = datetime(2027, 1, 1, 3, tzinfo=UTC)
    spanish = tag(practice, "Spanish")
    on = {"member_id": practice.cleo, "tag_id": spanish}

    do(practice, practice.ana, put_tag, until="2026-12-31", at=new_year, **on)

    (row,) = see(practice, practice.ana, roster_rows, member_ids=[practice.cleo], at=new_year)
    assert [chip.until for chip in row.tags] == ["until 31 Dec"]
    after = new_year + timedelta(hours=2)
    (row,) = see(practice, practice.ana, roster_rows, member_ids=[practice.cleo], at=after)
    assert row.tags == ()
    for bad in ("2026-12-31", "31.12.2026", "never"):
        with pytest.raises(Invalid):
            do(practice, practice.ana, put_tag, until=bad, at=after, **on)
    # What is over makes room for a new one.
    assert do(practice, practice.ana, put_tag, until="2027-06-30", at=after, **on).undo
    assert wrong_orders() == []


@pytest.mark.req("UX-02")
def test_a_last_day_is_changed_and_undone(practice: Practice) -> None:
    aetna = tag(practice, "Aetna", practice.cleo)
    on = {"member_id": practice.cleo, "tag_id": aetna}

    done = do(practice, practice.ben, set_last_day, until=TOMORROW, **on)
    assert worn(practice) == {("Cleo", "Aetna", date.fromisoformat(TOMORROW))}
    with pytest.raises(NotAllowed):
        do(practice, practice.ana, undo, entry_id=done.undo)
    do(practice, practice.ben, undo, entry_id=done.undo)

    assert worn(practice) == {("Cleo", "Aetna", None)}
    assert do(practice, practice.ben, set_last_day, until="", **on).undo is None
    with pytest.raises(NotFound):
        do(practice, practice.ben, set_last_day, until="", member_id=practice.sam, tag_id=aetna)


@pytest.mark.req("UX-02")
def test_undo_is_refused_once_the_tag_was_touched_again(practice: Practice) -> None:
    aetna = tag(practice, "Aetna")
    on = {"member_id": practice.cleo, "tag_id": aetna}
    put = do(practice, practice.ana, put_tag, **on)
    do(practice, practice.ben, take_tag, **on)
    refusal(practice, practice.ana, undo, UndoRefused, entry_id=put.undo)
    again = do(practice, practice.ana, put_tag, **on)
    do(practice, practice.ben, set_last_day, until=TOMORROW, **on)
    refusal(practice, practice.ana, undo, UndoRefused, entry_id=again.undo)
    off = do(practice, practice.ana, take_tag, **on)
    with pytest.raises(UndoRefused):
        do(practice, practice.ana, undo, entry_id=off.undo, at=LATER)
    do(practice, practice.ben, delete_tag, tag_id=aetna)
    refusal(practice, practice.ana, undo, UndoRefused, entry_id=off.undo)


@pytest.mark.req("TA-15", "UX-02")
def test_a_tag_is_renamed_for_everyone_and_back(practice: Practice) -> None:
    zulu, mid = tag(practice, "Zulu", practice.cleo, practice.ben), tag(practice, "Middle", practice.cleo)

    done = do(practice, practice.ana, rename_tag, tag_id=zulu, version=1, name=" Alpha  One ")
    assert {name for _, name, _ in worn(practice)} == {"Alpha One", "Middle"}
    assert wrong_orders() == [] and done.sentence == "Zulu is called Alpha One now."
    taken = refusal(practice, practice.ana, rename_tag, NameTaken, tag_id=zulu, version=2, name="MIDDLE")
    assert taken.tag_id == mid
    late = refusal(practice, practice.ben, rename_tag, Renamed, tag_id=zulu, version=1, name="Bravo")
    assert (late.name, late.version) == ("Alpha One", 2)
    assert do(practice, practice.ana, rename_tag, tag_id=zulu, version=2, name="Alpha One").undo is None

    take_back(practice, done)
    assert set(tags(practice)) == {"Zulu", "Middle"}
    # Another case is the same tag, and no other one's.
    do(practice, practice.ana, rename_tag, tag_id=zulu, version=3, name="ZULU")
    refusal(practice, practice.ana, undo, UndoRefused, entry_id=done.undo)


@pytest.mark.req("TA-15", "UX-02")
def test_colour_and_group_are_set_and_undone(practice: Practice) -> None:
    aetna = tag(practice, "Aetna")
    was = tags(practice)["Aetna"].color

    colored = do(practice, practice.ana, set_color, tag_id=aetna, color="pink")
    grouped = do(practice, practice.ana, set_group, tag_id=aetna, group="  Insurance ")
    assert (tags(practice)["Aetna"].color, tags(practice)["Aetna"].group) == ("pink", "Insurance")
    refusal(practice, practice.ana, set_color, Invalid, tag_id=aetna, color="url(x)")
    assert do(practice, practice.ana, set_color, tag_id=aetna, color="pink").undo is None

    take_back(practice, colored)
    take_back(practice, grouped)
    assert (tags(practice)["Aetna"].color, tags(practice)["Aetna"].group) == (was, "")
    with pytest.raises(UndoRefused):
        take_back(practice, colored)


@pytest.mark.req("TA-15", "UX-02")
def test_a_deleted_tag_comes_back_on_exactly_those_who_wore_it(practice: Practice) -> None:
    people = crowd(practice, 6)
    aetna, _ = tag(practice, "Aetna", *people), tag(practice, "Aardvark", *people[:2])
    do(practice, practice.ana, take_tag, member_id=people[0], tag_id=aetna)
    do(practice, practice.ana, set_last_day, member_id=people[1], tag_id=aetna, until=TOMORROW)
    do(practice, practice.ana, deactivate, member_id=people[2])
    before = rows(practice)

    done = do(practice, practice.ana, delete_tag, tag_id=aetna)
    assert done.sentence == "Aetna is deleted; 5 people wore it."
    assert {name for _, name, _ in worn(practice)} == {"Aardvark"} and wrong_orders() == []
    refusal(practice, practice.ana, delete_tag, NotFound, tag_id=aetna)
    refusal(practice, practice.ana, put_tag, NotFound, member_id=people[0], tag_id=aetna)

    take_back(practice, done)
    assert rows(practice) == before
    with pytest.raises(UndoRefused):
        take_back(practice, done)


@pytest.mark.req("TA-15")
def test_the_word_of_a_deleted_tag_is_free_and_then_it_cannot_come_back(practice: Practice) -> None:
    old = tag(practice, "Aetna", practice.cleo)
    done = do(practice, practice.ana, delete_tag, tag_id=old)

    new = tag(practice, "AETNA", practice.ben)

    assert new != old and worn(practice) == {("Ben", "AETNA", None)}
    refusal(practice, practice.ana, undo, UndoRefused, entry_id=done.undo)
    found = see(practice, practice.ana, roster, view=RosterView(tags=("aetna",)))
    assert [row.name for row in found.rows] == ["Ben Okafor"]
    assert [choice.name for choice in found.tag_choices] == ["AETNA"]


@pytest.mark.req("TA-15", "UX-02")
def test_a_new_tag_is_undone_until_somebody_wears_it(practice: Practice) -> None:
    first = do(practice, practice.ana, new_tag, name="Aetna", group="Insurance")
    take_back(practice, first)
    assert tags(practice) == {}
    second = do(practice, practice.ana, new_tag, name="Aetna")
    do(practice, practice.ben, put_new_tag, member_id=practice.cleo, name="aetna")
    refusal(practice, practice.ana, undo, UndoRefused, entry_id=second.undo)


@pytest.mark.req("TA-15", "UX-02")
def test_tags_kept_apart_may_look_alike_again(practice: Practice) -> None:
    one, other = tag(practice, "Aetna"), tag(practice, "Aetna PPO")

    done = do(practice, practice.ana, keep_apart, tag_id=other, other_id=one)
    again = do(practice, practice.ana, keep_apart, tag_id=one, other_id=other)
    take_back(practice, done)

    assert again.undo is None and not tags(practice)["Aetna"].kept_apart


def test_making_a_tag_twice_gives_the_same_one(practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        assert make_tag(work, name="Aetna").id == make_tag(work, name="aetna ").id
