"""Clients of the wire as they are: many servers in one process, each with a mood. A program of its own.

    python clients.py SEED NUMBER

It prints the ports as one JSON line. Then it reads commands: `calm` ends all bad moods, `report` prints what every
client got, took and holds. A client takes an item when it keeps it, whatever it answers then: it drops an id it has
taken before, and of an item it keeps the highest number.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import random
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from weakref import WeakKeyDictionary

from tests.ports import free_port

HANG_SECONDS = 60.0
MISBEHAVES = 0.5
TAKES_ANYWAY = 0.5

type Answer = tuple[int, dict[str, str]]


@dataclass
class Client:
    """One client: its server, what it was sent and what it holds."""

    chance: random.Random
    mood: str
    calm: bool = False
    port: int = field(default_factory=free_port)
    server: asyncio.Server | None = None
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    requests: list[dict[str, Any]] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)
    holds: dict[str, dict[str, Any]] = field(default_factory=dict)
    quiet: WeakKeyDictionary[asyncio.StreamWriter, float] = field(default_factory=WeakKeyDictionary)
    """Until when nothing more is wanted over each line: whoever heard it there has to keep to it. Another pump may
    know nothing of it, since the one that heard it died, or lost its lease, before it was written down."""
    impatient: int = 0
    rebirths: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> None:
        for _ in range(100):
            try:
                self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port)
                break
            except OSError:
                await asyncio.sleep(0.1)
        assert self.server is not None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {
                    name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
                }
                body = await reader.readexactly(int(headers["content-length"]))
                if not await self.answer(headers, body, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    async def answer(self, headers: Mapping[str, str], body: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer one push; False ends the connection."""
        if not self.calm and time.monotonic() < self.quiet.get(writer, 0.0) - 0.05:
            self.impatient += 1
        item = json.loads(body)
        request = {
            "id": headers["idempotency-key"],
            "number": int(headers["keshen-sequence"]),
            "uri": item["uri"],
            "status": item["pubStatus"],
            "version": item["version"],
            "sha256": hashlib.sha256(body).hexdigest(),
            "code": 0,
            "took": False,
        }
        self.requests.append(request)
        bad = not self.calm and self.mood != "good" and self.chance.random() < MISBEHAVES
        if bad:
            return await MOODS[self.mood](self, request, writer)
        self.take(request)
        await self.say(request, writer, 204)
        return True

    def take(self, request: dict[str, Any]) -> None:
        request["took"] = True
        if request["id"] in self.taken:
            return
        self.taken[request["id"]] = request["sha256"]
        held = self.holds.get(request["uri"])
        if held is None or request["number"] > held["number"]:
            self.holds[request["uri"]] = request

    def perhaps(self, request: dict[str, Any]) -> None:
        if self.chance.random() < TAKES_ANYWAY:
            self.take(request)

    async def say(self, request: dict[str, Any], writer: asyncio.StreamWriter, code: int, **headers: str) -> None:
        request["code"] = code
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        length = [] if code == 204 else ["Content-Length: 0"]
        writer.write("\r\n".join([f"HTTP/1.1 {code} Said", *length, *lines, "", ""]).encode())
        await writer.drain()

    async def limits(self, request: dict[str, Any], writer: asyncio.StreamWriter) -> bool:
        asked = self.chance.choice([0, 1, 1, 2])
        when = format_datetime(datetime.now(UTC) + timedelta(seconds=asked + 1), usegmt=True)
        given = self.chance.choice([str(asked), when, "soon"])
        if given == str(asked):
            self.quiet[writer] = time.monotonic() + asked
        await self.say(request, writer, self.chance.choice([408, 425, 429]), Retry_After=given)
        return True

    async def fails(self, request: dict[str, Any], writer: asyncio.StreamWriter) -> bool:
        self.perhaps(request)
        await self.say(request, writer, self.chance.choice([500, 502, 503, 504]))
        return self.chance.random() < 0.5

    async def hangs(self, request: dict[str, Any], writer: asyncio.StreamWriter) -> bool:
        if self.chance.random() >= 0.5:
            self.perhaps(request)
        else:
            # the answer begins, and its body never comes: whoever says 200 has it
            self.take(request)
            request["code"] = 200
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nno")
        until = time.monotonic() + HANG_SECONDS
        while time.monotonic() < until and not self.calm and not writer.is_closing():
            await asyncio.sleep(0.2)
        return False

    async def slow(self, request: dict[str, Any], writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(self.chance.uniform(0.1, 1.0))
        self.take(request)
        await self.say(request, writer, 200)
        return True

    async def garbage(self, request: dict[str, Any], writer: asyncio.StreamWriter) -> bool:
        self.perhaps(request)
        junk = self.chance.choice(
            [b"\x16\x03\x01\x00\xff" * 9, b"HTTP/1.1 OK 200\r\n\r\n", b"HTTP/1.1 200 OK\r\nConte", b""]
        )
        writer.write(junk)
        await writer.drain()
        return False

    async def redirects(self, request: dict[str, Any], writer: asyncio.StreamWriter) -> bool:
        inside = self.chance.choice(["http://169.254.169.254/latest/", "/elsewhere", "file:///etc/passwd"])
        await self.say(request, writer, self.chance.choice([301, 302, 307, 308]), Location=inside)
        return True

    async def refuses(self, request: dict[str, Any], writer: asyncio.StreamWriter) -> bool:
        await self.say(request, writer, self.chance.choice([400, 401, 403, 404, 410, 422]))
        return True

    async def dies(self, request: dict[str, Any], writer: asyncio.StreamWriter) -> bool:
        self.perhaps(request)
        assert self.server is not None
        self.server.close()
        for open_one in tuple(self.writers):
            open_one.transport.abort()

        async def come_back() -> None:
            await asyncio.sleep(self.chance.uniform(0.2, 1.5))
            await self.open()

        task = asyncio.create_task(come_back())
        self.rebirths.add(task)
        task.add_done_callback(self.rebirths.discard)
        return False


MOODS: Mapping[str, Callable[[Client, dict[str, Any], asyncio.StreamWriter], Any]] = {
    "limits": Client.limits,
    "fails": Client.fails,
    "hangs": Client.hangs,
    "slow": Client.slow,
    "garbage": Client.garbage,
    "redirects": Client.redirects,
    "refuses": Client.refuses,
    "dies": Client.dies,
}


async def run(seed: int, number: int) -> None:
    moods = ["good", *MOODS]
    clients = [Client(random.Random(f"{seed}-{i}"), moods[i % len(moods)]) for i in range(number)]
    for client in clients:
        await client.open()
    print(json.dumps([client.port for client in clients]), flush=True)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while command := (await commands.readline()).decode().strip():
        if command == "calm":
            for client in clients:
                client.calm = True
                while client.rebirths:
                    await asyncio.sleep(0.05)
            print("calm", flush=True)
        elif command == "report":
            rows = [
                {"requests": c.requests, "taken": c.taken, "holds": c.holds, "impatient": c.impatient, "mood": c.mood}
                for c in clients
            ]
            print(json.dumps(rows), flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(int(sys.argv[1]), int(sys.argv[2])))
