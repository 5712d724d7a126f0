"""Sending a channel's transport stream out: datagrams over UDP, or over SRT, each at the moment its clock says."""

from __future__ import annotations

import asyncio
import logging
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from keshen.air import clock
from keshen.air.ways_out.transport_stream.packets import PACKET
from keshen.media.ffmpeg import binary
from keshen.media.houseformat import TICK_MS

DATAGRAM: Final = 7 * PACKET
"""Seven packets, as receivers of both expect: 1,316 bytes, under the smallest usual MTU."""
AGAIN_SECONDS: Final = (1, 2, 5, 10)
"""How long to wait before connecting again, the last of them ever after."""
BEHIND_TICKS: Final = 10

_OPTIONS: Final = {
    "srt": {"mode", "latency", "passphrase", "pbkeylen", "streamid", "connect_timeout"},
    "udp": {"ttl"},
}

log = logging.getLogger(__name__)


class AddressError(ValueError):
    """The address cannot be sent to; the message says what it should be."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to send: `udp://host:port?ttl=` or `srt://host:port?mode=&latency=&passphrase=&streamid=`."""

    scheme: str
    host: str
    port: int
    options: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> str:
        """The address without what is secret."""
        return f"{self.scheme}://{self.host}:{self.port}"


def parse(written: str) -> Address:
    """Read an address. Raises AddressError."""
    parts = urlsplit(written)
    if parts.scheme not in _OPTIONS:
        raise AddressError(f"{written!r} begins with neither srt:// nor udp://")
    try:
        port = parts.port
    except ValueError as error:
        raise AddressError(f"{written!r} has no usable port") from error
    if not port or not (parts.hostname or parts.scheme == "srt"):
        raise AddressError(f"{written!r} names no host and port, as in {parts.scheme}://192.0.2.7:9000")
    given = parse_qsl(parts.query, keep_blank_values=True)
    known = _OPTIONS[parts.scheme]
    if strange := sorted({name for name, _ in given} - known):
        raise AddressError(f"{', '.join(strange)}: {parts.scheme} knows {', '.join(sorted(known))}")
    host = parts.hostname or ""
    return Address(parts.scheme, f"[{host}]" if ":" in host else host, port, tuple(given))


class Line(Protocol):
    """An open way out. `write` raises OSError when it is broken."""

    async def write(self, data: bytes) -> None: ...

    async def close(self) -> None: ...


class Datagrams(asyncio.DatagramProtocol):
    """UDP: nobody may be listening, and that is no error."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, address: Address) -> Datagrams:
        import socket

        made = cls()
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: made, remote_addr=(address.host.strip("[]"), address.port))
        if made._transport is not None and (hops := dict(address.options).get("ttl")):
            held = made._transport.get_extra_info("socket")
            held.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, int(hops))
        return made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport)
        self._transport = transport

    async def write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("the socket is closed")
        self._transport.sendto(data)

    async def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class Srt:
    """SRT, spoken by ffmpeg, which passes the bytes on as they are (`-f data`): no clock or counter is touched."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def open(cls, address: Address) -> Srt:
        query = urlencode([*address.options, ("pkt_size", str(DATAGRAM))])
        command = [
            binary(), "-hide_banner", "-nostats", "-loglevel", "error", "-f", "data", "-i", "pipe:0", "-map", "0",
            "-c", "copy", "-flush_packets", "0", "-f", "data", f"{address.shown}?{query}",
        ]  # fmt: skip
        return cls(await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=asyncio.subprocess.DEVNULL))

    async def write(self, data: bytes) -> None:
        if self._process.returncode is not None or self._process.stdin is None:
            raise ConnectionError(f"the connection ended ({self._process.returncode})")
        self._process.stdin.write(data)
        await self._process.stdin.drain()

    async def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        with suppress(ProcessLookupError):
            self._process.terminate()
        await self._process.wait()


_OPENERS: Final[dict[str, Callable[[Address], Awaitable[Line]]]] = {"udp": Datagrams.open, "srt": Srt.open}


async def send(address: Address, packets: Callable[[int], Awaitable[bytes]]) -> None:
    """Send tick after tick of `packets(tick)`, for ever: a line that breaks is opened again, at the present."""
    tries = 0
    while True:
        line: Line | None = None
        try:
            line = await _OPENERS[address.scheme](address)
            log.info("sending to %s", address.shown)
            began = clock.tick()
            await _pour(line, packets)
        except OSError as error:
            tries = 0 if line is not None and clock.tick() - began > BEHIND_TICKS else tries
            wait = AGAIN_SECONDS[min(tries, len(AGAIN_SECONDS) - 1)]
            log.warning("%s: %s; again in %d s", address.shown, error, wait)
            tries += 1
            await asyncio.sleep(wait)
        finally:
            if line is not None:
                await line.close()


async def _pour(line: Line, packets: Callable[[int], Awaitable[bytes]]) -> None:
    await packets(clock.tick())  # the first takes longest: what it needs is read, and then the present is sent
    tick = clock.tick()
    while True:
        if clock.tick() - tick > BEHIND_TICKS:
            log.warning("%d ticks were not sent: this machine was too slow", clock.tick() - tick)
            tick = clock.tick()
        data = await packets(tick)
        count = -(-len(data) // DATAGRAM)
        for number in range(count):
            due = tick * TICK_MS + number * TICK_MS // count
            if (wait := due - clock.milliseconds()) > 0:
                await asyncio.sleep(wait / 1000)
            await line.write(data[number * DATAGRAM : (number + 1) * DATAGRAM])
        if not data:
            await asyncio.sleep(max(0, (tick + 1) * TICK_MS - clock.milliseconds()) / 1000)
        tick += 1
