"""From a typed login to a session: counted, hashed outside the transaction, decided inside it."""

import asyncio
from uuid import UUID

from starlette.responses import Response

from motlink.accounts.passwords import verified
from motlink.accounts.queries import digest_of
from motlink.accounts.rules import canonical_email
from motlink.sign_in.actions import Entry, Proof, note_elsewhere, sign_in
from motlink.sign_in.queries import AtTheDoor, at_the_door
from motlink.sign_in.requests import go, keep_cookie
from motlink.web import rate
from motlink.web.threads import reading, writing
from motlink.web.visitor import Visitor, cookie_name
from motlink.work import begin_work, nobody


class TooManyTries(Exception):
    """Guessing goes too fast."""


async def enter(who: Visitor, *, login: str, password: str) -> Entry | None:
    """Let someone in, or return None. Raises TooManyTries; every other reason looks and lasts the same."""
    await slow_down(who, login)
    found = await reading(_look_up, who, login)
    verdict = await verified(password, found.password_hash)
    proof = Proof(verdict.fits, found.password_hash, verdict.new_hash)
    entry = await writing(_decide, who, login, found.org_ids[:1], proof)
    if entry:
        forgive(who, login)
    if found.account_id and found.org_ids[1:]:
        action = "signed_in" if entry else "sign_in.failed"
        await writing(_tell_others, who, found.account_id, found.org_ids[1:], action)
    return entry


async def slow_down(who: Visitor, login: str) -> None:
    """Count a try before anything is looked up. Keys are digests, the same for known and unknown logins."""
    whom = digest_of(canonical_email(login))[:32]
    within = [
        rate.count(rate.GUESSES, "guess", whom, who.address),
        rate.count(rate.FROM_ADDRESS, "address", who.address),
    ]
    if not all(within):
        raise TooManyTries
    # An attacker elsewhere slows the owner of the account down, or everyone, and shuts nobody out (ASVS 6.1.1).
    pauses = [
        rate.delay_for(item, *key)
        for item, key in ((rate.ON_ACCOUNT, ("account", whom)), (rate.IN_TOTAL, ("total",)))
        if not rate.count(item, *key)
    ]
    await asyncio.sleep(max(pauses, default=0))


def forgive(who: Visitor, login: str) -> None:
    """Uncount a try that was right."""
    whom = digest_of(canonical_email(login))[:32]
    rate.take_back(rate.GUESSES, "guess", whom, who.address)
    rate.take_back(rate.FROM_ADDRESS, "address", who.address)
    rate.take_back(rate.IN_TOTAL, "total")
    rate.take_back(rate.ON_ACCOUNT, "account", whom)


def _look_up(who: Visitor, login: str) -> AtTheDoor:
    with begin_work(nobody(who.address, who.browser), writes=False) as work:
        return at_the_door(work, login=login)


def _decide(who: Visitor, login: str, org_ids: tuple[UUID, ...], proof: Proof) -> Entry | None:
    org = org_ids[0] if org_ids else None
    with begin_work(nobody(who.address, who.browser), org=org) as work:
        return sign_in(work, login=login, proof=proof, old_session=who.digest)


def _tell_others(who: Visitor, account_id: UUID, org_ids: tuple[UUID, ...], action: str) -> None:
    for org_id in org_ids:
        with begin_work(nobody(who.address, who.browser), org=org_id) as work:
            note_elsewhere(work, account_id=account_id, action=action)


def let_in(entry: Entry, *, wanted: str = "") -> Response:
    """Answer with the session cookie and the way in."""
    home = f"/p/{entry.slugs[0]}" if len(entry.slugs) == 1 else "/choose-practice"
    response = go(wanted or home)
    keep_cookie(response, cookie_name(), entry.token)
    return response
