"""Clients of the wire that take everything at once: one process, one port, a path for each. A program.

It prints its port, and for each line `N` it reads, waits until N requests came and prints when each came, in seconds of
the machine's monotonic clock, with the client and the item's version: one JSON line.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

came: list[tuple[float, str, str]] = []


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            await reader.readexactly(int(headers["content-length"]))
            came.append((time.monotonic(), first.split()[1], headers["keshen-item"]))
            writer.write(b"HTTP/1.1 204 Taken\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        while len(came) < int(line):
            await asyncio.sleep(0.01)
        print(json.dumps(came), flush=True)
        came.clear()


asyncio.run(main())
