"""What has to be read again is kept sealed: with a key made from the installation's, which is not in the database."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from motlink.errors import Conflict
from motlink.settings import secret


class Unreadable(Conflict):
    """Sealed under another key, or for somebody else."""

    sentence = "The codes of the app cannot be checked: the key of this installation has changed."
    next_step = "Use a recovery code, and tell your operator."


def seal(plain: str, *, about: str) -> str:
    """Encrypt a secret for one thing, named by `about`: moved to another row it does not open."""
    return _box().encrypt(f"{about}\n{plain}".encode()).decode()


def unseal(sealed: str, *, about: str) -> str:
    """Decrypt it again. Raises Unreadable."""
    try:
        whose, _, plain = _box().decrypt(sealed.encode()).decode().partition("\n")
    except InvalidToken as unknown:
        raise Unreadable from unknown
    if whose != about:
        raise Unreadable
    return plain


def _box() -> Fernet:
    # The key itself seals the audit log and more; each use has a key of its own.
    made = hmac.new(secret(), b"sealed in the database", hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(made))
