"""What an attack on imports, batches and their undo has found: each of these once went wrong."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from motlink import batch_runner, worker
from motlink.audit.undo import undo
from motlink.errors import Invalid, NotAllowed, NotFound
from motlink.staff.actions import deactivate, switch_role
from motlink.staff.batches import start_batch, start_tagging
from motlink.staff.errors import OwnersOnly
from motlink.staff.granting import grant_records
from motlink.staff.import_actions import (
    NotReady,
    begin_preview,
    end_preview,
    read_otherwise,
    receive_file,
    start_import,
)
from motlink.staff.terms import providers_like, terms_shown
from motlink.tags.actions import put_new_tag
from motlink.work import begin_work, system
from tests.acts import do, log, refusal, roles_of, see, switching
from tests.people import Practice, add_person
from tests.staff.imports import MINA, bring, fates, named, people, sheet, shown, take_in

pytestmark = pytest.mark.req("IE-01", "TA-01")


def many(number: int, **more: str) -> list[dict[str, str]]:
    """Return rows of a file with so many new people."""
    return [MINA | {"Email": f"p{n}@x.example", "Last Name": f"Number{n}"} | more for n in range(number)]


def someone(practice: Practice, first: str, *keys: str) -> UUID:
    with begin_work(system(), org=practice.org) as work:
        return add_person(work, first, "Second", *keys)


def become_staff_administrator(practice: Practice, who: UUID, instead_of: str) -> None:
    do(practice, practice.ana, switch_role, **switching(practice, who, "staff_administrator", on=True))
    do(practice, practice.ana, switch_role, **switching(practice, who, instead_of, on=False))


def withdrawn(practice: Practice) -> UUID:
    """Return the id of a therapist whose import was taken back."""
    _, done = take_in(practice, practice.ana, sheet(MINA))
    mina = named(practice, "Haddad").id
    do(practice, practice.ana, undo, entry_id=done.undo)
    return mina


def test_who_starts_another_ones_import_gives_no_role_they_could_not_give(practice: Practice) -> None:
    rows = [*many(30), MINA | {"Last Name": "Evil", "Roles": "Owner"}]
    batch_id = bring(practice, practice.ana, sheet(*rows))

    do(practice, practice.sam, start_import, batch_id=batch_id)
    batch_runner.run_batch(str(batch_id))

    word, reason = fates(practice, practice.ana, batch_id)[32]
    assert (word, "Only an owner decides about owners" in reason) == ("refused", True)
    assert [one for one in people(practice) if one.last_name == "Evil"] == []
    done = {entry.actor_id for entry in log(practice) if entry.action == "staff.imported"}
    started = [entry.actor_id for entry in log(practice) if entry.action == "batch.started"]
    assert done == set(started)


def test_who_starts_what_the_operator_has_brought_in_does_it_as_themselves(practice: Practice) -> None:
    rows = [*many(30), MINA | {"Last Name": "Evil", "Roles": "Owner"}]
    with begin_work(system(), org=practice.org) as work:
        batch_id = receive_file(work, name="staff.csv", content=sheet(*rows)).id
    batch_runner.run_batch(str(batch_id))

    do(practice, practice.sam, start_import, batch_id=batch_id)
    batch_runner.run_batch(str(batch_id))

    assert fates(practice, practice.ana, batch_id)[32][0] == "refused"


def test_an_import_of_somebody_who_has_left_is_finished_by_who_starts_it(practice: Practice) -> None:
    batch_id = bring(practice, practice.sam, sheet(*many(30)))
    do(practice, practice.ana, deactivate, member_id=practice.sam)

    done = do(practice, practice.ana, start_import, batch_id=batch_id)
    batch_runner.run_batch(str(batch_id))

    assert shown(practice, practice.ana, batch_id).counts == {"done": 30}
    do(practice, practice.ana, undo, entry_id=done.undo)


def test_who_has_a_file_read_otherwise_sees_what_they_themselves_could_do(practice: Practice) -> None:
    batch_id = bring(practice, practice.ana, sheet(MINA | {"Roles": "Owner"}))
    assert fates(practice, practice.ana, batch_id)[2][0] == "create"

    do(practice, practice.sam, read_otherwise, batch_id=batch_id)
    batch_runner.run_batch(str(batch_id))

    assert fates(practice, practice.sam, batch_id)[2][0] == "refused"


def test_an_import_is_taken_back_only_by_who_could_still_let_these_people_go(practice: Practice) -> None:
    ora = someone(practice, "Ora", "owner")
    _, done = take_in(practice, ora, sheet(MINA | {"Roles": "Owner"}))
    mina = named(practice, "Haddad").id
    become_staff_administrator(practice, ora, "owner")

    said = do(practice, ora, undo, entry_id=done.undo)

    assert said.sentence == "Undone for 0 people. 1 refused."
    assert roles_of(practice, mina) == {"owner"}
    refusal(practice, ora, deactivate, OwnersOnly, member_id=mina)


def test_what_an_undo_of_many_is_refused_is_written_down(practice: Practice) -> None:
    ids = [someone(practice, f"T{n}", "therapist") for n in range(2)]
    role = practice.roles["manager"]
    done = do(practice, practice.ben, start_batch, kind="role_on", member_ids=ids, role_id=role)
    become_staff_administrator(practice, practice.ben, "manager")
    before = len(log(practice))

    do(practice, practice.ben, undo, entry_id=done.undo)

    written = log(practice)[before:]
    assert [entry.action for entry in written] == ["batch.started", "refused", "refused", "batch.finished"]
    assert {entry.subject_id for entry in written if entry.action == "refused"} == set(ids)
    assert all("manager" in roles_of(practice, one) for one in ids)


def test_what_somebody_was_refused_about_a_person_is_no_change_of_the_person(practice: Practice) -> None:
    _, done = take_in(practice, practice.ana, sheet(MINA))
    mina = named(practice, "Haddad").id
    refusal(practice, practice.cleo, deactivate, NotAllowed, member_id=mina)

    do(practice, practice.ana, undo, entry_id=done.undo)

    assert [one for one in people(practice) if one.id == mina] == []


def test_a_reader_that_comes_too_late_does_not_reopen_an_import(practice: Practice) -> None:
    batch = do(practice, practice.ana, receive_file, name="staff.csv", content=sheet(MINA))
    with begin_work(system(), org=practice.org, at=datetime.now(UTC) - timedelta(minutes=3)) as work:
        assert begin_preview(work, batch_id=batch.id)
    batch_runner.run_batch(str(batch.id))
    do(practice, practice.ana, start_import, batch_id=batch.id)

    late = {"batch_id": batch.id, "found": {"problem": "too slow"}, "rows": 0}
    refusal(practice, practice.ana, end_preview, NotReady, **late)

    assert shown(practice, practice.ana, batch.id).state == "done"


def test_whose_import_was_taken_back_is_no_provider_to_choose(practice: Practice) -> None:
    mina = withdrawn(practice)
    role = practice.roles["records_custodian"]

    assert see(practice, practice.ana, providers_like, q="had") == ()
    chosen = {"member_id": practice.ben, "role_id": role, "all_providers": False, "provider_ids": [mina]}
    refusal(practice, practice.ana, grant_records, NotFound, **chosen)
    with pytest.raises(NotFound):
        see(practice, practice.ana, terms_shown, member_id=mina, role_id=practice.roles["therapist"])


def test_whose_import_was_taken_back_wears_no_tag(practice: Practice) -> None:
    mina = withdrawn(practice)

    refusal(practice, practice.ana, put_new_tag, NotFound, member_id=mina, name="Ghost")
    done = do(practice, practice.ana, start_tagging, member_ids=[mina, practice.cleo], name="Ghost")

    assert done.sentence == "Ghost put on 1 person. 1 refused."
    refusal(practice, practice.ana, start_tagging, Invalid, member_ids=[], name="Ghost")


def test_a_batch_that_breaks_holds_up_neither_the_others_nor_the_tidying(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    tidied: list[str] = []
    monkeypatch.setattr(worker, "sweep_ended_roles", lambda: tidied.append("roles"))
    ids = [do(practice, practice.ana, receive_file, name="a.csv", content=sheet(MINA)).id for _ in range(2)]
    real = batch_runner.run_batch

    def run_or_break(batch_id: str) -> None:
        if batch_id == str(ids[0]):
            raise RuntimeError("a bug")
        real(batch_id)

    monkeypatch.setattr(batch_runner, "run_batch", run_or_break)
    worker.sweep_quietly()

    assert [shown(practice, practice.ana, one).state for one in ids] == ["preparing", "ready"]
    assert tidied == ["roles"]
