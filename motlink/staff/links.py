"""Which invitations can still lead in, as conditions of a question."""

from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from motlink.staff.models import Invitation


def unspent() -> ColumnElement[bool]:
    """Neither accepted nor ended; its hour may be over. A member has at most one of these."""
    return and_(
        col(Invitation.accepted_at).is_(None),
        col(Invitation.superseded_at).is_(None),
        col(Invitation.revoked_at).is_(None),
    )


def still_open(now: Any) -> ColumnElement[bool]:
    """Unspent, and its hour is not over."""
    return and_(unspent(), col(Invitation.expires_at) > now)
