"""What the mail service tells of letters that have left: heard once each, in whatever order, up to days late.

Each moment has a column of its own and the earliest counts, so that the order in which the news arrive is no matter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from motlink.database import is_sqlite
from motlink.mail.models import Letter, MailEvent
from motlink.mail.rules import bounce_words, without_secrets
from motlink.work import Work

# Whatever of these is told, the service has taken the letter.
KINDS = frozenset({"processed", "deferred", "delivered", "open", "click", "bounce", "dropped"})
CAME_BACK = frozenset({"bounce", "dropped"})
LOOKED_AT = frozenset({"open", "click"})
LONGEST_ID = 120
# The service tells again for some days what we did not answer; what a letter became stays with the letter, and news
# told again after they were forgotten find it so already.
KEPT_FOR = timedelta(days=30)
AT_ONCE = 500


@dataclass(frozen=True)
class News:
    """One event of a letter."""

    id: str
    letter_id: UUID
    kind: str
    happened_at: datetime
    reason: str = ""


def news_in(payload: Any, argument: str) -> list[News]:
    """Return the news in what the service posts; what is not about a letter of ours is left out.

    `argument` is the custom argument that holds the letter's id.
    """
    events = payload if isinstance(payload, list) else []
    found = (_news(event, argument) for event in events if isinstance(event, dict))
    return [one for one in found if one]


def _news(event: dict[str, Any], argument: str) -> News | None:
    key, kind = event.get("sg_event_id"), str(event.get("event"))
    if (
        not isinstance(key, str)
        or not 0 < len(key) <= LONGEST_ID
        or not key.isprintable()
        or kind not in KINDS
    ):
        return None
    try:
        letter_id = UUID(str(event.get(argument)))
        happened_at = datetime.fromtimestamp(int(event["timestamp"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
    return News(key, letter_id, kind, happened_at, bounce_words(event) if kind in CAME_BACK else "")


def practices_of(work: Work, news: Iterable[News]) -> dict[UUID, UUID | None]:
    """Return to which practice each letter belongs; unknown letters are left out."""
    ids = {one.letter_id for one in news}
    query = select(Letter.id, Letter.org_id).where(col(Letter.id).in_(ids))
    return {row[0]: row[1] for row in work.session.exec(query)}


def hear(work: Work, *, news: Sequence[News]) -> int:
    """Write news of this practice's letters down. Returns how many of them were new."""
    # In one order, so that two deliveries of the same news never wait for each other crosswise.
    new = [one for one in sorted(news, key=lambda one: one.id) if _is_new(work, one)]
    for one in new:
        letter = work.session.get(Letter, one.letter_id)
        if letter is not None:
            _take(work, letter, one)
    if new and work.has_org:
        work.notify("letters")
    return len(new)


def any_old_news(work: Work) -> bool:
    """Whether there is news to forget: asked first, without the lock of writing."""
    query = select(MailEvent.id).where(MailEvent.heard_at < work.now - KEPT_FOR)
    return work.session.exec(query.limit(1)).first() is not None


def forget_old_news(work: Work) -> bool:
    """Delete news that was heard long ago, some at a time. Returns whether there may be more."""
    some = select(MailEvent.id).where(MailEvent.heard_at < work.now - KEPT_FOR)
    some = some.order_by(col(MailEvent.heard_at)).limit(AT_ONCE)
    gone = work.session.connection().execute(delete(MailEvent).where(col(MailEvent.id).in_(some)))
    return int(gone.rowcount) == AT_ONCE


def _is_new(work: Work, one: News) -> bool:
    insert = sqlite.insert(MailEvent) if is_sqlite() else postgresql.insert(MailEvent)
    values = {
        "id": one.id,
        "letter_id": one.letter_id,
        "kind": one.kind,
        "happened_at": one.happened_at,
        "heard_at": work.now,
    }
    made = insert.values(values).on_conflict_do_nothing().returning(col(MailEvent.id))
    return work.session.execute(made).first() is not None


def _take(work: Work, letter: Letter, one: News) -> None:
    at = min(one.happened_at, work.now)
    if letter.sent_at is None:
        # Its answer was lost, or has not come yet: now it is known to have left.
        letter.sent_at, letter.failed_at, letter.leased_until, letter.last_error = at, None, None, ""
        letter.values = without_secrets(letter.values)
    if one.kind == "delivered":
        letter.delivered_at = _earlier(letter.delivered_at, at)
    if one.kind in LOOKED_AT:
        letter.opened_at = _earlier(letter.opened_at, at)
    if one.kind in CAME_BACK:
        _come_back(work, letter, at, one.reason)
    work.add(letter)


def _come_back(work: Work, letter: Letter, at: datetime, reason: str) -> None:
    if letter.bounced_at is None:
        work.record("letter.bounced", letter, kind=letter.kind, reason=reason)
    if letter.bounced_at is None or at < letter.bounced_at:
        letter.bounced_at, letter.bounce_reason = at, reason


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)
