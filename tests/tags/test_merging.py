"""Two tags made one and two again, beside a plain oracle that knows sets only (TA-15, UX-02)."""

import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from motlink.audit.undo import UndoRefused, undo
from motlink.errors import NotFound
from motlink.tags.actions import put_tag, set_last_day, take_tag
from motlink.tags.errors import OneTag
from motlink.tags.merging import merge_tags
from motlink.tags.models import Tag
from motlink.tags.vocabulary import rename_tag
from motlink.work import begin_work, system
from tests.acts import cleo_and_strangers_may_not, do, faults, refusal
from tests.people import Practice
from tests.staff.orders import wrong_orders
from tests.tags.words import Worn, crowd, rows, tag, tags, worn

pytestmark = pytest.mark.req("TA-15", "UX-02")
SOON, LATE = (str((datetime.now(UTC) + timedelta(days=days)).date()) for days in (3, 30))
DAYS = ("", SOON, LATE)


def united(before: Worn, one: str, into: str) -> Worn:
    """Say what everyone should wear: whoever wears both keeps the later day, and none is the latest."""
    after = {row for row in before if row[1] not in (one, into)}
    for who in {row[0] for row in before if row[1] in (one, into)}:
        days = [row[2] for row in before if row[0] == who and row[1] in (one, into)]
        after.add((who, into, None if None in days else max(days, key=lambda day: day or date.max)))
    return after


@pytest.mark.parametrize("seed", range(8))
def test_a_merge_is_what_the_oracle_says_and_its_undo_gives_back_every_row(
    practice: Practice, seed: int
) -> None:
    chance = random.Random(seed)
    people, made = crowd(practice, 9), {name: tag(practice, name) for name in ("Mid", "Zulu", "Alpha")}
    for who in people:
        for tag_id in chance.sample(list(made.values()), k=chance.randrange(4)):
            do(practice, practice.ana, put_tag, member_id=who, tag_id=tag_id, until=chance.choice(DAYS))
            if chance.random() < 0.2:
                do(practice, practice.ana, take_tag, member_id=who, tag_id=tag_id)
    one, into = chance.sample(["Mid", "Zulu", "Alpha"], k=2)
    before, plain = rows(practice), worn(practice)

    done = do(practice, practice.ana, merge_tags, tag_id=made[one], into_id=made[into])
    assert worn(practice) == united(plain, one, into)
    assert set(tags(practice)) == {"Mid", "Zulu", "Alpha"} - {one} and wrong_orders() == []
    do(practice, practice.ana, undo, entry_id=done.undo)

    assert rows(practice) == before and wrong_orders() == [] and faults() == []
    assert set(tags(practice)) == {"Mid", "Zulu", "Alpha"}
    # And once more: an undone merge leaves nothing behind.
    again = do(practice, practice.ana, merge_tags, tag_id=made[one], into_id=made[into])
    assert worn(practice) == united(plain, one, into)
    do(practice, practice.ana, undo, entry_id=again.undo)
    assert rows(practice) == before


def merged(practice: Practice) -> tuple[UUID, UUID, UUID]:
    """Cleo wore the first, Ben both, Sam the second; return both tags and the entry."""
    one = tag(practice, "Aetna PPO", practice.cleo, practice.ben)
    into = tag(practice, "Aetna", practice.ben, practice.sam)
    done = do(practice, practice.ana, merge_tags, tag_id=one, into_id=into)
    assert done.sentence == "Aetna PPO is merged into Aetna; 2 people wore it."
    assert done.undo
    return one, into, done.undo


def test_who_wears_it_since_the_merge_keeps_it_when_the_merge_is_undone(practice: Practice) -> None:
    _, into, entry = merged(practice)
    do(practice, practice.ben, put_tag, member_id=practice.ana, tag_id=into)
    do(practice, practice.ben, take_tag, member_id=practice.sam, tag_id=into)

    do(practice, practice.ana, undo, entry_id=entry)

    assert worn(practice) == {
        ("Cleo", "Aetna PPO", None),
        ("Ben", "Aetna PPO", None),
        ("Ben", "Aetna", None),
        ("Ana", "Aetna", None),
    }


@pytest.mark.parametrize("who", ["cleo", "ben"])
@pytest.mark.parametrize("touch", ["taken", "dated", "taken and put"])
def test_a_merge_stays_once_one_of_its_people_was_touched(practice: Practice, who: str, touch: str) -> None:
    _, into, entry = merged(practice)
    on = {"member_id": getattr(practice, who), "tag_id": into}
    if touch == "dated":
        do(practice, practice.ben, set_last_day, until=LATE, **on)
    else:
        do(practice, practice.ben, take_tag, **on)
    if touch == "taken and put":
        do(practice, practice.ben, put_tag, **on)

    refusal(practice, practice.ana, undo, UndoRefused, entry_id=entry)


def test_a_merge_stays_once_the_word_is_taken_or_the_other_tag_is_gone(practice: Practice) -> None:
    _, into, entry = merged(practice)
    again = tag(practice, "aetna ppo")
    refusal(practice, practice.ana, undo, UndoRefused, entry_id=entry)
    do(practice, practice.ben, merge_tags, tag_id=into, into_id=again)
    refusal(practice, practice.ana, undo, UndoRefused, entry_id=entry)


def test_a_renamed_tag_is_still_parted(practice: Practice) -> None:
    _, into, entry = merged(practice)
    do(practice, practice.ben, rename_tag, tag_id=into, version=1, name="Aetna (all)")

    do(practice, practice.ana, undo, entry_id=entry)

    assert set(tags(practice)) == {"Aetna PPO", "Aetna (all)"}


def test_a_merge_of_a_merge_is_undone_from_the_end(practice: Practice) -> None:
    one, into, first = merged(practice)
    last = tag(practice, "Insurance", practice.cleo)
    before = rows(practice)
    second = do(practice, practice.ana, merge_tags, tag_id=into, into_id=last)
    refusal(practice, practice.ana, undo, UndoRefused, entry_id=first)

    do(practice, practice.ana, undo, entry_id=second.undo)

    assert rows(practice) == before and wrong_orders() == []
    with begin_work(system(), org=practice.org, writes=False) as work:
        assert work.get(Tag, one).merged_into == into


def test_who_may_not_merges_nothing(practice: Practice) -> None:
    one, into = tag(practice, "One", practice.cleo), tag(practice, "Two")
    given = {"tag_id": one, "into_id": into}

    cleo_and_strangers_may_not(practice, merge_tags, of_member=False, **given)
    with pytest.raises(NotFound), begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
        merge_tags(work, **given)
    refusal(practice, practice.ana, merge_tags, OneTag, tag_id=one, into_id=one)
    do(practice, practice.ana, merge_tags, **given)
    # Twice, as a click that was kept while the line was down.
    refusal(practice, practice.ana, merge_tags, NotFound, **given)
