"""From a typed login to a session: counted, hashed outside the transaction, decided inside it."""

import asyncio
import logging
import time
from typing import Protocol
from urllib.parse import quote
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.responses import Response

from motlink.accounts.half import HALF_LIFETIME
from motlink.accounts.passwords import verified
from motlink.accounts.queries import digest_of
from motlink.accounts.rules import canonical_email
from motlink.sign_in.actions import Entry, News, Proof, note_elsewhere, sign_in, sign_out
from motlink.sign_in.queries import AtTheDoor, at_the_door, behind_session, who_hears
from motlink.sign_in.requests import go, keep_cookie
from motlink.sign_in.rules import TooMany
from motlink.staff.models import StaffMember
from motlink.web import rate
from motlink.web.threads import reading, writing
from motlink.web.visitor import Visitor, cookie_name, half_cookie_name
from motlink.work import FindActor, begin_work, nobody, system

log = logging.getLogger("motlink.door")
# Refusals leave at the next of these seconds after the question, all alike.
REFUSED_EVERY = 0.25
SET_UP_STEP = "/account/second-step"
HALF_SECONDS = int(HALF_LIFETIME.total_seconds())


class Known(Protocol):
    """Somebody whose account is known before the password is typed: by a session, or an invitation."""

    @property
    def account_id(self) -> UUID: ...
    @property
    def email(self) -> str: ...
    @property
    def password_hash(self) -> str | None: ...


async def enter(who: Visitor, *, login: str, password: str) -> tuple[Entry | None, BackgroundTask | None]:
    """Let someone in, or return no entry; and what remains to be done once the answer is out.

    Raises TooMany; every other reason looks and lasts the same.
    """
    await slow_down(who, login)
    start = time.monotonic()
    found = await reading(look_up, who, login)
    left = await _guesses_left(who, found.account_id)
    # Refused without a word: else two logins would tell that they are of one account (ASVS 6.3.8).
    verdict = await verified(password, found.password_hash if left else None)
    proof = Proof(verdict.fits, found.password_hash, verdict.new_hash)
    entry = await writing(_decide, who, login, found.org_ids[:1], proof)
    if entry:
        await forgive(who, login, found.account_id)
    else:
        # A known login costs a few readings more, which a stopwatch finds among enough tries (ASVS 6.3.8).
        await asyncio.sleep((start - time.monotonic()) % REFUSED_EVERY)
    # Half a session is no sign-in yet: nobody is told before the second step.
    told = () if entry and entry.is_half else found.org_ids[1:]
    action = "signed_in" if entry else "sign_in.failed"
    return entry, telling(who, found.account_id, dict.fromkeys(told, (action,)))


async def proof_of(who: Visitor, known: Known, password: str) -> Proof:
    """Compare the password of a known account; guesses at it count as guesses at the sign-in. Raises TooMany."""
    await slow_down(who, known.email)
    if not await _guesses_left(who, known.account_id):
        raise TooMany
    verdict = await verified(password, known.password_hash)
    if verdict.fits:
        await forgive(who, known.email, known.account_id)
    return Proof(verdict.fits, known.password_hash, verdict.new_hash)


async def leave(who: Visitor) -> BackgroundTask | None:
    """End the session that this browser holds; return what remains to be done once the answer is out."""
    found = await reading(_behind, who)
    await writing(_end, who, found.org_ids[0] if found.org_ids else None)
    return telling(who, found.account_id, dict.fromkeys(found.org_ids[1:], ("signed_out",)))


def telling(who: Visitor, account_id: UUID | None, news: News) -> BackgroundTask | None:
    """Return what writes the news into the logs of the account's other practices.

    After the answer: otherwise it would last longer for an account in many places, and a log that cannot be written
    would take the session away from someone who is in already.
    """
    return BackgroundTask(tell_practices, who, account_id, news) if account_id and news else None


async def tell_practices(who: Visitor, account_id: UUID, news: News) -> None:
    """Write the news, each practice's in a transaction of its own."""
    for org_id, actions in news.items():
        try:
            await writing(_tell, nobody(who.address, who.browser), account_id, org_id, actions)
        except Exception:
            log.exception(
                "the log of practice %s misses %s of account %s", org_id, ", ".join(actions), account_id
            )


async def tell_elsewhere(member_id: UUID, action: str) -> None:
    """Write into the logs of a person's other practices what a manager did, without saying who did it from where."""
    account_id, org_ids = await reading(_known_elsewhere, member_id)
    for org_id in org_ids:
        try:
            await writing(_tell, system(), account_id, org_id, (action,))
        except Exception:
            log.exception("the log of practice %s misses %s of account %s", org_id, action, account_id)


async def slow_down(who: Visitor, login: str) -> None:
    """Count a try before anything is looked up. Keys are digests, the same for known and unknown logins."""
    whom, whence = digest_of(canonical_email(login))[:32], rate.network_of(who.address)
    within = [
        await rate.count(rate.GUESSES, "guess", whom, whence),
        await rate.count(rate.FROM_ADDRESS, "address", whence),
    ]
    if not all(within):
        raise TooMany
    # An attacker elsewhere slows the owner of the account down, or everyone, and shuts nobody out (ASVS 6.1.1).
    pauses = [
        await rate.delay_for(item, *key)
        for item, key in ((rate.ON_ACCOUNT, ("account", whom)), (rate.IN_TOTAL, ("total",)))
        if not await rate.count(item, *key)
    ]
    await asyncio.sleep(max(pauses, default=0))


async def _guesses_left(who: Visitor, account_id: UUID | None) -> bool:
    """Count a try once more, under the account it is about: its username and its email are typed as two logins."""
    if account_id is None:
        return True
    return await rate.count(rate.GUESSES, "guess", str(account_id), rate.network_of(who.address))


async def forgive(who: Visitor, login: str, account_id: UUID | None) -> None:
    """Uncount a try that was right."""
    whom, whence = digest_of(canonical_email(login))[:32], rate.network_of(who.address)
    await rate.take_back(rate.GUESSES, "guess", whom, whence)
    await rate.take_back(rate.GUESSES, "guess", str(account_id), whence)
    await rate.take_back(rate.FROM_ADDRESS, "address", whence)
    await rate.take_back(rate.IN_TOTAL, "total")
    await rate.take_back(rate.ON_ACCOUNT, "account", whom)


async def forgive_all(who: Visitor, account_id: UUID) -> None:
    """Forget the guesses at an account from here: whoever chose its new password by a link is no guesser."""
    await rate.forget(rate.GUESSES, "guess", str(account_id), rate.network_of(who.address))


def look_up(who: Visitor, login: str) -> AtTheDoor:
    """Read what is known of a typed login (in a thread)."""
    with begin_work(nobody(who.address, who.browser), writes=False) as work:
        return at_the_door(work, login=login)


def _decide(who: Visitor, login: str, org_ids: tuple[UUID, ...], proof: Proof) -> Entry | None:
    org = org_ids[0] if org_ids else None
    with begin_work(nobody(who.address, who.browser), org=org) as work:
        return sign_in(work, login=login, proof=proof, old_session=who.digest)


def _known_elsewhere(member_id: UUID) -> tuple[UUID, list[UUID]]:
    with begin_work(system(), writes=False) as work:
        member = work.session.get_one(StaffMember, member_id)
        known = who_hears(work, member.account_id)
        return member.account_id, [org_id for org_id in known if org_id != member.org_id]


def _tell(find_actor: FindActor, account_id: UUID, org_id: UUID, actions: tuple[str, ...]) -> None:
    with begin_work(find_actor, org=org_id) as work:
        note_elsewhere(work, account_id=account_id, actions=actions)


def _behind(who: Visitor) -> AtTheDoor:
    with begin_work(nobody(who.address, who.browser), writes=False) as work:
        return behind_session(work, digest=who.digest)


def _end(who: Visitor, org_id: UUID | None) -> None:
    with begin_work(nobody(who.address, who.browser), org=org_id) as work:
        sign_out(work, digest=who.digest)


def let_in(entry: Entry, *, wanted: str = "") -> Response:
    """Answer with the session cookie and the way in, or with half a session and the way to the second step."""
    if entry.is_half:
        response = go(f"/sign-in/code?next={quote(wanted, safe='/')}" if wanted else "/sign-in/code")
        keep_cookie(response, half_cookie_name(), entry.token, path="/sign-in", seconds=HALF_SECONDS)
        return response
    home = f"/p/{entry.slugs[0]}" if len(entry.slugs) == 1 else "/choose-practice"
    response = go(SET_UP_STEP if entry.sets_up else wanted or home)
    keep_cookie(response, cookie_name(), entry.token)
    return response
