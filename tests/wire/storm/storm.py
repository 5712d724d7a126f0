"""The kill test: bad clients, pumps that die, stories that are published, corrected twice and killed; then the books.

What happens is a function of the seed: who has which mood, what is done when, which pump is killed. Only what the
operating system makes of it is not.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from django.db.models import Q
from django.utils import timezone

from keshen.house import jobs
from keshen.house.models import Job, User
from keshen.newsroom.models import Text
from keshen.wire import actions
from keshen.wire.models import Delivery, Subscriber
from tests.waiting import LIMIT, until
from tests.wire.house import House
from tests.wire.storm.books import Doings, check

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
STUCK_SECONDS = 180.0
CALM_SECONDS = 1.0
"""After the storm everybody is resumed once, as a person would."""
WAKE_SECONDS = 15.0
"""After so long without anything happening everybody is resumed again: a back-off may be longer than a test waits."""
DONE = (Delivery.State.DELIVERED, Delivery.State.CANCELLED)


@dataclass(frozen=True)
class Weather:
    """How bad it gets. `seconds` is how long stories move and processes die; without `workers` the desk does the
    wire's jobs itself."""

    seed: int
    clients: int
    stories: int
    seconds: float
    pumps: int = 3
    workers: int = 0


@dataclass
class Program:
    """A helper process spoken to by lines. `log` is what it writes besides."""

    process: subprocess.Popen[str]
    log: Path

    def ask(self, command: str) -> str:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def troubles(self) -> str:
        """What was logged as an error: a retry hides a defect from the clients, and it is a defect all the same."""
        return self.log.read_text() if self.log.exists() else ""


@contextmanager
def program(name: str, *arguments: str, **environment: str) -> Iterator[Program]:
    log = Path(tempfile.mkstemp(prefix="keshen-storm-")[1])
    process = subprocess.Popen(
        [sys.executable, str(HERE / name), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "KESHEN_ALLOW_PRIVATE_TARGETS": "1",
            "KESHEN_STORM_LOG": str(log),
            **environment,
        },
    )
    assert process.stdin
    try:
        yield Program(process, log)
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout
        process.stdout.close()
        log.unlink()


def database_address(host: str = "", port: int = 0, *, database: str = "") -> str:
    """The address of the database of these tests (or another on its server), directly or by way of a proxy."""
    given = connections["default"].get_connection_params()
    place = f"host={host} port={port}" if host else f"host={given.get('host', '')} port={given.get('port') or 5432}"
    secret = f" password={given['password']}" if given.get("password") else ""
    return f"dbname={database or given['dbname']} user={given['user']} {place}{secret}"


@dataclass
class Crew:
    """The pumps and workers of one or more machines, killed and started anew at random by a thread of their own.

    `trouble` is what else goes wrong, between one death and the next.
    """

    hosts: Sequence[Program]
    chance: random.Random
    wanted: Sequence[str]
    trouble: Callable[[random.Random], None] | None = None
    alive: list[tuple[str, int]] = field(default_factory=list)
    killed: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def spawn(self, kind: str) -> None:
        self.alive.append((kind, int(self.chance.choice(self.hosts).ask(kind))))

    def run(self) -> None:
        while not self.stop.wait(self.chance.uniform(0.2, 1.2)):
            kind, victim = self.alive.pop(self.chance.randrange(len(self.alive)))
            with suppress(ProcessLookupError):
                os.kill(victim, 9)
            self.killed += 1
            self.spawn(kind)
            if self.trouble is not None:
                self.trouble(self.chance)

    @contextmanager
    def dying(self) -> Iterator[None]:
        for kind in self.wanted:
            self.spawn(kind)
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield
        finally:
            self.stop.set()
            thread.join()

    def end(self) -> None:
        """Ask those alive to end."""
        for kind, pid in self.alive:
            os.kill(pid, 15 if kind == "pump" else 9)
        for kind, pid in self.alive:
            until(lambda pid=pid: not Path(f"/proc/{pid}").exists(), f"a {kind} stopped when told")


def insist[T](verb: Callable[[], T]) -> T:
    """Do it; when the database is away, again, as a job would be."""
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            return verb()
        except (OperationalError, InterfaceError):
            connections.close_all()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@dataclass
class Desk:
    """What the newsroom does: every story is published and corrected twice; most are killed."""

    house: House
    chance: random.Random
    does_jobs: bool = True
    texts: dict[int, Text] = field(default_factory=dict)
    killed: dict[int, datetime] = field(default_factory=dict)
    kills_lined_up: dict[int, datetime] = field(default_factory=dict)

    def plan(self, weather: Weather) -> list[tuple[float, Callable[[], None]]]:
        """Moments and deeds, in order."""
        deeds: list[tuple[float, Callable[[], None]]] = []
        for number in range(weather.stories):
            spared = number % 4 == 3
            at = self.chance.uniform(0, weather.seconds / 2)
            steps = [
                lambda n=number: self.publish(n),
                lambda n=number: self.correct(n, 1),
                lambda n=number: self.correct(n, 2),
            ]
            if not spared:
                steps.append(lambda n=number: self.kill(n))
            for step in steps:
                deeds.append((at, step))
                at += self.chance.choice([0.0, 0.1, 0.5, weather.seconds / 6])
        return sorted(deeds, key=lambda deed: deed[0])

    def publish(self, number: int) -> None:
        text = insist(lambda: self.house.write(f"Тақырып {number}"))
        insist(lambda: self.published(text))
        self.texts[number] = text
        self.work()

    def published(self, text: Text) -> None:
        from keshen.newsroom import actions as newsroom

        text.refresh_from_db()
        if text.published is None:
            newsroom.publish(self.house.editor, text)

    def correct(self, number: int, time_: int) -> None:
        from dataclasses import replace

        from keshen.newsroom import actions as newsroom

        text = self.texts[number]

        def change() -> None:
            text.refresh_from_db()
            headline = f"Тақырып {number}, түзету {time_}"
            if text.working.headline != headline:
                newsroom.save_draft(
                    self.house.editor, text, replace(text.working, headline=headline), text.draft_revision
                )
            if text.published is None or text.published.headline != headline:
                newsroom.correct(self.house.editor, text, "Сан түзетілді")

        insist(change)
        self.work()

    def kill(self, number: int) -> None:
        from keshen.newsroom import actions as newsroom

        story = self.texts[number].story

        def once() -> None:
            story.refresh_from_db()
            if not story.killed_at:
                newsroom.kill(self.house.editor, story, "Қате мәлімет")

        insist(once)
        self.killed[number] = timezone.now()
        self.work()
        if insist(lambda: Job.objects.filter(key=f"wire.kill:{story.pk}", state=Job.State.DONE).exists()):
            self.kills_lined_up[number] = timezone.now()

    def work(self) -> None:
        if self.does_jobs:
            insist(work)


def work() -> None:
    """Do the wire's jobs that wait, as a worker would, the most urgent first."""
    ours = Job.objects.filter(name__in=["wire.put_out", "wire.kill"])
    for job in ours.filter(state="failed"):
        jobs.retry(User.objects.system(), job)
    waiting = ours.filter(state__in=["waiting", "running"])
    for pk in waiting.order_by("-priority", "id").values_list("pk", flat=True):
        jobs.perform(pk)


def resume_all(chief: Any, *, only_suspended: bool) -> None:
    """What the operator does: resume whoever stopped, and send again what was refused. Who asked for time has it."""
    found = Subscriber.objects.filter(channel="push")
    waiting = Q(failures__gt=0) | Q(deliveries__next_at__isnull=False)
    stopped = Q(state="suspended") if only_suspended else Q(state="suspended") | waiting & Q(paused_by_client=False)
    for subscriber in found.filter(stopped).distinct():
        actions.resume(chief, subscriber)
    for delivery in Delivery.objects.filter(state="suspended").defer("payload"):
        with suppress(actions.Mistaken):
            actions.retry(chief, delivery)


def unsettled() -> list[Delivery]:
    return list(Delivery.objects.exclude(state__in=DONE).select_related("subscriber").defer("payload"))


def undone() -> list[Job]:
    return list(Job.objects.filter(name__in=["wire.put_out", "wire.kill"]).exclude(state="done"))


def rage(
    house: House,
    weather: Weather,
    hosts: Sequence[Program],
    clients: Program,
    urls: Sequence[str],
    *,
    trouble: Callable[[random.Random], None] | None = None,
) -> dict[str, Any]:
    """Let it happen, then calm down, wait until everything is done, and check the books. Returns what was seen."""
    chance = random.Random(weather.seed)
    prepared = time.monotonic()
    for number, url in enumerate(urls):
        house.client(f"Client {number}", url)
    desk = Desk(house, random.Random(f"{weather.seed}-desk"), does_jobs=not weather.workers)
    deeds = desk.plan(weather)
    crew = Crew(hosts, chance, ["pump"] * weather.pumps + ["worker"] * weather.workers, trouble)
    with crew.dying():
        begun = time.monotonic()
        looked = begun
        while deeds or time.monotonic() < begun + weather.seconds:
            while deeds and deeds[0][0] <= time.monotonic() - begun:
                deeds.pop(0)[1]()
            if time.monotonic() > looked + 0.5:
                insist(lambda: resume_all(house.chief, only_suspended=True))
                looked = time.monotonic()
            time.sleep(0.02)
    assert clients.ask("calm") == "calm"
    calm = moved = time.monotonic()
    woken = False
    left, wake_at = -1, calm + CALM_SECONDS
    # the work first: what it lines up as it ends is there when the queues are looked at
    while remaining := insist(undone) or insist(unsettled):
        if len(remaining) != left:
            left, moved = len(remaining), time.monotonic()
            if woken:
                wake_at = moved + WAKE_SECONDS
        wakes = time.monotonic() >= wake_at
        insist(lambda wakes=wakes: resume_all(house.chief, only_suspended=not wakes))
        desk.work()
        if wakes:
            woken, wake_at = True, time.monotonic() + WAKE_SECONDS
        assert time.monotonic() < moved + STUCK_SECONDS, "\n".join(map(str_of, remaining[:10]))
        time.sleep(0.3)
    seconds = time.monotonic() - calm
    crew.end()
    settled = time.monotonic()
    report = json.loads(clients.ask("report"))
    doings = Doings(desk.texts, desk.killed, desk.kills_lined_up)
    check(doings, weather.clients, report, "".join(host.troubles() for host in hosts))
    return {
        "requests": sum(len(row["requests"]) for row in report),
        "killed": crew.killed,
        "prepared in": round(begun - prepared, 1),
        "settled in": round(seconds, 1),
        "checked in": round(time.monotonic() - settled, 1),
    }


def str_of(row: Delivery | Job) -> str:
    if isinstance(row, Job):
        return f"{row.key} {row.state} {row.reason}"
    waits = row.subscriber.paused_until
    return (
        f"{row} {row.state} {row.attempts} {row.next_at} {row.tail!r} paused {waits} lease {row.subscriber.lease_until}"
    )
