"""Radio listeners a core, against icecast2 relaying the same stream to as many."""

from __future__ import annotations

import asyncio
import math
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench._air import SECONDS, air, free_port, program, running, tell, used
from keshen.air.ways_out.aac import CHUNK_TICKS
from keshen.media.houseformat import TICK_MS

LISTENERS = int(os.environ.get("KESHEN_BENCH_LISTENERS") or 1000)
PATH = "/air/jibek-joly-radio/listen.aac"
BYTES_A_SECOND = 16_000
ARRIVING = 25
"""Listeners arrive so many at a time, a tenth of a second apart: icecast2 lets 64 connections wait, and a thousand at
once are cut off before it has seen them."""
CHUNK_SECONDS = CHUNK_TICKS * TICK_MS / 1000
CONFIG = """<icecast>
<limits><clients>{clients}</clients><sources>2</sources><queue-size>1048576</queue-size>
<client-timeout>60</client-timeout><header-timeout>60</header-timeout><source-timeout>60</source-timeout>
<burst-size>64000</burst-size></limits>
<authentication><source-password>bench</source-password><admin-password>bench</admin-password></authentication>
<hostname>localhost</hostname>
<listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><logdir>{folder}</logdir><webroot>{folder}</webroot><adminroot>{folder}</adminroot></paths>
<logging><loglevel>1</loglevel></logging>
<security><chroot>0</chroot>{owner}</security>
</icecast>"""


@contextmanager
def icecast(binary: str) -> Iterator[tuple[int, int]]:
    with tempfile.TemporaryDirectory(prefix="kb-icecast-") as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o777)
        owner = "<changeowner><user>nobody</user><group>nogroup</group></changeowner>" if os.geteuid() == 0 else ""
        config = CONFIG.format(folder=folder, port=port, clients=LISTENERS + 50, owner=owner)
        (folder / "icecast.xml").write_text(config)
        with running([binary, "-c", str(folder / "icecast.xml")], port) as process:
            yield port, process.pid


async def _source(port: int, stop: asyncio.Event) -> None:
    """Feed icecast at the stream's own rate."""
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"SOURCE /listen.aac HTTP/1.0\r\nAuthorization: Basic c291cmNlOmJlbmNo\r\nContent-Type: audio/aac\r\n\r\n"
    )
    frames = b"\xff\xf1\x4c\x80\x2b\x60" + bytes(341)
    began, sent = time.monotonic(), 0
    while not stop.is_set():
        while sent < (time.monotonic() - began + 4) * BYTES_A_SECOND:
            writer.write(frames)
            sent += len(frames)
        await writer.drain()
        await asyncio.sleep(0.1)
    writer.close()


async def _listener(port: int, path: str, received: list[int], number: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        while data := await reader.read(65_536):
            received[number] += len(data)
    finally:
        writer.close()


async def _load(port: int, pid: int, path: str, source: bool) -> tuple[float, float]:
    """Processor seconds a second while everybody listens, and the share of listeners who heard all of it."""
    stop = asyncio.Event()
    feeding = asyncio.create_task(_source(port, stop)) if source else None
    await asyncio.sleep(2 if source else 0)
    received = [0] * LISTENERS
    listening = []
    for number in range(LISTENERS):
        listening.append(asyncio.create_task(_listener(port, path, received, number)))
        if number % ARRIVING == ARRIVING - 1:
            await asyncio.sleep(0.1)
    await asyncio.sleep(8)
    before, heard, began = used(pid), list(received), time.monotonic()
    await asyncio.sleep(math.ceil(SECONDS / CHUNK_SECONDS) * CHUNK_SECONDS)
    length = time.monotonic() - began
    cost = (used(pid) - before) / length
    least = BYTES_A_SECOND * length / 20  # quiet sound is coded in fewer bytes
    well = sum(now - then > least for now, then in zip(received, heard, strict=True)) / LISTENERS
    stop.set()
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, *([feeding] if feeding else []), return_exceptions=True)
    return cost, well


def main() -> None:
    with air() as (port, pid):
        cost, well = asyncio.run(_load(port, pid, PATH, source=False))
    print(f"{LISTENERS} listeners cost {cost:.1%} of a core; {well:.0%} heard all of it")
    if well < 1:
        raise SystemExit("some listeners were not served")
    ours = LISTENERS / max(cost, 0.001)
    binary = program("icecast2", "icecast2", "radio listeners, against icecast2")
    if binary is None:
        tell("radio listeners a core", ours, "listeners")
        return
    with icecast(binary) as (port, pid):
        cost, well = asyncio.run(_load(port, pid, "/listen.aac", source=True))
    print(f"icecast2: {cost:.1%} of a core; {well:.0%} heard all of it")
    if well < 1:
        tell("radio listeners a core", ours, "listeners")
        print('{"name": "radio listeners, against icecast2", "skipped": "icecast2 did not serve every listener here"}')
        return
    theirs = LISTENERS / max(cost, 0.001)
    ratio = round(ours / theirs, 3)
    tell("radio listeners a core", ours, "listeners", against="icecast2", reference=round(theirs), ratio=ratio)


if __name__ == "__main__":
    main()
