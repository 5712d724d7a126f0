"""The keys of encrypted channels as players ask for them: raw, or by Clear Key licence request.

They are given to whoever may have the channel's segments, for the hours there are segments of, and are never cached by
anybody on the way.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from django.conf import settings

from keshen.air import clock, guide
from keshen.air.protection import keys
from keshen.air.serving.http import NOT_FOUND, NOT_KEPT, Answer, fresh, problem
from keshen.air.serving.snapshot import Snapshot
from keshen.air.timeline import FREEZE_TICKS
from keshen.media.houseformat import TICKS_PER_HOUR

ADDRESS: Final = "clearkey"
"""Where licences are asked for, below the channel."""
MOST_BYTES: Final = 16_384

NOT_IN_DASH: Final = problem(404, "This channel is encrypted segment by segment, which DASH cannot say: take HLS.")
NO_OPEN_STREAM: Final = problem(
    403,
    "This channel is encrypted: its stream without end is given at a signed address alone (keshen air sign). "
    "Or take HLS or DASH.",
)

_NAME: Final = re.compile(r"key-(\d{1,9})\.bin")


def hours() -> tuple[int, int]:
    """The first and the last hour whose key is given: as far back as catch-up goes, and what is frozen."""
    now = clock.tick()
    first = now - guide.CATCHUP_HOURS * TICKS_PER_HOUR - keys.PERIOD_TICKS
    return first // keys.PERIOD_TICKS, (now + FREEZE_TICKS) // keys.PERIOD_TICKS


def is_given(snapshot: Snapshot, period: int) -> bool:
    """Whether the key of an hour is given now."""
    first, last = hours()
    return bool(snapshot.protection) and first <= period <= last


def given(snapshot: Snapshot, name: str) -> Answer | None:
    """The key at an address below the service: its 16 bytes; None when there is none."""
    match = _NAME.fullmatch(name)
    if match is None or not is_given(snapshot, int(match[1])):
        return None
    held = keys.key(settings.SECRET_KEY, snapshot.slug, int(match[1]))
    return Answer(200, held.key, "application/octet-stream", NOT_KEPT)


async def licence(
    services: Mapping[str, Snapshot], path: str, receive: Callable[[], Awaitable[Mapping[str, Any]]]
) -> Answer:
    """The answer to a licence request sent to a path."""
    slug = path.removeprefix("/air/").removesuffix(f"/{ADDRESS}")
    snapshot = services.get(slug)
    if snapshot is None or not snapshot.protection:
        return NOT_FOUND
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            return problem(413, "A licence request is shorter than that.")
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    try:
        made = keys.licence(settings.SECRET_KEY, slug, body, *hours())
    except keys.BadRequest as error:
        return problem(400, str(error))
    return Answer(200, made, "application/json", NOT_KEPT)


def signed(answer: Answer, path: str, asked: str) -> Answer:
    """A manifest that was asked for at a signed address: the address of licences in it is signed alike."""
    service, own = path.rpartition("/")[0], asked.rpartition("/")[0]
    plain = f"{service}/{ADDRESS}<".encode()
    if answer.status != 200 or plain not in answer.body:
        return answer
    return fresh(answer.body.replace(plain, f"{own}/{ADDRESS}<".encode()), answer.media_type, answer.cache)
