"""A machine of the house: it forks a pump or a worker for each line `pump` or `worker` it reads and prints its process
id. A program.

    DATABASE_URL=… python hosts.py LEASE_SECONDS [NAMES]

`NAMES` is the machine's own table of names, as JSON: under it the clients have another address on each machine.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from typing import Any

import django


def know(names: dict[str, str]) -> None:
    """Resolve these names as the table says."""
    ask = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        return ask(names.get(host, host), *args, **kwargs)

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]


def pump(lease_seconds: float) -> None:
    from keshen.wire.pump import Pump

    async def serve() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await Pump(lease_seconds=lease_seconds, send_seconds=2.0).run(stop)

    asyncio.run(serve())


def worker(_: float) -> None:
    from keshen.house.worker import work

    work(["fast"], 2)


RUNNING = {"pump": pump, "worker": worker}


def main() -> None:
    lease_seconds = float(sys.argv[1])
    know(json.loads(sys.argv[2]) if len(sys.argv) > 2 else {})
    django.setup()
    unforeseen = logging.FileHandler(os.environ["KESHEN_STORM_LOG"])
    unforeseen.setLevel(logging.ERROR)
    logging.getLogger("keshen.wire").addHandler(unforeseen)
    import keshen.wire.pump  # noqa: F401  loaded once, before the forks

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    made = []
    for line in sys.stdin:
        what = line.strip()
        if what not in RUNNING:
            continue
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            code = 1
            try:
                RUNNING[what](lease_seconds)
                code = 0
            finally:
                sys.stderr.flush()
                os._exit(code)
        made.append(child)
        print(child, flush=True)
    for child in made:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
