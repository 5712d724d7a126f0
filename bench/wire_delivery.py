"""What delivering costs: a flash to all clients, from the press of the button; and a long queue drained.

A worker, a pump and clients that take everything at once run as processes of their own, on a database of their own.
`KESHEN_BENCH_WIRE_CLIENTS` (200), `_STORIES` (500) and `_FLASHES` (20) make it shorter.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench._air import ROOT, tell, used
from bench.publish_latency import PUMP, WORKER, furnish, helper
from keshen.house import postgres

CLIENTS = int(os.environ.get("KESHEN_BENCH_WIRE_CLIENTS") or 200)
STORIES = int(os.environ.get("KESHEN_BENCH_WIRE_STORIES") or 500)
FLASHES = int(os.environ.get("KESHEN_BENCH_WIRE_FLASHES") or 20)
PARAGRAPH = "Ғалымдар ақбөкендердің көші-қон жолын картаға түсірді. " * 5
WARM_SECONDS = 4.0


class Sink:
    """The clients."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "bench" / "_sink.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdin and self.process.stdout
        self._orders, self._answers = self.process.stdin, self.process.stdout
        self.port = int(self._answers.readline())

    def take(self, number: int) -> list[tuple[float, str, str]]:
        """Wait until so many requests came; when, to which client, which item."""
        self._orders.write(f"{number}\n")
        self._orders.flush()
        found: list[tuple[float, str, str]] = json.loads(self._answers.readline())
        return found


def story(chief: Any, number: int) -> Any:
    """A text that is ready to go out."""
    from keshen.newsroom import actions as newsroom
    from keshen.newsroom import body as bodies
    from keshen.newsroom.content import Content

    content = Content(headline=f"Ақбөкендер көшті, {number}", body=bodies.from_paragraphs([PARAGRAPH] * 4), urgency=1)
    return newsroom.create_story(chief, language="kk", content=content)


def flash(chief: Any, sink: Sink) -> None:
    """From pressing the button to standing at each client: every client of every flash is one measurement."""
    from keshen.newsroom import actions as newsroom

    texts = [story(chief, number) for number in range(FLASHES + 1)]
    took: list[float] = []
    with helper(WORKER), helper(PUMP):
        time.sleep(WARM_SECONDS)
        for number, text in enumerate(texts):
            pressed = time.monotonic()
            newsroom.publish(chief, text)
            came = sink.take(CLIENTS)
            if number:  # the first opens all connections
                took += [at - pressed for at, *_ in came]
            time.sleep(0.2)
    cuts = statistics.quantiles(took, n=100)
    tell(f"flash to {CLIENTS} clients by push, half of them", cuts[49], "s")
    tell(f"flash to {CLIENTS} clients by push, 99 of 100", cuts[98], "s", aim="< 1")
    tell(f"flash to {CLIENTS} clients by push, the last", max(took), "s")


@contextmanager
def pump() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", PUMP], stdout=sys.stderr)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def line_up(chief: Any, first: int, stories: int) -> float:
    """Publish and put out so many stories without a pump; processor seconds of ours a delivery."""
    from keshen.newsroom import actions as newsroom
    from keshen.wire import actions

    texts = [story(chief, number) for number in range(first, first + stories)]
    versions = [newsroom.publish(chief, text) for text in texts]
    before = time.process_time()
    for version in versions:
        actions.put_out(chief, version.pk)
    return (time.process_time() - before) / (stories * CLIENTS)


def drain(sink: Sink, deliveries: int) -> tuple[float, float]:
    """Deliveries a second, and the pump's processor seconds a delivery, from its first look to the last receipt."""
    from keshen.wire.models import Delivery

    with pump() as pid:
        first = len(sink.take(1))
        start, before = time.monotonic(), used(pid)
        sink.take(deliveries - first)
        while Delivery.objects.filter(state__in=["queued", "sending"]).exists():
            time.sleep(0.05)
        counted = deliveries - first
        return counted / (time.monotonic() - start), (used(pid) - before) / counted


def long_queue(chief: Any, sink: Sink) -> None:
    few = max(1, STORIES // 5)
    putting = line_up(chief, 10_000, few)
    _, cost_of_few = drain(sink, few * CLIENTS)
    putting = line_up(chief, 20_000, STORIES)
    rate, cost = drain(sink, STORIES * CLIENTS)
    tell("putting out, processor time a delivery", putting * 1000, "ms")
    tell(f"{STORIES * CLIENTS} deliveries drained by one pump", rate, "1/s")
    tell("the pump's processor time a delivery", cost * 1000, "ms")
    tell(
        f"a delivery of {STORIES * CLIENTS}", cost * 1000, "ms",
        against=f"one of {few * CLIENTS}: what it costs does not grow with the queue",
        reference=round(cost_of_few * 1000, 3), ratio=round(cost / cost_of_few, 2), aim="< 1.25",
    )  # fmt: skip


def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="kb-"))
    home.chmod(0o755)
    os.environ.update(
        KESHEN_HOME=str(home),
        DJANGO_SETTINGS_MODULE="keshen.config.settings",
        KESHEN_STORE=str(home / "media"),
        KESHEN_ALLOW_PRIVATE_TARGETS="1",
        KESHEN_LOG_LEVEL="ERROR",
    )
    sink = Sink()
    try:
        with postgres.open_for(home) as database:
            os.environ["DATABASE_URL"] = database
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            from keshen.wire import actions
            from keshen.wire.models import Product

            chief = furnish(f"http://127.0.0.1:{sink.port}/0")
            product = Product.objects.get()
            for number in range(1, CLIENTS):
                url = f"http://127.0.0.1:{sink.port}/{number}"
                actions.add_subscriber(chief, f"Client {number}", product, "ninjs", url)
            print(f"{FLASHES} flashes to {CLIENTS} clients, then {STORIES} stories")
            flash(chief, sink)
            long_queue(chief, sink)
    finally:
        sink.process.terminate()
        sink.process.wait()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
