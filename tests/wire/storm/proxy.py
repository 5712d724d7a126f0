"""A network that can be cut: proxies between the machines and what they talk to, in a thread with a loop of its own.

Bytes sent into a cut network are held, as TCP does, and come late when it heals; or their connections are reset then.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.waiting import LIMIT


@dataclass
class Line:
    """What one machine has between it and another place."""

    up: asyncio.Event = field(default_factory=asyncio.Event)
    writers: set[asyncio.StreamWriter] = field(default_factory=set)


class Network:
    """Lines by name; each has any number of ports."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._lines: dict[str, Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()

    def join(self, line: str, host: str, port: int, target: str | tuple[str, int]) -> int:
        """Listen at `host` and `port` (0: any) for what goes to `target`, a socket's path or an address."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._carry(self._lines[line], reader, writer, target)

        async def start() -> int:
            self._lines.setdefault(line, Line()).up.set()
            server = await asyncio.start_server(serve, host, port)
            return int(server.sockets[0].getsockname()[1])

        return asyncio.run_coroutine_threadsafe(start(), self._loop).result(LIMIT)

    def cut(self, line: str) -> None:
        self._loop.call_soon_threadsafe(self._lines[line].up.clear)

    def heal(self, line: str, *, reset: bool) -> None:
        def mend() -> None:
            found = self._lines[line]
            if reset and not found.up.is_set():
                for writer in tuple(found.writers):
                    writer.transport.abort()
            found.up.set()

        self._loop.call_soon_threadsafe(mend)

    async def _carry(
        self,
        line: Line,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        target: str | tuple[str, int],
    ) -> None:
        line.writers.add(writer)
        far_writer: asyncio.StreamWriter | None = None
        try:
            await line.up.wait()
            if isinstance(target, str):
                far_reader, far_writer = await asyncio.open_unix_connection(target)
            else:
                far_reader, far_writer = await asyncio.open_connection(*target)
            line.writers.add(far_writer)
            await asyncio.gather(_pass(line, reader, far_writer), _pass(line, far_reader, writer))
        except OSError:
            writer.transport.abort()
        finally:
            for end in (writer, far_writer):
                if end is not None:
                    line.writers.discard(end)
                    end.close()


async def _pass(line: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            await line.up.wait()
            writer.write(data)
            await writer.drain()
    await line.up.wait()
    writer.close()
