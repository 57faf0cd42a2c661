"""Coming in, going out, accepting a link. No hashing here: the edge has done it, outside the transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from motlink.accounts.actions import (
    end_session,
    enter_place,
    keep_better_hash,
    open_session,
    set_up,
)
from motlink.accounts.agent_keys import is_agent_account, make_key
from motlink.accounts.half import open_half
from motlink.accounts.models import Account
from motlink.accounts.queries import account_by_login, digest_of, find_session
from motlink.accounts.resets import locked
from motlink.accounts.rules import checked_username
from motlink.accounts.run_out import end_run_out
from motlink.orgs.models import Organization
from motlink.sign_in.invited import OpenInvitation, open_invitation
from motlink.sign_in.queries import homes_of, practices_of
from motlink.sign_in.rules import DeadLink
from motlink.staff.demands import shut_without_step
from motlink.staff.indexing import email_of, index_person
from motlink.staff.links import still_open
from motlink.staff.models import Invitation, StaffMember
from motlink.work import Work


@dataclass(frozen=True)
class Proof:
    """That a password was compared, outside, with this hash, and whether it fitted."""

    fits: bool
    seen_hash: str | None
    new_hash: str | None = None


ACCEPTED = "staff.accepted"
# What anybody may have done, and what another practice did.
NOT_BY_THE_HOLDER = frozenset(
    {
        "sign_in.failed",
        "second_step.wrong",
        "second_step.removed",
        "password.reset_asked",
        "password.reset_sent",
        "email.stopped",
    }
)
# What the logs of other practices are to hear of an account: each practice has a chain of its own (AU-02).
News = Mapping[UUID, tuple[str, ...]]


@dataclass(frozen=True)
class Entry:
    """A sign-in that worked: the cookie's value, the practices to go to, and the news for others.

    Where a second step follows it is half of one: the cookie opens that question alone.
    """

    token: str
    slugs: tuple[str, ...]
    news: News = field(default_factory=dict)
    is_half: bool = False
    # Every practice wants a second step first, and there is none: that is where the way leads.
    sets_up: bool = False


def sign_in(work: Work, *, login: str, proof: Proof, old_session: str = "") -> Entry | None:
    """Open a session, or half of one where a second step follows, or return None.

    Unknown, wrong, deactivated, locked and without a role differ in nothing outside.

    The account is read again here: its password, place or roles may have changed while the hash was computed.
    """
    account = account_by_login(work.session, login)
    orgs = practices_of(work.session, account.id, work.now) if account else []
    if account is None or not _proven(work, account, proof) or not has_a_way_in(work, account, orgs):
        _record_failure(work, account, login)
        return None
    keep_better_hash(work, account=account, password_hash=proof.new_hash)
    if account.second_step_at:
        return half_way(work, account)
    return come_in(work, account, orgs, old_session)


def half_way(work: Work, account: Account, invitation_id: UUID | None = None) -> Entry:
    """The password was right; nothing is opened before the second step, not even written down as a sign-in."""
    return Entry(open_half(work, account_id=account.id, invitation_id=invitation_id), (), is_half=True)


def _proven(work: Work, account: Account, proof: Proof) -> bool:
    if not proof.fits or proof.seen_hash is None:
        return False
    return locked(work, account.id).password_hash == proof.seen_hash


def has_a_way_in(work: Work, account: Account, orgs: list[Organization]) -> bool:
    """An External Agent comes in between two practices as well: their token and code stand on the account page."""
    return bool(orgs) or is_agent_account(work.session, account.id)


def _record_failure(work: Work, account: Account | None, login: str) -> None:
    # What was typed may be a password in the wrong field: of an unknown login only the beginning of a digest is kept.
    work.record("sign_in.failed", account, login_digest="" if account else digest_of(login)[:12])


def come_in(
    work: Work, account: Account, orgs: list[Organization], old_session: str, *, second_step: str = ""
) -> Entry:
    """Open the session, and end the one that the browser brought. `second_step` says how that was taken."""
    sets_up = bool(orgs) and len(shut_without_step(work.session, account, orgs, work.now)) == len(orgs)
    # The place before the sessions: in this order everyone does.
    entered = _entered(work, account, orgs, sets_up=sets_up)
    old = find_session(work.session, old_session, work.now)
    if old:
        end_session(work, session_id=old.id)
    become(work, account)
    token = open_session(work, account_id=account.id)
    work.record("signed_in", account, second_step=second_step)
    return Entry(token, entered, sets_up=sets_up)


def _entered(work: Work, account: Account, orgs: list[Organization], *, sets_up: bool) -> tuple[str, ...]:
    """Return the ways in. A sign-in counts where it leads (TA-22): of several practices, in the one that is chosen."""
    if len(orgs) == 1 and not sets_up:
        enter_place(work, account_id=account.id, org_id=orgs[0].id)
    return tuple(org.slug for org in orgs)


def become(work: Work, account: Account) -> None:
    """From here on the audit log names the person, not somebody at the door."""
    work.actor = replace(work.actor, kind="person", account_id=account.id)


def note_elsewhere(work: Work, *, account_id: UUID, actions: Sequence[str]) -> None:
    """Write into a practice's log what an account has done at the door while another practice was asked."""
    account = work.session.get_one(Account, account_id)
    if NOT_BY_THE_HOLDER.isdisjoint(actions):
        become(work, account)
    for action in actions:
        if action == ACCEPTED:
            record_joining(work, account)
        else:
            work.record(action, account)


def record_joining(work: Work, account: Account) -> None:
    """Write down that somebody has accepted their place in the practice of this work."""
    query = select(StaffMember).where(StaffMember.org_id == work.org_id, StaffMember.account_id == account.id)
    member = work.session.exec(query).one()
    work.record(ACCEPTED, member)
    work.notify("staff", member.id)


def sign_out(work: Work, *, digest: str) -> None:
    """End the session that this very browser holds."""
    session = find_session(work.session, digest, work.now)
    if session is None:
        return
    end_session(work, session_id=session.id)
    account = work.session.get_one(Account, session.account_id)
    become(work, account)
    work.record("signed_out", account)


def accept_invitation(
    work: Work,
    *,
    token: str,
    username: str = "",
    password_hash: str = "",
    proof: Proof | None = None,
    old_session: str = "",
) -> Entry:
    """Use a link: a new account gets its username and password, a known one proves itself with `proof`.

    Of many at once exactly one wins; the others get DeadLink, as for expired, superseded and revoked links. Raises
    Invalid for a username that is malformed or taken. The entry has no token where no role is on.
    """
    found = open_invitation(work.session, token, work.now)
    # Another practice's invitation may be setting the same account up, under its own lock.
    locked(work, found.account.id)
    if not found.is_new:
        if proof is None or not _proven(work, found.account, proof):
            raise DeadLink("unknown")
        if found.account.second_step_at:
            return half_way(work, found.account, found.invitation.id)
        return join(work, found, old_session)
    _consume(work, found.invitation)
    set_up(work, account=found.account, username=checked_username(username), password_hash=password_hash)
    return _joined(work, found, old_session)


def join(work: Work, found: OpenInvitation, old_session: str, *, second_step: str = "") -> Entry:
    """Use an invitation up whose holder has proved who they are, and let them in. Raises DeadLink."""
    _consume(work, found.invitation)
    return _joined(work, found, old_session, second_step)


def _joined(work: Work, found: OpenInvitation, old_session: str, second_step: str = "") -> Entry:
    _join(work, found)
    entry = enter_after(work, found.account, old_session, second_step)
    others = homes_of(work.session, found.account.id, accepted=True) if entry.token else []
    return replace(entry, news={org_id: ("signed_in",) for org_id in others if org_id != work.org_id})


def _consume(work: Work, invitation: Invitation) -> None:
    """One conditional UPDATE, in the same transaction as its effect."""
    statement = (
        update(Invitation)
        .where(
            col(Invitation.id) == invitation.id,
            still_open(work.now),
        )
        .values(accepted_at=work.now)
        .execution_options(synchronize_session=False)
    )
    if not work.claim(statement):
        raise DeadLink("used")


def _join(work: Work, found: OpenInvitation) -> None:
    member = found.member
    end_run_out(work, account_id=member.account_id)
    member.joined_at = member.joined_at or work.now
    index_person(member, email_of(work, member))
    work.add(member)
    if member.is_agent:
        make_key(work, account_id=found.account.id, first_name=member.first_name, last_name=member.last_name)
    become(work, found.account)
    work.actor = replace(work.actor, member_id=found.member.id, name=found.member.name)
    work.record(ACCEPTED, found.member)
    work.notify("staff", found.member.id)


def enter_after(work: Work, account: Account, old_session: str, second_step: str = "") -> Entry:
    """Let somebody in who has just accepted, if any way in is open to them."""
    orgs = practices_of(work.session, account.id, work.now)
    if not has_a_way_in(work, account, orgs):
        return Entry("", ())
    return come_in(work, account, orgs, old_session, second_step=second_step)
