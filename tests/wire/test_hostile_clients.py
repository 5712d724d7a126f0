"""Clients and names that mean harm: what they answer is an answer, what they resolve to is checked where it is used."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from keshen.house import outgoing
from keshen.wire import pump as pumping
from keshen.wire.channels.base import Answer, Parcel
from keshen.wire.channels.http import READ_BYTES, HttpSender
from keshen.wire.pump import Pump
from keshen.wire.signing import new_secret

LIMIT = 60.0
type Says = Callable[[asyncio.StreamWriter], Awaitable[None]]


def parcel(url: str) -> Parcel:
    return Parcel(
        delivery=1, slug="client", channel="push", url=url, secret=new_secret(), media_type="application/json",
        suffix="json", sequence=1, attempt=1, body=b"{}", urn="urn:x", status="usable",
    )  # fmt: skip


async def served(says: Says, use: Callable[[int], Coroutine[Any, Any, Answer]]) -> Answer:
    """What came of a push to a server on loopback that answers so, whatever it is asked."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await says(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        return await use(server.sockets[0].getsockname()[1])
    finally:
        server.close()


def push(says: Says, seconds: float = LIMIT) -> Answer:
    async def use(port: int) -> Answer:
        sender = HttpSender(seconds)
        try:
            return await asyncio.wait_for(sender.send(parcel(f"http://127.0.0.1:{port}/in")), 2 * LIMIT)
        finally:
            await sender.close()

    return asyncio.run(served(says, use))


def raw(data: bytes) -> Says:
    async def says(writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return says


def endless(start: bytes, more: bytes) -> Says:
    """It goes on until the other side has had enough."""

    async def says(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(more)
            await writer.drain()

    return says


GARBAGE = [
    b"",
    b"\x00" * 5000,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
    b"HTTP/1.1 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: bogus\r\n\r\n",
    b"ICY 200 OK\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.2\r\n",
]


@pytest.mark.parametrize("data", GARBAGE)
def test_garbage_is_no_answer(data: bytes) -> None:
    said = push(raw(data))
    assert said.code == 0 and said.tail


def test_headers_without_end_are_cut() -> None:
    said = push(endless(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 1000 + b"\r\n"))
    assert said.code == 0 and "RemoteProtocolError" in said.tail


def test_a_body_without_end_is_cut_and_its_status_counts() -> None:
    said = push(endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000))
    assert said.code == 200 and len(said.tail) == READ_BYTES


def test_a_packed_body_stays_packed() -> None:
    bomb = gzip.compress(b"\x00" * 50_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    said = push(raw(head + bomb))
    assert said.code == 200 and len(said.tail) <= READ_BYTES


def test_who_never_comes_to_the_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Informational answers without end keep every timeout of a single read from passing."""
    monkeypatch.setattr(pumping, "TOTAL_SECONDS", 1.0)

    async def use(port: int) -> Answer:
        pump = Pump(send_seconds=LIMIT)
        try:
            return await asyncio.wait_for(pump._send(parcel(f"http://127.0.0.1:{port}/in")), 2 * LIMIT)
        finally:
            for sender in pump._senders.values():
                await sender.close()

    said = asyncio.run(served(endless(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 100), use))
    assert said == Answer(0, "no answer within 1 s")


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    said = push(raw(b"HTTP/1.1 307 There\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"))
    assert (said.code, said.location) == (307, "http://169.254.169.254/")


def test_a_client_at_several_addresses_is_reached_at_the_one_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async def use(port: int) -> Answer:
        found = [(2, 1, 6, "", (address, port)) for address in ("127.0.0.9", "127.0.0.1")]  # nobody is at the first
        monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *_args, **_more: found)
        sender = HttpSender(LIMIT)
        try:
            return await sender.send(parcel(f"http://client.example:{port}/in"))
        finally:
            await sender.close()

    assert asyncio.run(served(raw(b"HTTP/1.1 204 Taken\r\n\r\n"), use)).code == 204


@pytest.mark.parametrize("inside", ["127.0.0.1", "::ffff:127.0.0.1", "::1", "169.254.169.254", "10.0.0.1"])
def test_a_name_that_changes_its_mind_leads_nowhere_inside(
    monkeypatch: pytest.MonkeyPatch, settings: Any, inside: str
) -> None:
    """DNS rebinding: public when the address was typed in, inside when it is used: each connection is checked."""
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = False
    asked: list[str] = []

    def resolve(host: str, port: int, **_more: object) -> list[tuple[Any, ...]]:
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else inside
        return [(socket.AF_INET6 if ":" in address else socket.AF_INET, 1, 6, "", (address, port))]

    async def use(port: int) -> Answer:
        monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda host, port, *_a, **more: resolve(host, port, **more))
        outgoing.check_url(f"http://client.example:{port}/in")
        sender = HttpSender(LIMIT)
        try:
            return await sender.send(parcel(f"http://client.example:{port}/in"))
        finally:
            await sender.close()

    reached: list[int] = []

    async def says(writer: asyncio.StreamWriter) -> None:
        reached.append(1)

    said = asyncio.run(served(says, use))
    assert said.code == 0 and "not a public address" in said.tail
    assert asked == ["client.example"] * 2 and not reached, "resolved once for the connection, and not connected"
