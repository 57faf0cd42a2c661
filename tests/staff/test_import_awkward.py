"""Imports at awkward moments: a role that has gone, a privilege that is missing, a reader that is late (IE-01)."""

from typing import Any
from uuid import UUID

import pytest

from motlink import batch_runner, import_preview
from motlink.audit.undo import undo
from motlink.errors import NotAllowed, NotFound
from motlink.permissions import Permission as P
from motlink.permissions import Scope
from motlink.roles.custom import end_role, make_role
from motlink.staff.actions import switch_role
from motlink.staff.batches import stop_own_batch
from motlink.staff.import_actions import receive_file, start_import
from motlink.staff.invitations import send_invitation
from motlink.staff.models import Batch
from motlink.staff.roster import roster_rows
from motlink.staff.terms import providers_like
from motlink.tags.actions import make_tag, put_tag
from motlink.work import begin_work, system
from tests.acts import do, faults, refusal, roles_of, see
from tests.people import Practice
from tests.staff.imports import MINA, bring, fates, named, people, sheet, shown, take_in

pytestmark = pytest.mark.req("IE-01")
MANY = [MINA | {"Email": f"n{n}@x.example"} for n in range(5)]


def own_role(practice: Practice, **privileges: Scope) -> UUID:
    wanted = {P(one): scope for one, scope in privileges.items()}
    made = do(
        practice,
        practice.ana,
        make_role,
        name="Front desk",
        description="",
        section="administrative",
        privileges=wanted,
    )
    return UUID(str(made.role_id))


def switched(practice: Practice, member: UUID, role: UUID, *, on: bool) -> Any:
    return do(practice, practice.ana, switch_role, member_id=member, role_id=role, on=on, confirmed=True)


def test_whoever_is_let_go_by_a_file_comes_back_though_a_link_was_open(practice: Practice) -> None:
    take_in(practice, practice.ana, sheet(MINA))
    mina = named(practice, "Haddad")
    do(practice, practice.ana, send_invitation, member_id=mina.id)
    _, done = take_in(practice, practice.ana, sheet(MINA | {"Active": "no"}))
    assert named(practice, "Haddad").deactivated_at

    do(practice, practice.ana, undo, entry_id=done.undo)

    assert named(practice, "Haddad").deactivated_at is None
    assert roles_of(practice, mina.id) == {"therapist"}
    assert not faults()


def test_a_role_deleted_after_the_preview_refuses_its_rows_and_no_others(practice: Practice) -> None:
    role = own_role(practice, view_schedule=Scope.ALL)
    kim = MINA | {"Email": "kim@x.example", "Last Name": "Li", "Roles": "Front desk"}
    batch_id = bring(practice, practice.ana, sheet(MINA, kim))
    do(practice, practice.ana, end_role, role_id=role)

    do(practice, practice.ana, start_import, batch_id=batch_id)

    found = fates(practice, practice.ana, batch_id)
    assert found[2][0] == "done"
    assert found[3] == (
        "refused",
        "This has changed since the preview. One of its roles is no longer here.",
    )
    assert not faults()


def test_who_may_put_no_tags_puts_none_by_a_file(practice: Practice) -> None:
    switched(practice, practice.cleo, own_role(practice, manage_staff=Scope.ALL), on=True)
    do(practice, practice.ana, make_tag, name="Spanish")
    tagged = MINA | {"Roles": "", "Therapist Tags": "Spanish"}
    plain = tagged | {"Email": "kim@x.example", "Therapist Tags": ""}

    batch_id = bring(practice, practice.cleo, sheet(tagged, plain))

    assert shown(practice, practice.cleo, batch_id).counts == {"refused": 1, "create": 1}
    assert fates(practice, practice.cleo, batch_id)[2][1] == str(NotAllowed())


def test_whom_the_importer_may_no_longer_touch_stays_when_the_import_is_taken_back(
    practice: Practice,
) -> None:
    _, done = take_in(practice, practice.ben, sheet(MINA | {"Roles": "Manager"}))
    switched(practice, practice.ben, practice.roles["staff_administrator"], on=True)
    switched(practice, practice.ben, practice.roles["manager"], on=False)

    told = do(practice, practice.ben, undo, entry_id=done.undo)

    assert "1 refused" in told.sentence
    assert roles_of(practice, named(practice, "Haddad").id) == {"manager"}


def test_of_two_readers_the_late_one_leaves_the_preview_alone(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = do(practice, practice.ana, receive_file, name="staff.csv", content=sheet(*MANY))
    kept, late = import_preview._keep, iter([True])

    def slow(*given: Any) -> int:
        seats = kept(*given)
        if next(late, False):
            # Longer than anybody waits for a silent process: another one reads the file from its beginning.
            with begin_work(system(), org=practice.org) as work:
                work.get(Batch, batch.id).leased_until = None
            batch_runner.run_batch(str(batch.id))
        return seats

    monkeypatch.setattr(import_preview, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(import_preview, "_keep", slow)
    batch_runner.run_batch(str(batch.id))

    found = shown(practice, practice.ana, batch.id)
    assert (found.state, found.counts, found.total) == ("ready", {"create": 5}, 5)
    assert not faults()


def test_an_import_that_was_stopped_can_be_taken_back_from_its_screen(practice: Practice) -> None:
    rows = [MINA | {"Email": f"m{n}@x.example"} for n in range(30)]
    batch_id = bring(practice, practice.ana, sheet(*rows))
    do(practice, practice.ana, start_import, batch_id=batch_id)
    do(practice, practice.ana, stop_own_batch, batch_id=batch_id)
    found = shown(practice, practice.ana, batch_id)
    assert (found.state, found.counts, found.undo is not None) == ("stopped", {"done": 25, "left": 5}, True)

    do(practice, practice.ana, undo, entry_id=found.undo)

    assert len(people(practice)) == 4
    assert shown(practice, practice.ana, batch_id).undo is None


def test_whoever_is_taken_back_gets_no_tag_and_stands_among_no_providers(practice: Practice) -> None:
    tag = do(practice, practice.ana, make_tag, name="Spanish")
    _, done = take_in(practice, practice.ana, sheet(MINA))
    mina = named(practice, "Haddad")
    do(practice, practice.ana, undo, entry_id=done.undo)

    refusal(practice, practice.ana, put_tag, NotFound, member_id=mina.id, tag_id=tag.id)

    assert see(practice, practice.ana, providers_like, q="haddad") == ()
    assert see(practice, practice.ana, roster_rows, member_ids=[mina.id]) == ()
