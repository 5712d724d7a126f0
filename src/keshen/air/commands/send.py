"""`keshen send`: a channel's transport stream to another house, over SRT or UDP."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress
from typing import Annotated

import typer

from keshen.air.audiences import variants
from keshen.air.serving.hub import Hub
from keshen.air.serving.segments import Segments
from keshen.air.ways_out import sending
from keshen.air.ways_out.continuous import Continuous
from keshen.media.store import house_store


def send(
    service: Annotated[str, typer.Argument(help="The channel's short name, such as jibek-joly")],
    address: Annotated[str, typer.Argument(help="srt://host:port?mode=caller&latency=200000 or udp://host:port")],
    rung: Annotated[str, typer.Option(help="Which picture: v720 or v360; the first of the channel by default")] = "",
    variant: Annotated[str, typer.Option(help="For whom: territory=RU&platform=web&shift=2&audio=ru")] = "",
) -> None:
    """Send a channel as a transport stream until interrupted; a broken connection is made again."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        target = sending.parse(address)
    except sending.AddressError as error:
        raise typer.BadParameter(str(error)) from error
    try:
        asyncio.run(_send(service, target, rung, variant))
    except (LookupError, variants.NoSuchVariant) as error:
        raise typer.BadParameter(str(error)) from error


async def _send(service: str, target: sending.Address, rung: str, variant: str) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    hub = Hub()
    await hub.start()
    try:
        snapshot = hub.services.get(service)
        if snapshot is None:
            raise LookupError(f"there is no channel {service!r}; there are {', '.join(sorted(hub.services)) or 'none'}")
        pictures = [picture.rung for picture in snapshot.ladder.pictures]
        if rung and rung not in pictures:
            raise LookupError(f"{service} has no picture {rung!r}; it has {', '.join(pictures) or 'only sound'}")
        wanted = variants.parse(variant, snapshot.offered) if snapshot.offered else variants.PLAIN
        ticks = Continuous(hub, Segments(house_store())).ticks(service, rung or next(iter(pictures), ""), wanted)
        with suppress(asyncio.CancelledError):
            await sending.send(target, ticks.chunk)
    finally:
        await hub.stop()
