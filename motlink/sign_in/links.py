"""Links from a mail or the terminal. GET and HEAD show, whatever opens them; only the form's submission uses them up.

The token leaves the address at once: it moves into a short-lived cookie that only these two paths get.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from motlink.accounts.passwords import hashed
from motlink.accounts.rules import check_password, checked_username, is_short, shortest_password
from motlink.errors import Invalid
from motlink.settings import settings
from motlink.sign_in import pages, words
from motlink.sign_in.actions import Entry, Proof, accept_invitation
from motlink.sign_in.entering import let_in, proof_of, tell_practices, telling
from motlink.sign_in.invited import open_invitation
from motlink.sign_in.queries import homes_to_join, own_words, who_hears
from motlink.sign_in.requests import drop_cookie, go, keep_cookie, text, visitor
from motlink.sign_in.rules import DeadLink, TooMany, WrongSignIn
from motlink.sign_in.set_up import owner_of_set_up, set_up_owner
from motlink.staff.asking import ask_again, note_seen, practice_of_link
from motlink.web import rate
from motlink.web.rules import public
from motlink.web.threads import reading, writing
from motlink.web.visitor import INVITATION_COOKIE, SET_UP_COOKIE, Visitor, digest_of
from motlink.work import begin_work, nobody

HOUR = 3600
# As secrets.token_urlsafe makes them.
TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True)
class Shown:
    """What an open invitation's page needs."""

    org_id: UUID
    practice: str
    first_name: str
    account_id: UUID
    email: str
    is_new: bool
    password_hash: str | None
    own_words: tuple[str, ...]
    hears: tuple[UUID, ...]
    seen: bool
    is_agent: bool


@dataclass(frozen=True)
class ShownOwner:
    """What an open set-up link's page needs, and in which practice's log its use is written first."""

    account_id: UUID
    email: str
    own_words: tuple[str, ...]
    shortest: int
    org_id: UUID | None


@public
async def invitation_page(request: Request) -> Response:
    """GET /invitation?t=…, then GET /invitation."""
    if "t" in request.query_params:
        return into_cookie(request.query_params["t"], INVITATION_COOKIE, "/invitation")
    who, token = visitor(request), request.cookies.get(INVITATION_COOKIE, "")
    try:
        shown = await reading(_read, who, token)
    except DeadLink as dead:
        return pages.dead(words.dead_page(dead))
    # The managers see that the mail was found. A HEAD is no eye, and neither is the way into the cookie.
    if request.method == "GET" and not shown.seen:
        await writing(_in_practice, note_seen, who, token, shown.org_id)
    return _form(shown)


@public
async def ask_for_new_link(request: Request) -> Response:
    """POST /invitation/ask, from the page of a dead link: the answer is the same whatever the link was."""
    who, token = visitor(request), request.cookies.get(INVITATION_COOKIE, "")
    if token and await _may_ask(who, token):
        org_id = await reading(_practice_of_link, who, token)
        if org_id:
            await writing(_in_practice, ask_again, who, token, org_id)
    return pages.message(words.ASKED_TITLE, words.ASKED)


async def _may_ask(who: Visitor, token: str) -> bool:
    here = await rate.count(rate.ASKS_FROM_ADDRESS, "asks from", rate.network_of(who.address))
    return await rate.count(rate.ASKS, "asks", digest_of(token)) and here


def _practice_of_link(who: Visitor, token: str) -> UUID | None:
    with begin_work(nobody(who.address, who.browser), writes=False) as work:
        return practice_of_link(work.session, token)


def _in_practice(act: Callable[..., None], who: Visitor, token: str, org_id: UUID) -> None:
    with begin_work(nobody(who.address, who.browser), org=org_id) as work:
        act(work, token=token)


def into_cookie(token: str, name: str, path: str) -> Response:
    """Take a token out of the address, into a short-lived cookie for this path alone."""
    response = go(path)
    # What is no token opens nothing; some of it no cookie can hold.
    kept = token if TOKEN.fullmatch(token) else ""
    keep_cookie(response, name, kept, path=path, seconds=HOUR)
    return response


def _read(who: Visitor, token: str) -> Shown:
    with begin_work(nobody(who.address, who.browser), writes=False) as work:
        found = open_invitation(work.session, token, work.now)
        account = found.account
        return Shown(
            found.org.id, found.org.name, found.member.first_name, account.id, account.email, found.is_new,
            account.password_hash, own_words(work.session, account), who_hears(work, account.id),
            found.invitation.first_seen_at is not None, found.member.is_agent,
        )  # fmt: skip


def _form(
    shown: Shown, *, status: int = 200, typed: str = "", wrong: Invalid | None = None, refusal: str = ""
) -> Response:
    return pages.page(
        "invitation" if shown.is_new else "join",
        status=status,
        shown=shown,
        sender=settings().mail_from,
        typed={"username": typed},
        errors={wrong.field: wrong.sentence} if wrong else {},
        refusal=refusal,
    )


@public
async def invitation_post(request: Request) -> Response:
    """POST /invitation: uses the link up, together with what it is for."""
    who, token, form = visitor(request), request.cookies.get(INVITATION_COOKIE, ""), await request.form()
    username, password = text(form, "username"), text(form, "password")
    try:
        shown = await reading(_read, who, token)
        if shown.is_new:
            return await _accept_new(who, token, shown, username, password)
        return await _accept_known(who, token, shown, password)
    except DeadLink as dead:
        return pages.dead(words.dead_page(dead))


async def _accept_new(who: Visitor, token: str, shown: Shown, username: str, password: str) -> Response:
    if not await rate.count(rate.USERNAMES, "usernames", rate.network_of(who.address)):
        return _form(shown, status=429, typed=username, refusal=str(TooMany()))
    try:
        checked = checked_username(username)
        check_password(password, own_words=(*shown.own_words, checked))
        made = await hashed(password)
        entry = await writing(_accept, who, token, shown.org_id, username=checked, password_hash=made)
    except Invalid as wrong:
        return _form(shown, status=422, typed=username[:60], wrong=wrong)
    return _welcome(who, shown.account_id, entry)


async def _accept_known(who: Visitor, token: str, shown: Shown, password: str) -> Response:
    try:
        proof = await proof_of(who, shown, password)
    except TooMany as refusal:
        return _form(shown, status=429, refusal=str(refusal))
    if not proof.fits:
        return await _wrong_guess(who, shown)
    return _welcome(who, shown.account_id, await writing(_accept, who, token, shown.org_id, proof=proof))


async def _wrong_guess(who: Visitor, shown: Shown) -> Response:
    """Write a guess down as one at the sign-in: in the inviting practice's log at once, in the others' afterwards."""
    failed = ("sign_in.failed",)
    await tell_practices(who, shown.account_id, {shown.org_id: failed})
    response = _form(shown, status=401, refusal=WrongSignIn.sentence)
    others = {org_id: failed for org_id in shown.hears if org_id != shown.org_id}
    response.background = telling(who, shown.account_id, others)
    return response


def _accept(
    who: Visitor,
    token: str,
    org_id: UUID,
    *,
    username: str = "",
    password_hash: str = "",
    proof: Proof | None = None,
) -> Entry:
    with begin_work(nobody(who.address, who.browser), org=org_id) as work:
        return accept_invitation(
            work,
            token=token,
            username=username,
            password_hash=password_hash,
            proof=proof,
            old_session=who.digest,
        )


def _welcome(
    who: Visitor,
    account_id: UUID,
    entry: Entry,
    *,
    cookie: str = INVITATION_COOKIE,
    path: str = "/invitation",
) -> Response:
    response = let_in(entry) if entry.token else pages.message(words.NO_ROLE_TITLE, words.NO_ROLE)
    if not entry.is_half:
        # Whoever takes too long over the second step may come back to the link; a set-up link is used by now.
        drop_cookie(response, cookie, path=path)
    response.background = telling(who, account_id, entry.news)
    return response


@public
async def set_up_page(request: Request) -> Response:
    """GET /set-up?t=…, then GET /set-up: the first owner's link from the command line."""
    if "t" in request.query_params:
        return into_cookie(request.query_params["t"], SET_UP_COOKIE, "/set-up")
    try:
        owner = await reading(_owner, visitor(request), request.cookies.get(SET_UP_COOKIE, ""))
    except DeadLink as dead:
        return pages.dead(words.dead_page(dead, set_up=True))
    return pages.page("set_up", email=owner.email, shortest=owner.shortest)


@public
async def set_up_post(request: Request) -> Response:
    """POST /set-up."""
    who, token, form = visitor(request), request.cookies.get(SET_UP_COOKIE, ""), await request.form()
    username, password = text(form, "username"), text(form, "password")
    try:
        owner = await reading(_owner, who, token)
        return await _set_up(who, token, owner, username, password)
    except DeadLink as dead:
        return pages.dead(words.dead_page(dead, set_up=True))


async def _set_up(who: Visitor, token: str, owner: ShownOwner, username: str, password: str) -> Response:
    try:
        checked = checked_username(username)
        check_password(password, own_words=(*owner.own_words, checked), shortest=owner.shortest)
        given = {"password_hash": await hashed(password), "short": is_short(password)}
        entry = await writing(_set_up_in_work, who, token, owner.org_id, username=checked, **given)
    except Invalid as wrong:
        errors, typed = {wrong.field: wrong.sentence}, {"username": username[:60]}
        return pages.page(
            "set_up", status=422, email=owner.email, shortest=owner.shortest, errors=errors, typed=typed
        )
    return _welcome(who, owner.account_id, entry, cookie=SET_UP_COOKIE, path="/set-up")


def _owner(who: Visitor, token: str) -> ShownOwner:
    with begin_work(nobody(who.address, who.browser), writes=False) as work:
        account = owner_of_set_up(work, token=token)
        homes = [*who_hears(work, account.id), *homes_to_join(work.session, account.id), None]
        shortest = shortest_password(with_step=account.second_step_at is not None)
        return ShownOwner(account.id, account.email, own_words(work.session, account), shortest, homes[0])


def own_words_invited(who: Visitor, token: str) -> tuple[str, ...]:
    """Return what the password of someone with an open invitation must not hold. Raises DeadLink."""
    return _read(who, token).own_words


def own_words_of_owner(who: Visitor, token: str) -> tuple[str, ...]:
    """Return the same behind an owner's set-up link. Raises DeadLink."""
    return _owner(who, token).own_words


def _set_up_in_work(who: Visitor, token: str, org_id: UUID | None, **given: Any) -> Entry:
    with begin_work(nobody(who.address, who.browser), org=org_id) as work:
        return set_up_owner(work, token=token, old_session=who.digest, **given)
