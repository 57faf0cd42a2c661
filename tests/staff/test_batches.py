"""One act on many people: in small transactions, each person by itself, taken back as a whole (TA-31)."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from motlink import batch_runner
from motlink.audit.undo import UndoRefused, undo
from motlink.errors import Invalid, NotAllowed, NotFound
from motlink.staff import batch_kinds
from motlink.staff.actions import deactivate, switch_role
from motlink.staff.batches import CHUNK, NobodyChosen, do_chunk, start_batch, stop_own_batch, waiting_batches
from motlink.staff.models import Batch, BatchItem, StaffMember
from motlink.tags.actions import make_tag
from motlink.tags.models import Tagging
from motlink.work import Done, Work, begin_work, system
from tests.acts import cleo_and_strangers_may_not, count, do, faults, log, refusal, roles_of, switching
from tests.people import Practice, add_person

pytestmark = pytest.mark.req("TA-31")


def many(practice: Practice, number: int, *keys: str) -> list[UUID]:
    with begin_work(system(), org=practice.org) as work:
        return [add_person(work, f"P{n}", "Many", *(keys or ("therapist",))) for n in range(number)]


def batch_of(practice: Practice) -> Batch:
    with begin_work(system(), org=practice.org, writes=False) as work:
        query = select(Batch).where(Batch.org_id == practice.org)
        return work.session.exec(query.order_by(Batch.id.desc())).first()


def items_of(batch: Batch) -> list[BatchItem]:
    with begin_work(system(), writes=False) as work:
        query = select(BatchItem).where(BatchItem.batch_id == batch.id).order_by(BatchItem.number)
        return list(work.session.exec(query))


def holders(practice: Practice, key: str, people: list[UUID]) -> int:
    return sum(key in roles_of(practice, one) for one in people)


def role_on(practice: Practice, people: list[UUID], key: str = "biller", kind: str = "role_on") -> dict:
    return {"kind": kind, "member_ids": people, "role_id": practice.roles[key]}


def test_a_few_are_done_at_once_and_undone_at_once(practice: Practice) -> None:
    people = many(practice, 3)

    done = do(practice, practice.ben, start_batch, **role_on(practice, people))
    was_on = holders(practice, "biller", people)
    back = do(practice, practice.ben, undo, entry_id=done.undo)

    assert done.sentence == "Biller turned on for 3 people."
    assert (was_on, holders(practice, "biller", people)) == (3, 0)
    assert back.sentence == "Undone for 3 people."
    assert not faults()


def test_the_rest_follows_in_the_background_and_one_undo_takes_all_back(practice: Practice) -> None:
    people = many(practice, CHUNK * 2 + 3)

    done = do(practice, practice.ben, start_batch, **role_on(practice, people))
    at_first = holders(practice, "biller", people)
    batch_runner.sweep_batches()
    after = holders(practice, "biller", people)
    do(practice, practice.ben, undo, entry_id=done.undo)
    batch_runner.sweep_batches()

    assert done.sentence == f"Biller turned on for {CHUNK} people. {len(people) - CHUNK} more follow."
    assert (at_first, after, holders(practice, "biller", people)) == (CHUNK, len(people), 0)
    assert not faults()


def test_who_is_refused_is_told_with_the_reason_and_leaves_nothing_behind(practice: Practice) -> None:
    jo, kim = many(practice, 2)
    do(practice, practice.ana, deactivate, member_id=kim)

    done = do(practice, practice.sam, start_batch, **role_on(practice, [jo, kim, practice.ben], "therapist"))

    assert done.sentence == "Therapist turned on for 0 people. 1 had it already. 2 refused."
    reasons = {
        item.member_id: item.reason for item in items_of(batch_of(practice)) if item.outcome == "refused"
    }
    assert "inactive" in reasons[kim]
    assert "staff administrator" in reasons[practice.ben]
    # A refused person is in the log as someone who was refused, and nothing else of theirs is.
    about_ben = [entry.action for entry in log(practice) if entry.subject_id == practice.ben]
    assert about_ben[-1] == "refused"


def test_whoever_may_not_and_strangers_start_none(practice: Practice) -> None:
    people = many(practice, 2)

    cleo_and_strangers_may_not(practice, start_batch, of_member=False, **role_on(practice, people))
    refusal(practice, practice.ben, start_batch, NotFound, **role_on(practice, [*people, practice.dov]))
    refusal(practice, practice.ben, start_batch, NobodyChosen, **role_on(practice, []))
    refusal(practice, practice.ben, start_batch, Invalid, kind="erase", member_ids=people)
    with pytest.raises(NotFound), begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
        start_batch(work, **role_on(practice, people))

    assert holders(practice, "biller", people) == 0


def test_a_starter_who_loses_the_right_on_the_way_stops_the_batch(practice: Practice) -> None:
    people = many(practice, CHUNK + 5)
    do(practice, practice.ben, start_batch, **role_on(practice, people))

    do(practice, practice.ana, deactivate, member_id=practice.ben)
    batch_runner.sweep_batches()

    batch = batch_of(practice)
    assert (batch.state, batch.done) == ("stopped", CHUNK)
    assert {item.outcome for item in items_of(batch)} == {"done", "left"}
    assert holders(practice, "biller", people) == CHUNK


def test_a_starter_who_keeps_the_place_but_not_the_role_stops_the_batch(practice: Practice) -> None:
    people = many(practice, CHUNK + 5)
    do(practice, practice.ana, switch_role, **switching(practice, practice.ben, "scheduler", on=True))
    do(practice, practice.ben, start_batch, **role_on(practice, people))

    do(practice, practice.ana, switch_role, **switching(practice, practice.ben, "manager", on=False))
    batch_runner.sweep_batches()

    assert holders(practice, "biller", people) == CHUNK
    assert batch_of(practice).state == "stopped"
    assert [item.outcome for item in items_of(batch_of(practice))].count("left") == 5


def test_nobody_goes_on_with_a_batch_or_its_undo_without_the_privilege_for_it(practice: Practice) -> None:
    people = many(practice, CHUNK + 5)
    done = do(practice, practice.ben, start_batch, **role_on(practice, people))
    refusal(practice, practice.cleo, do_chunk, NotAllowed, batch_id=batch_of(practice).id)

    batch_runner.sweep_batches()
    do(practice, practice.ben, undo, entry_id=done.undo)
    refusal(practice, practice.cleo, do_chunk, NotAllowed, batch_id=batch_of(practice).id)

    with pytest.raises(NotFound), begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
        do_chunk(work, batch_id=batch_of(practice).id)
    assert holders(practice, "biller", people) == 5


def test_only_the_starter_takes_it_back_and_only_once(practice: Practice) -> None:
    people = many(practice, 2)
    done = do(practice, practice.ben, start_batch, **role_on(practice, people))

    refusal(practice, practice.ana, undo, NotAllowed, entry_id=done.undo)
    do(practice, practice.ben, undo, entry_id=done.undo)

    refusal(practice, practice.ben, undo, UndoRefused, entry_id=done.undo)


def test_an_undo_leaves_whom_someone_has_changed_since(practice: Practice) -> None:
    jo, kim = many(practice, 2)
    done = do(practice, practice.ben, start_batch, **role_on(practice, [jo, kim]))
    do(practice, practice.ana, switch_role, **switching(practice, jo, "biller", on=False))
    do(practice, practice.ana, switch_role, **switching(practice, jo, "biller", on=True))

    back = do(practice, practice.ben, undo, entry_id=done.undo)

    assert back.sentence == "Undone for 1 person. 1 refused."
    assert (roles_of(practice, jo), roles_of(practice, kim)) == ({"therapist", "biller"}, {"therapist"})


def test_an_undo_in_the_middle_stops_the_batch_first(practice: Practice) -> None:
    people = many(practice, CHUNK * 2)
    done = do(practice, practice.ben, start_batch, **role_on(practice, people))

    do(practice, practice.ben, undo, entry_id=done.undo)
    batch_runner.sweep_batches()

    assert holders(practice, "biller", people) == 0
    with begin_work(system(), writes=False) as work:
        assert waiting_batches(work) == []


def test_an_undo_that_is_stopped_half_way_can_be_finished_later(practice: Practice) -> None:
    people = many(practice, CHUNK + 5)
    done = do(practice, practice.ben, start_batch, **role_on(practice, people))
    batch_runner.sweep_batches()
    do(practice, practice.ben, undo, entry_id=done.undo)
    do(practice, practice.ben, stop_own_batch, batch_id=batch_of(practice).id)
    left = holders(practice, "biller", people)

    do(practice, practice.ben, undo, entry_id=done.undo)

    assert (left, holders(practice, "biller", people)) == (5, 0)
    assert batch_of(practice).total == 5
    refusal(practice, practice.ben, undo, UndoRefused, entry_id=done.undo)


def test_many_are_let_go_and_taken_back_with_their_roles(practice: Practice) -> None:
    people = many(practice, 4, "therapist", "biller")

    done = do(practice, practice.ana, start_batch, kind="deactivate", member_ids=[*people, practice.ana])
    gone = [roles_of(practice, one) for one in people]
    do(practice, practice.ana, undo, entry_id=done.undo)

    assert done.sentence == "4 people deactivated and signed out. 1 refused."
    assert gone == [set()] * 4
    assert [roles_of(practice, one) for one in people] == [{"therapist", "biller"}] * 4


def test_many_get_a_tag_and_lose_it_again_by_one_undo(practice: Practice) -> None:
    people = many(practice, 3)
    tag = do(practice, practice.ben, make_tag, name="Spanish")

    done = do(practice, practice.ben, start_batch, kind="tag", member_ids=people, tag_id=tag.id)

    worn = count(Tagging, Tagging.tag_id == tag.id, col(Tagging.ended_at).is_(None))
    back = do(practice, practice.ben, undo, entry_id=done.undo)

    assert (done.sentence, worn) == ("Spanish put on 3 people.", 3)
    assert back.sentence == "Undone for 3 people."
    assert count(Tagging, Tagging.tag_id == tag.id, col(Tagging.ended_at).is_(None)) == 0


def test_many_are_invited_which_nothing_takes_back(practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        people = [add_person(work, f"N{n}", "New", "therapist", joined=False) for n in range(2)]

    done = do(practice, practice.ben, start_batch, kind="invite", member_ids=[*people, practice.cleo])

    assert done.sentence == "Invitation sent to 2 people. 1 refused."
    assert done.undo is None


def test_of_two_runners_at_once_each_person_is_done_once(practice: Practice) -> None:
    people = many(practice, CHUNK + 2)
    do(practice, practice.ben, start_batch, **role_on(practice, people))
    batch = batch_of(practice)

    for _ in range(2):
        batch_runner.run_batch(str(batch.id))

    switched = [entry for entry in log(practice) if entry.action == "staff.role_on"]
    assert len(switched) == len(people)
    with begin_work(system(), org=practice.org, writes=False) as work:
        assert work.session.get(StaffMember, people[0])


def test_an_import_or_an_undo_is_not_begun_as_a_batch_of_chosen_people(practice: Practice) -> None:
    for kind in ("import", "undo"):
        refusal(practice, practice.ana, start_batch, Invalid, kind=kind, member_ids=[practice.cleo])


def test_a_batch_that_breaks_does_not_stop_those_behind_it(practice: Practice) -> None:
    people = many(practice, CHUNK + 1)
    for key in ("biller", "scheduler"):
        do(practice, practice.ana, start_batch, **role_on(practice, people, key))
    with begin_work(system(), org=practice.org) as work:
        first, second = work.session.exec(select(Batch).order_by(Batch.id)).all()
        first.given = {}
        first_id, second_id = first.id, second.id

    batch_runner.sweep_batches()

    with begin_work(system(), org=practice.org, writes=False) as work:
        assert work.get(Batch, first_id).state == "running"
        assert work.get(Batch, second_id).state == "done"


def test_who_had_nothing_to_lose_is_told_as_such(practice: Practice) -> None:
    given = {"kind": "role_off", "role_id": practice.roles["therapist"]}

    done = do(practice, practice.ana, start_batch, member_ids=[practice.cleo, practice.ben], **given)

    assert done.sentence == "Therapist turned off for 1 person. 1 did not have it."


def test_whom_the_database_refuses_holds_up_nobody_else(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = batch_kinds.switch_role

    def breaks(work: Work, *, member_id: UUID, **given: Any) -> Done:
        if member_id == practice.cleo:
            work.session.execute(text("INSERT INTO organization (id) VALUES (NULL)"))
        return real(work, member_id=member_id, **given)

    monkeypatch.setattr(batch_kinds, "switch_role", breaks)
    people = [practice.cleo, practice.sam]

    done = do(practice, practice.ana, start_batch, **role_on(practice, people, "biller"))

    assert done.sentence == "Biller turned on for 1 person. 1 refused."
