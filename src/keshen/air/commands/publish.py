"""`keshen air publish`: channels as files for a plain web server or a CDN."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress
from typing import Annotated

import typer

EVERY_SECONDS = 0.32
SWEEP_SECONDS = 30.0


def add(app: typer.Typer) -> None:
    """Add this verb to `keshen air`."""
    app.command("publish")(publish)


def publish(
    to: Annotated[str, typer.Argument(help="A folder, or s3://bucket/prefix with the usual AWS_ variables.")],
    services: Annotated[
        list[str] | None,
        typer.Argument(
            help="Short names, of variants with their query (silk-way?territory=RU); or every open channel."
        ),
    ] = None,
    keep: Annotated[int, typer.Option(help="Minutes a segment stays after it aired.", min=1, max=1440)] = 15,
    dash: Annotated[bool, typer.Option("--dash", help="A DASH manifest beside the playlists.")] = False,
) -> None:
    """Write channels out as files until interrupted, so that a web server or a CDN serves them without the house."""
    from keshen.air.audiences.variants import NoSuchVariant
    from keshen.air.commands.air import fail
    from keshen.air.serving.outside import OutsideError
    from keshen.air.serving.publishing import NotPublished

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        asyncio.run(_publish(to, services or [], keep, dash))
    except (NotPublished, NoSuchVariant, OutsideError) as problem:
        raise fail(str(problem)) from problem


async def _publish(to: str, wanted: list[str], keep: int, dash: bool) -> None:
    from django.conf import settings

    from keshen.air import clock
    from keshen.air.audiences import variants
    from keshen.air.serving.hub import Hub
    from keshen.air.serving.outside import Outside
    from keshen.air.serving.publishing import NotPublished, Publisher, encrypted, keep_published
    from keshen.air.serving.segments import Segments
    from keshen.air.serving.snapshot import Snapshot
    from keshen.media.houseformat import TICKS_PER_HOUR
    from keshen.media.store import house_store

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    hub = Hub()
    await hub.start()
    try:
        restricted = settings.KESHEN_RESTRICTED
        slugs = wanted or [slug for slug, one in hub.services.items() if slug not in restricted and not one.protection]
        for slug in (one.partition("?")[0] for one in slugs):
            if slug not in hub.services:
                known = ", ".join(sorted(hub.services)) or "none"
                raise NotPublished(f"There is no channel {slug}; there are {known}.")
            if slug in restricted:
                raise NotPublished(f"{slug} is restricted: whoever knows an address of a plain file may have it.")
            if hub.services[slug].protection:
                raise NotPublished(encrypted(slug))
        outside, segments = Outside(to), Segments(house_store(), settings.SECRET_KEY)

        def publisher(asked: str) -> Publisher:
            slug, _, query = asked.partition("?")
            kept = keep * TICKS_PER_HOUR // 60
            offered = hub.services[slug].offered
            variant = variants.parse(query, offered) if query and offered else variants.PLAIN

            def shown() -> Snapshot | None:
                found = hub.services.get(slug)
                return found and found.for_variant(variant, clock.tick())

            return Publisher(shown, segments, outside, kept_ticks=kept, dash=dash)

        publishers = [publisher(slug) for slug in slugs]
        with suppress(asyncio.CancelledError):
            async with asyncio.TaskGroup() as group:
                for publisher in publishers:
                    group.create_task(keep_published(publisher, every=EVERY_SECONDS, sweep_every=SWEEP_SECONDS))
    finally:
        await hub.stop()
