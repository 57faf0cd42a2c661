"""How far a batch is, for whoever started it; stopping it; tags by a new word; what can be chosen (TA-31)."""

from uuid import UUID

import pytest

from motlink import batch_runner
from motlink.audit.undo import undo
from motlink.errors import Invalid, NotAllowed, NotFound
from motlink.staff.batch_choices import role_choices, tag_choices
from motlink.staff.batch_progress import Progress, batch_progress, refused_people
from motlink.staff.batches import CHUNK, start_batch, start_tagging, stop_own_batch
from motlink.staff.roster import roster_rows
from motlink.tags.actions import make_tag
from motlink.work import begin_work, system
from tests.acts import cleo_and_strangers_may_not, do, refusal, roles_of, see
from tests.people import Practice, add_person

pytestmark = pytest.mark.req("TA-31")


def many(practice: Practice, number: int) -> list[UUID]:
    with begin_work(system(), org=practice.org) as work:
        return [add_person(work, f"P{n}", "Many", "therapist") for n in range(number)]


def progress(practice: Practice, who: UUID) -> Progress | None:
    return see(practice, who, batch_progress)  # type: ignore[no-any-return]


def biller(practice: Practice, people: list[UUID]) -> dict:
    return {"kind": "role_on", "member_ids": people, "role_id": practice.roles["biller"]}


def test_the_starter_sees_how_far_it_is_and_what_became_of_it(practice: Practice) -> None:
    people = many(practice, CHUNK + 3)
    done = do(practice, practice.ben, start_batch, **biller(practice, people))

    half = progress(practice, practice.ben)
    batch_runner.sweep_batches()
    whole = progress(practice, practice.ben)

    assert half and (half.running, half.done, half.total) == (True, CHUNK, CHUNK + 3)
    assert half.doing == f"Turning Biller on for {CHUNK + 3} people"
    assert whole and (whole.running, whole.done, whole.undo) == (False, CHUNK + 3, done.undo)
    assert whole.sentence == f"Biller turned on for {CHUNK + 3} people."


def test_nobody_else_sees_or_stops_it(practice: Practice) -> None:
    do(practice, practice.ben, start_batch, **biller(practice, many(practice, CHUNK + 3)))
    batch = progress(practice, practice.ben)
    assert batch

    assert progress(practice, practice.ana) is None
    for query in (batch_progress, refused_people):
        refusal(practice, practice.ana, query, NotFound, batch_id=batch.id)
        with pytest.raises(NotFound), begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
            query(work, batch_id=batch.id)
    refusal(practice, practice.ana, stop_own_batch, NotAllowed, batch_id=batch.id)
    with pytest.raises(NotFound), begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
        stop_own_batch(work, batch_id=batch.id)

    now = progress(practice, practice.ben)
    assert now and now.running


def test_what_is_stopped_stays_as_far_as_it_is_and_is_undone_as_a_whole(practice: Practice) -> None:
    people = many(practice, CHUNK + 3)
    do(practice, practice.ben, start_batch, **biller(practice, people))
    batch = progress(practice, practice.ben)
    assert batch

    stopped = do(practice, practice.ben, stop_own_batch, batch_id=batch.id)
    again = do(practice, practice.ben, stop_own_batch, batch_id=batch.id)
    batch_runner.sweep_batches()
    held = sum("biller" in roles_of(practice, one) for one in people)
    do(practice, practice.ben, undo, entry_id=stopped.undo)
    batch_runner.sweep_batches()

    assert stopped.sentence == f"Biller turned on for {CHUNK} people. 3 left as they were."
    assert (again.sentence, held) == ("", CHUNK)
    assert not any("biller" in roles_of(practice, one) for one in people)


def test_who_was_refused_is_listed_with_the_reason(practice: Practice) -> None:
    people = many(practice, 2)
    do(practice, practice.ana, start_batch, kind="deactivate", member_ids=[*people, practice.ana])
    batch = progress(practice, practice.ana)
    assert batch and batch.refused == 1

    listed = see(practice, practice.ana, refused_people, batch_id=batch.id)

    assert [(one.member_id, one.name) for one in listed] == [(practice.ana, "Ana Castellanos")]
    assert listed[0].reason.startswith("Nobody deactivates their own account.")


def test_a_new_word_becomes_a_tag_and_all_of_them_wear_it(practice: Practice) -> None:
    people = many(practice, 2)

    done = do(practice, practice.ben, start_tagging, member_ids=people, name="  Play   therapy ")

    assert done.sentence == "Play therapy put on 2 people."
    rows = see(practice, practice.ben, roster_rows, member_ids=people)
    assert [[tag.name for tag in row.tags] for row in rows] == [["Play therapy"]] * 2
    cleo_and_strangers_may_not(practice, start_tagging, of_member=False, member_ids=people, name="Feeding")
    refusal(practice, practice.ben, start_tagging, Invalid, member_ids=people, name="  ")
    refusal(practice, practice.ben, start_tagging, NotFound, member_ids=[practice.dov], name="Feeding")


def test_tags_are_found_as_they_are_typed(practice: Practice) -> None:
    for name in ("Français", "Spanish", "Spanish reading", "Early Spanish"):
        do(practice, practice.ben, make_tag, name=name)
    with begin_work(system(), org=practice.other_org) as work:
        make_tag(work, name="Spanish elsewhere")

    span = see(practice, practice.ben, tag_choices, words="SPAN")
    exact = see(practice, practice.ben, tag_choices, words=" spanish ")
    accent = see(practice, practice.ben, tag_choices, words="francais")
    new = see(practice, practice.ben, tag_choices, words="Feeding")

    assert [tag.name for tag in span.tags] == ["Spanish", "Spanish reading", "Early Spanish"]
    assert (span.new, span.same) == ("SPAN", None)
    assert (exact.tags[0].id, exact.new) == (exact.same, "")
    assert [tag.name for tag in accent.tags] == ["Français"]
    assert (new.tags, new.new) == ((), "Feeding")
    refusal(practice, practice.cleo, tag_choices, NotAllowed, words="a")


def test_the_roles_of_the_practice_can_be_chosen_by_whoever_manages_staff(practice: Practice) -> None:
    chosen = see(practice, practice.sam, role_choices)

    # Options stand under their role, and are given on the Profile.
    assert practice.roles["telehealth"] not in {one.id for one in chosen}
    assert {one.id for one in chosen} < set(practice.roles.values())
    assert [one.name for one in chosen if one.paid] == ["Therapist", "Supervisor", "Intern"]
    refusal(practice, practice.cleo, role_choices, NotAllowed)
