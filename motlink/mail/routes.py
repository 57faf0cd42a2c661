"""Where the mail service tells what became of letters: POST /hooks/sendgrid, signed by SendGrid."""

import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.mail.events import News, hear, news_in, practices_of
from motlink.settings import settings
from motlink.sign_in.requests import visitor
from motlink.web import rate
from motlink.web.http import route
from motlink.web.rules import public
from motlink.web.threads import reading, writing
from motlink.work import begin_work, system

log = logging.getLogger(__name__)

# SendGrid sends up to 768 KB at once.
LARGEST_NEWS = 1_000_000
SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
SERVICE = system("SendGrid")


@public
async def sendgrid_hook(request: Request) -> Response:
    """POST /hooks/sendgrid. The age of a signature is no matter (news may be 29 hours late): each is heard once."""
    if not settings().sendgrid_webhook_key:
        return Response(status_code=404)
    body = await request.body()
    if not is_signed(body, request.headers.get(SIGNATURE, ""), request.headers.get(TIMESTAMP, "")):
        await _note(request)
        return Response(status_code=403)
    try:
        payload = json.loads(body)
    except ValueError:
        return Response(status_code=400)
    await _hear(payload)
    return Response(status_code=204)


def is_signed(body: bytes, signature: str, timestamp: str) -> bool:
    """Whether SendGrid's key has signed this body with this timestamp."""
    try:
        return bool(_verifier().verify_signature(body.decode(), signature, timestamp))
    except (ValueError, TypeError):
        # No base64, no UTF-8: not from SendGrid.
        return False


@lru_cache(maxsize=4)
def _verifier_of(key: str) -> Any:
    from sendgrid.helpers.eventwebhook import EventWebhook

    return EventWebhook(key)


def _verifier() -> Any:
    return _verifier_of(settings().sendgrid_webhook_key)


async def _note(request: Request) -> None:
    address = visitor(request).address
    if await rate.count(rate.REFUSALS_KEPT, "hooks", rate.network_of(address)):
        log.warning("News of letters from %s has no signature of SendGrid's and was refused.", address)


async def _hear(payload: Any) -> None:
    from motlink.mail.sendgrid import LETTER_ARGUMENT

    news = news_in(payload, LETTER_ARGUMENT)
    homes = await reading(_homes, news) if news else {}
    by_practice: dict[UUID | None, list[News]] = defaultdict(list)
    for one in news:
        if one.letter_id in homes:
            by_practice[homes[one.letter_id]].append(one)
    for org_id, theirs in by_practice.items():
        await writing(_hear_in_work, org_id, theirs)


def _homes(news: Sequence[News]) -> dict[UUID, UUID | None]:
    with begin_work(SERVICE, writes=False) as work:
        return practices_of(work, news)


def _hear_in_work(org_id: UUID | None, news: Sequence[News]) -> int:
    with begin_work(SERVICE, org=org_id) as work:
        return hear(work, news=news)


def mail_routes() -> list[Route]:
    """Return the slice's routes."""
    return [route("POST", "/hooks/sendgrid", sendgrid_hook, largest=LARGEST_NEWS)]
