"""The stream as it comes: server-sent events and long poll, both from any number, both in the numbers of the replay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt

from keshen.wire.feeds import Turned, format_of, number, reader, refusal, respond
from keshen.wire.following import Crowded, followers
from keshen.wire.formats.registry import Format
from keshen.wire.models import Subscriber
from keshen.wire.queries import LARGEST_PAGE, PAGE, Slice, items_of, numbered
from keshen.wire.selection import taken_by

HEARTBEAT_SECONDS = 15.0
WAIT_SECONDS = 25
LONGEST_WAIT_SECONDS = 55
MOST_OF_A_PUBLIC_FEED = 1000

# a stream lasts for hours: it must hold neither a thread nor a connection between two reads
_readers = ThreadPoolExecutor(4, thread_name_prefix="wire-follow")


async def read[T](what: Callable[[], T]) -> T:
    """Read from the database in a thread that keeps no connection."""

    def run() -> T:
        close_old_connections()
        try:
            return what()
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_readers, run)


type View = Callable[..., Awaitable[HttpResponseBase]]


def answering(view: View) -> View:
    """GET only, no session needed, refusals as plain text."""

    @csrf_exempt
    async def run(request: HttpRequest, slug: str) -> HttpResponseBase:
        try:
            if request.method != "GET":
                raise Turned(405, "This address is read with GET.")
            return await view(request, slug)
        except Turned as turned:
            return refusal(turned)
        except Crowded:
            response = refusal(Turned(429, "Too many follow this stream at once. Try again later."))
            response.headers["Retry-After"] = "10"
            return response

    return run


def _start(request: HttpRequest, slug: str) -> tuple[Subscriber, Format, int]:
    """Who follows, in which form, and after which number. Raises Turned."""
    subscriber = reader(request, slug)
    entry = format_of(request, subscriber)
    if not entry.carries_canceled:
        raise Turned(
            400, f"{entry.label} cannot say that an item is dead, so it cannot be followed. Take ninjs or newsml."
        )
    if not entry.carries_embargo and any(terms.advance for _product, terms in taken_by(subscriber)):
        raise Turned(400, f"{entry.label} cannot say that an item is under embargo. Take ninjs or newsml.")
    after = number(request, "after")
    resumed = request.headers.get("Last-Event-ID", "")
    if resumed.isascii() and resumed.isdigit() and len(resumed) < 19:
        after = int(resumed)
    return subscriber, entry, subscriber.last_sequence if after is None else after


def _most(subscriber: Subscriber) -> dict[str, int]:
    return {"most": MOST_OF_A_PUBLIC_FEED} if subscriber.channel == Subscriber.Channel.OPEN else {}


@answering
async def stream(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Server-sent events: each item of the stream after `?after=N` or `Last-Event-ID`, and then each as it comes."""
    subscriber, entry, after = await read(partial(_start, request, slug))
    with followers().following(subscriber.pk, **_most(subscriber)):
        pass  # refused before the answer begins
    return StreamingHttpResponse(
        _events(request, slug, subscriber, entry, after),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Encoding": "identity"},
    )


async def _events(
    request: HttpRequest, slug: str, subscriber: Subscriber, entry: Format, after: int
) -> AsyncIterator[bytes]:
    try:
        with followers().following(subscriber.pk, **_most(subscriber)):
            yield b"retry: 2000\n\n"
            while True:
                after, events = await read(partial(_batch, request, slug, entry, after))
                for event in events:
                    yield event
                if not events and not await followers().past(subscriber.pk, after, HEARTBEAT_SECONDS):
                    yield b": still here\n\n"
    except (Turned, Crowded) as turned:
        # the key was replaced, the subscription suspended: the client comes again and is told so
        yield f": {turned}\n\n".encode()


def _batch(request: HttpRequest, slug: str, entry: Format, after: int) -> tuple[int, list[bytes]]:
    """The next part of the stream as events, and the number it reaches. Raises Turned when it is no longer open."""
    subscriber = reader(request, slug)
    deliveries = numbered(subscriber, Slice(after=after, limit=PAGE, replay=True))
    events = [
        _event(delivery.sequence or 0, entry.render(item))
        for delivery, item in zip(deliveries, items_of(deliveries), strict=True)
    ]
    if len(deliveries) == PAGE:
        return deliveries[-1].sequence or after, events
    # numbers that are not shown (stopped by rights, or of a killed story) are behind us too
    return max(after, subscriber.last_sequence, *(delivery.sequence or 0 for delivery in deliveries)), events


def _event(sequence: int, body: bytes) -> bytes:
    lines = b"\n".join(b"data: " + line for line in body.splitlines())
    return b"id: %d\nevent: item\n%s\n\n" % (sequence, lines)


@answering
async def poll(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Long poll: what came after `?after=N`, as soon as there is something, or 204 after `?wait=` seconds."""
    subscriber, entry, after = await read(partial(_start, request, slug))
    given = number(request, "wait", most=LONGEST_WAIT_SECONDS)
    limit = number(request, "limit", most=LARGEST_PAGE) or PAGE
    loop = asyncio.get_running_loop()
    until = loop.time() + (WAIT_SECONDS if given is None else given)
    with followers().following(subscriber.pk, **_most(subscriber)):
        while True:
            subscriber, found = await read(partial(_news, request, slug, after))
            if found:
                part = Slice(after=after, limit=limit, replay=True)
                return await read(partial(respond, request, subscriber, entry, part))
            after = max(after, subscriber.last_sequence)
            if not await followers().past(subscriber.pk, after, max(0.0, until - loop.time())):
                response = HttpResponse(status=204, headers={"Keshen-Sequence": str(after)})
                patch_cache_control(response, private=True, no_store=True)
                return response


def _news(request: HttpRequest, slug: str, after: int) -> tuple[Subscriber, bool]:
    """The subscriber as it is now, and whether anything of its stream after that number is shown. Raises Turned."""
    subscriber = reader(request, slug)
    return subscriber, bool(numbered(subscriber, Slice(after=after, limit=1, replay=True)))
