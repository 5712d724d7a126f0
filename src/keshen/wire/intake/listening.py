"""Being sent to by a source's hub (WebSub): asking for it, agreeing to it, renewing it, and taking what comes.

A hub's lease is renewed when three quarters of it are over. Whoever knows the callback but not the secret sends nothing
that is taken.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from keshen.house import outgoing
from keshen.house.events import record
from keshen.house.models import User
from keshen.media.store import StoreError
from keshen.wire.intake.channels import MOST_BYTES, Message, http
from keshen.wire.intake.models import Listening, Source
from keshen.wire.intake.receive import receive

LEASE_SECONDS = 10 * 24 * 3600
LONGEST_LEASE_SECONDS = 366 * 24 * 3600
ASK_AGAIN = timedelta(minutes=10)
"""A hub that has not answered is asked again after this."""
RENEW_PART = 0.75
REST_SECONDS = 900.0
"""How long nobody looks at a feed whose hub sends: a hub may sleep, so looking never ends."""
WAIT_SECONDS = 15.0
DIGESTS: Mapping[str, Any] = {
    "sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512,
}  # fmt: skip
"""What may sign (section 8); sha1 is what old hubs use, and as HMAC still holds."""


def keep(source: Source, cursor: Mapping[str, Any]) -> float:
    """Have the hub the source names send us what is new, if it does not already. Returns how many seconds nobody need
    look at the source itself."""
    hub, topic = str(cursor.get("hub", "")), str(cursor.get("topic", ""))
    listening = _row(source, hub, topic)
    if listening is None:
        return 0.0
    now = timezone.now()
    if _is_due(listening) and (listening.asked_at is None or listening.asked_at < now - ASK_AGAIN):
        _ask(listening)
        listening.refresh_from_db()
    if listening.until is None or listening.until <= now:
        return 0.0
    return min(REST_SECONDS, (1 - RENEW_PART) / 2 * (listening.until - now).total_seconds())


def _row(source: Source, hub: str, topic: str) -> Listening | None:
    """The row of this hub and feed; that of another goes, and with it its callback."""
    Listening.objects.filter(source=source).exclude(hub=hub, topic=topic).delete()
    if not hub or len(hub) > 2000 or len(topic) > 2000:
        return None
    fresh = {"hub": hub, "topic": topic, "token": secrets.token_urlsafe(32), "secret": secrets.token_hex(32)}
    return Listening.objects.get_or_create(source=source, defaults=fresh)[0]


def _is_due(listening: Listening) -> bool:
    """Whether the hub has not agreed yet, or what it agreed to is nearly over."""
    if listening.agreed_at is None or listening.until is None:
        return True
    return timezone.now() > listening.agreed_at + (listening.until - listening.agreed_at) * RENEW_PART


def callback(listening: Listening) -> str:
    """Where the hub sends."""
    return f"{settings.KESHEN_URL}/wire/heard/{listening.token}"


def _ask(listening: Listening) -> None:
    """Ask the hub (section 5.1). It may ask back before it answers: what it needs for that is written down first."""
    Listening.objects.filter(pk=listening.pk).update(asked_at=timezone.now(), reason="")
    asked = {
        "hub.mode": "subscribe",
        "hub.topic": listening.topic,
        "hub.callback": callback(listening),
        "hub.lease_seconds": str(LEASE_SECONDS),
        "hub.secret": listening.secret,
    }
    try:
        with outgoing.client(timeout=WAIT_SECONDS) as client, client.stream("POST", listening.hub, data=asked) as got:
            said = next(got.iter_raw(500), b"").decode("utf-8", "replace").replace("\x00", "").strip()
            if not 200 <= got.status_code < 300:
                _refused(listening, f"{listening.hub} answers {got.status_code} {said}".strip())
    except (httpx.HTTPError, httpx.InvalidURL, outgoing.Refused, ValueError) as problem:
        _refused(listening, f"{listening.hub} cannot be asked: {problem or type(problem).__name__}")


def _refused(listening: Listening, reason: str) -> None:
    Listening.objects.filter(pk=listening.pk).update(reason=reason)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def heard(request: HttpRequest, token: str) -> HttpResponse:
    """The callback: the hub asks whether we mean it (5.3), says that it will not (5.2), or sends what is new (7).

    410 for one we no longer know: a hub may stop then.
    """
    listening = Listening.objects.select_related("source__organisation", "source__desk").filter(token=token).first()
    if listening is None or listening.source.state != Source.State.ACTIVE:
        return _say("We do not want this any more.", 410)
    if request.method != "POST":
        return _asked_back(listening, request.GET)
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return _say(f"At most {MOST_BYTES >> 20} MB are taken at once.", 413)
    if not signed(listening.secret, body, request.headers.get("X-Hub-Signature", "")):
        return _say("", 202)  # section 8: acknowledged, and not taken
    ending = http.ENDINGS.get((request.content_type or "").lower(), "")
    try:
        receive(listening.source, Message(f"heard{ending}", body))
    except StoreError as error:
        return _say(str(error), 503)
    moment = timezone.now()
    Listening.objects.filter(pk=listening.pk).update(heard_at=moment)
    return _say("", 204)


def _asked_back(listening: Listening, given: Mapping[str, str]) -> HttpResponse:
    mode, challenge = given.get("hub.mode", ""), given.get("hub.challenge", "")
    if given.get("hub.topic", "") != listening.topic:
        return _say("We did not ask for this.", 404)
    if mode == "denied":
        _deny(listening, given.get("hub.reason", "")[:500])
        return _say("")
    if mode != "subscribe" or not challenge or listening.asked_at is None:
        return _say("We did not ask for this.", 404)
    lease = given.get("hub.lease_seconds", "")
    seconds = int(lease) if lease.isascii() and lease.isdigit() and len(lease) < 12 else LEASE_SECONDS
    _agree(listening, min(seconds, LONGEST_LEASE_SECONDS))
    return _say(challenge)


@transaction.atomic
def _agree(listening: Listening, seconds: int) -> None:
    """Event: `source.hub_agreed`, at the first time."""
    now = timezone.now()
    first = listening.agreed_at is None
    Listening.objects.filter(pk=listening.pk).update(agreed_at=now, until=now + timedelta(seconds=seconds), reason="")
    if first:
        _tell(listening, "source.hub_agreed", "")


@transaction.atomic
def _deny(listening: Listening, reason: str) -> None:
    """Event: `source.hub_denied`."""
    reason = f"{listening.hub} does not send: {reason}".rstrip(": ")
    Listening.objects.filter(pk=listening.pk).update(until=None, agreed_at=None, reason=reason)
    _tell(listening, "source.hub_denied", reason)


def _tell(listening: Listening, kind: str, reason: str) -> None:
    source = listening.source
    record(
        User.objects.system(), kind, source.urn, organisation=source.organisation, reason=reason,
        after={"hub": listening.hub, "topic": listening.topic},
    )  # fmt: skip


def signed(secret: str, body: bytes, header: str) -> bool:
    """Whether the header (`method=digest in hex`) is the body's HMAC with this secret."""
    method, _equals, digest = header.strip().partition("=")
    if method.lower() not in DIGESTS or not digest.isascii():
        return False
    expected = hmac.new(secret.encode(), body, DIGESTS[method.lower()]).hexdigest()
    return hmac.compare_digest(expected, digest.lower())


def _say(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
