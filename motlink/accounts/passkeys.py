"""Passkeys of an account (WebAuthn): added, used as the second step, removed. Whose account it is is decided above.

A challenge is never kept: it is computed from what it belongs to (half a session, or a ticket of a session), so that it
is good for that alone. The library is imported where it is used: it takes half a second.
"""

import json
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from motlink.accounts.models import Account, Passkey
from motlink.errors import Invalid, NotFound
from motlink.settings import settings
from motlink.work import Work

if TYPE_CHECKING:
    from webauthn.registration.verify_registration_response import VerifiedRegistration

log = logging.getLogger("motlink.door")
Result = TypeVar("Result")
BY_PASSKEY = "passkey"
LONGEST_NAME, MOST_PASSKEYS = 60, 20
# As they are kept (models.py). WebAuthn allows ids of 1,023 bytes, 1,364 letters; of RSA 4,096 bits are 700.
CREDENTIAL_ID = re.compile(r"[A-Za-z0-9_-]{1,1400}")
LONGEST_KEY = 2000


def origin() -> str:
    """Return where browsers say the pages come from: the configured address, never what a request says of itself."""
    parts = urlsplit(settings().public_url)
    return f"{parts.scheme}://{parts.netloc}"


def rp_id() -> str:
    """Return the name of this installation as passkeys know it: the host of its address."""
    return urlsplit(settings().public_url).hostname or ""


def passkeys_of(session: Session, account_id: UUID) -> list[Passkey]:
    """Return an account's passkeys, the oldest first."""
    query = select(Passkey).where(Passkey.account_id == account_id).order_by(col(Passkey.id))
    return list(session.exec(query))


def to_create(session: Session, account: Account, challenge: bytes) -> str:
    """Return what a browser needs to make a passkey, as JSON; one that has this account's already makes none."""
    import webauthn
    from webauthn.helpers import structs

    chosen = structs.AuthenticatorSelectionCriteria(
        resident_key=structs.ResidentKeyRequirement.PREFERRED,
        user_verification=structs.UserVerificationRequirement.PREFERRED,
    )
    options = webauthn.generate_registration_options(
        rp_id=rp_id(),
        rp_name="motlink",
        user_id=account.id.bytes,
        user_name=account.username or account.email,
        challenge=challenge,
        authenticator_selection=chosen,
        exclude_credentials=_named(session, account.id),
    )
    return webauthn.options_to_json(options)


def to_use(session: Session, account_id: UUID, challenge: bytes) -> str:
    """Return what a browser needs to use one of an account's passkeys, as JSON; "" where it has none."""
    if not passkeys_of(session, account_id):
        return ""
    import webauthn

    options = webauthn.generate_authentication_options(
        rp_id=rp_id(), challenge=challenge, allow_credentials=_named(session, account_id)
    )
    return webauthn.options_to_json(options)


def add_passkey(work: Work, *, account: Account, name: str, answer: str, challenge: bytes) -> Passkey | None:
    """Keep the passkey that a browser has made for this challenge; None for anything else."""
    import webauthn

    if len(passkeys_of(work.session, account.id)) >= MOST_PASSKEYS:
        raise Invalid(f"At most {MOST_PASSKEYS} passkeys. Remove one first.", field="name")
    made = _verified(_registered, _parsed(answer), challenge)
    if made is None:
        return None
    credential_id = webauthn.helpers.bytes_to_base64url(made.credential_id)
    public_key = webauthn.helpers.bytes_to_base64url(made.credential_public_key)
    if not CREDENTIAL_ID.fullmatch(credential_id) or len(public_key) > LONGEST_KEY:
        return None
    if work.session.exec(select(Passkey).where(Passkey.credential_id == credential_id)).first():
        return None
    passkey = Passkey(
        id=work.new_id(),
        account_id=account.id,
        name=checked_name(name),
        credential_id=credential_id,
        public_key=public_key,
        sign_count=made.sign_count,
        created_at=work.now,
    )
    return work.add(passkey)


def use_passkey(work: Work, *, account: Account, answer: str, challenge: bytes) -> bool:
    """Whether one of the account's passkeys has signed this challenge.

    Where it counts its signatures, the counter has to have grown; many always say 0, and of those nothing is known.
    """
    import webauthn

    given = _parsed(answer)
    credential_id = given.get("id")
    if not isinstance(credential_id, str) or not CREDENTIAL_ID.fullmatch(credential_id):
        return False
    query = select(Passkey).where(Passkey.account_id == account.id, Passkey.credential_id == credential_id)
    passkey = work.session.exec(query.execution_options(populate_existing=True)).first()
    if passkey is None:
        return False
    signed = _verified(
        webauthn.verify_authentication_response,
        given,
        challenge,
        credential_public_key=webauthn.base64url_to_bytes(passkey.public_key),
        credential_current_sign_count=passkey.sign_count,
    )
    return signed is not None and _count(work, passkey, signed.new_sign_count)


def _verified(
    verify: Callable[..., Result], given: dict[str, Any], challenge: bytes, **kept: Any
) -> Result | None:
    """Return what the library makes of a browser's answer; None for all that it refuses, or fails at."""
    try:
        return verify(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=rp_id(),
            expected_origin=origin(),
            **kept,
        )
    except Exception as refused:  # noqa: BLE001 - what no browser sends makes it fail in more ways than it names
        log.info("what a passkey answered was refused: %s", type(refused).__name__)
        return None


def _registered(**given: Any) -> "VerifiedRegistration":
    """Check what a browser has made, and that signatures can be checked with its key: the library forgets that."""
    import webauthn
    from cryptography.exceptions import InvalidSignature
    from webauthn import helpers

    made = webauthn.verify_registration_response(**given)
    decoded = helpers.decode_credential_public_key(made.credential_public_key)
    key = helpers.decoded_public_key_to_cryptography(decoded)
    # A good key calls this no signature; one of an unknown curve, or of another algorithm than it says, cannot tell.
    with suppress(InvalidSignature):
        helpers.verify_signature(public_key=key, signature_alg=decoded.alg, signature=b"", data=b"")
    return made


def _count(work: Work, passkey: Passkey, count: int) -> bool:
    return work.claim(
        update(Passkey)
        .where(col(Passkey.id) == passkey.id, col(Passkey.sign_count) == passkey.sign_count)
        .values(sign_count=count, last_used_at=work.now)
        .execution_options(synchronize_session=False)
    )


def own_passkey(work: Work, *, account: Account, passkey_id: UUID) -> Passkey:
    """Return one of an account's passkeys. Raises NotFound for anybody else's."""
    passkey = work.session.get(Passkey, passkey_id)
    if passkey is None or passkey.account_id != account.id:
        raise NotFound("This passkey is not here, or was removed already.")
    return passkey


def checked_name(typed: str) -> str:
    """Return the name of a passkey on one line. Raises Invalid for none, or one that cannot be shown."""
    name = " ".join(typed.split())
    if not name:
        raise Invalid("Give it a name, such as the device it is on.", field="name")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(f"One line of at most {LONGEST_NAME} characters.", field="name")
    return name


def _named(session: Session, account_id: UUID) -> list[Any]:
    import webauthn
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [
        PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(one.credential_id))
        for one in passkeys_of(session, account_id)
    ]


def _parsed(answer: str) -> dict[str, Any]:
    try:
        given = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}
