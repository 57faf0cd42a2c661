"""The Token (letters) and Code (numbers) of an External Agent: made, read, renewed, compared (TA-24, AC-02).

The token finds the agent and is no secret; the code is. Both are short, because people read them out on the telephone;
what protects eight digits is how often they may be tried (web/rate.py).
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, select

from motlink.accounts.models import AgentKey
from motlink.errors import NotAllowed
from motlink.settings import secret
from motlink.work import Work

# No vowels, so that no token is a word, and no letter that reads like another one or like a digit.
LETTERS = "BCDFGHJKMNPQRSTVWXZ"
TOKEN_LENGTH, CODE_LENGTH = 8, 8
# Letters typed by hand: spaces, hyphens and full-width forms come along.
LONGEST_TYPED = 60


class WrongAgentKey(NotAllowed):
    """No such token, another code, an older code: all read alike, so that nobody finds tokens first."""

    sentence = "This token and code do not belong together."
    next_step = "Ask the agent to read out both from their account page; a renewed code ends the older one."


@dataclass(frozen=True)
class ShownKey:
    """Token and code as people read them out: in groups of four."""

    token: str
    code: str


def key_of(session: Session, account_id: UUID) -> AgentKey | None:
    """Return an account's key, None for whoever was never an agent."""
    return session.get(AgentKey, account_id)


def is_agent_account(session: Session, account_id: UUID) -> bool:
    """Whether the account is somebody's who has been an agent: they may sign in between two practices."""
    return (
        session.exec(select(AgentKey.account_id).where(AgentKey.account_id == account_id)).first() is not None
    )


def make_key(work: Work, *, account_id: UUID, first_name: str, last_name: str) -> AgentKey:
    """Return an account's key, made where there is none yet."""
    known = key_of(work.session, account_id)
    if known:
        return known
    key = AgentKey(
        account_id=account_id,
        token=_free_token(work),
        nonce=work.new_token(),
        first_name=first_name,
        last_name=last_name,
        made_at=work.now,
    )
    return work.add(key)


def rename_key(work: Work, *, account_id: UUID, first_name: str, last_name: str) -> None:
    """Let the practices that add an agent from now on name them as they name themselves."""
    key = key_of(work.session, account_id)
    if key and (key.first_name, key.last_name) != (first_name, last_name):
        key.first_name, key.last_name = first_name, last_name
        work.add(key)


def renew_code(work: Work, *, account_id: UUID) -> AgentKey | None:
    """Put another code in the place of an account's; None where it has no key.

    The row is locked: whoever is adding the agent with the older code has done it, or finds it wrong.
    """
    query = select(AgentKey).where(AgentKey.account_id == account_id).with_for_update()
    key = work.session.exec(query.execution_options(populate_existing=True)).first()
    if key is None:
        return None
    key.nonce, key.renewed_at = work.new_token(), work.now
    return work.add(key)


def key_shown(key: AgentKey) -> ShownKey:
    """Return what the holder, and nobody else, is shown."""
    return ShownKey(_in_fours(key.token), _in_fours(code_of(key)))


def accounts_of_token(work: Work, token: str) -> Sequence[UUID]:
    """Return whose token this is: one account or none."""
    query = select(AgentKey.account_id).where(AgentKey.token == token_typed(token))
    return work.session.exec(query).all()


def holder_of_key(work: Work, *, token: str, code: str) -> AgentKey:
    """Return whose token and code these are. Raises WrongAgentKey, the same for either.

    The row is read with a lock, so that a code renewed meanwhile is not taken; a code is computed for unknown tokens
    as well. Who locks the account does so before, as who changes their own name: by `accounts_of_token`.
    """
    typed = token_typed(token)
    query = select(AgentKey).where(AgentKey.token == typed).with_for_update(read=True)
    key = work.session.exec(query.execution_options(populate_existing=True)).first()
    right = _code(key.account_id, key.nonce) if key else _code(work.org_id, typed)
    if not hmac.compare_digest(right.encode(), code_typed(code).encode()) or key is None:
        raise WrongAgentKey
    return key


def code_of(key: AgentKey) -> str:
    """Return the code that belongs to a key now."""
    return _code(key.account_id, key.nonce)


def token_typed(text: str) -> str:
    """Return a token as it is kept: capitals, without what stands between them."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TYPED]).upper()
    return "".join(c for c in plain if "A" <= c <= "Z")[: TOKEN_LENGTH + 1]


def code_typed(text: str) -> str:
    """Return a code's digits."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TYPED])
    return "".join(c for c in plain if "0" <= c <= "9")[: CODE_LENGTH + 1]


def _code(whose: UUID, nonce: str) -> str:
    digest = hmac.new(secret(), b"agent code" + whose.bytes + nonce.encode(), hashlib.sha256).digest()
    # 256 bits over a hundred million: no digit is likelier than another that anyone could tell.
    return f"{int.from_bytes(digest) % 10**CODE_LENGTH:0{CODE_LENGTH}d}"


def _free_token(work: Work) -> str:
    while True:
        number = int.from_bytes(hashlib.sha256(work.new_token().encode()).digest())
        token = ""
        for _ in range(TOKEN_LENGTH):
            number, place = divmod(number, len(LETTERS))
            token += LETTERS[place]
        if work.session.exec(select(AgentKey.token).where(AgentKey.token == token)).first() is None:
            return token


def _in_fours(text: str) -> str:
    return f"{text[:4]} {text[4:]}"
