"""The client's pages as they happen: server-sent events in the form the screens' own live regions listen to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from keshen.wire.following import Crowded, followers
from keshen.wire.portal.session import ours
from keshen.wire.streams import HEARTBEAT_SECONDS, read

SETTLE_SECONDS = 5.0
"""After something came, another sign follows: alerts look at it within a few seconds."""


async def live(request: HttpRequest) -> HttpResponseBase:
    """A sign whenever the client's stream grew; the pages then fetch their own parts anew."""
    try:
        found = await read(partial(ours, request, items=True))
    except Http404:
        return HttpResponse(status=403)
    return StreamingHttpResponse(
        _signs(request, found.pk, found.last_sequence),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Encoding": "identity"},
    )


async def _signs(request: HttpRequest, subscriber: int, number: int) -> AsyncIterator[bytes]:
    yield b"retry: 4000\n\n"
    try:
        with followers().following(subscriber):
            while True:
                if await followers().past(subscriber, number, HEARTBEAT_SECONDS):
                    number = (await read(partial(ours, request, items=True))).last_sequence
                    yield _sign(number)
                    await followers().past(subscriber, number, SETTLE_SECONDS)
                    yield _sign(number)
                else:
                    await read(partial(ours, request, items=True))
                    yield b": still here\n\n"
    except (Http404, Crowded):
        return  # the key was replaced, or too many look: the page goes on without live parts


def _sign(number: int) -> bytes:
    told = {"id": number, "kind": "wire.stream", "subject": "", "actor": "", "at": ""}
    return f"id: {number}\nevent: change\ndata: {json.dumps(told)}\n\n".encode()
