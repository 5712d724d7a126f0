"""How long from pressing “publish” to the story standing at its addresses: pages, open feed, push to a client.

Stories come in a steady stream. A web process, a worker, a pump and a client run as they do in the house, on a
database of their own; pages and feed are fetched over HTTP, through the page cache, every 40 ms until they are there.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bench._air import TICKS_A_SECOND, fetch, free_port, per_cpu_second, running, tell, used
from keshen.house import postgres

STORIES = int(os.environ.get("KESHEN_BENCH_STORIES") or 200)
EVERY_SECONDS = 0.5
LOOK_SECONDS = 0.04
PATIENCE_SECONDS = 30.0
STARTING_SECONDS = 90.0
EDITIONS = (("kk", "Cyrl", ""), ("kk-Latn", "Latn", "kk"), ("kk-Arab", "Arab", "kk"))
PARAGRAPH = "Ғалымдар ақбөкендердің көші-қон жолын картаға түсірді. " * 5
WORKER = "import django; django.setup(); from keshen.house.worker import work; work(['fast'], 4)"
PUMP = "import django; django.setup(); from keshen.wire.pump import run; run()"

pushed: dict[str, float] = {}


class Client(BaseHTTPRequestHandler):
    """A client of the wire that takes everything at once and notes when it came."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        item = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        pushed.setdefault(item["headlines"][0]["value"], time.monotonic())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def furnish(push_url: str) -> Any:
    from keshen.house.models import Edition, Organisation, Service, User
    from keshen.wire import actions

    house = Organisation.objects.create(slug="bench", kind="house", name={"en": "Bench"})
    made: dict[str, Edition] = {}
    for position, (tag, script, source) in enumerate(EDITIONS):
        made[tag] = Edition.objects.create(
            tag=tag, language="kk", script=script, direction="rtl" if script == "Arab" else "ltr",
            name={"kk": tag}, derived_from=made.get(source), position=position, is_default=not source,
        )  # fmt: skip
    for kind in ("wire", "web"):
        Service.objects.create(
            organisation=house, slug="kazinform", kind=kind, accent="#0a6ebd", name={"kk": "Kazinform"},
            languages=["kk"],
        )  # fmt: skip
    chief = User.objects.create(username="chief", organisation=house, roles=["chief", "system"], is_system=True)
    product = actions.add_product(chief, "all", {"en": "All"}, is_open=True)
    actions.add_subscriber(chief, "Client", product, "ninjs", push_url)
    return chief


looking = asyncio.Semaphore(4)


async def get(port: int, path: str) -> tuple[int, str, str]:
    """Status, place to go on to, body. Few look at once, so that the looking is not the load."""
    async with looking:
        return await _get(port, path)


async def _get(port: int, path: str) -> tuple[int, str, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    status, *lines = head.decode("latin-1").split("\r\n")
    onward = next((line[len("location: ") :] for line in lines if line.lower().startswith("location: ")), "")
    return int(status.split()[1]), onward, body.decode("utf-8", "replace")


async def found(port: int, path: str, words: str, begun: float) -> float:
    """Seconds from `begun` until `words` stand at `path`."""
    while time.monotonic() < begun + PATIENCE_SECONDS:
        status, onward, body = await get(port, path)
        if status in (301, 302):
            path = onward
            continue
        if status == 200 and words in body:
            return time.monotonic() - begun
        await asyncio.sleep(LOOK_SECONDS)
    raise SystemExit(f"{words} was not at {path} within {PATIENCE_SECONDS:.0f} s")


async def stream(port: int, chief: Any) -> tuple[dict[str, list[float]], str]:
    """Publish all stories at their pace; what each way took, and the last page's address."""
    from keshen.newsroom import actions as newsroom
    from keshen.newsroom import body as bodies
    from keshen.newsroom.content import Content
    from keshen.newsroom.forms import form

    def prepare(number: int) -> Any:
        body = bodies.from_paragraphs([PARAGRAPH] * 6)
        return newsroom.create_story(
            chief, language="kk", content=Content(headline=f"Ақбөкендер көшті, {number}", body=body)
        )

    texts = [await asyncio.to_thread(prepare, number) for number in range(STORIES)]
    month = f"{texts[0].story.created_at:%Y/%m}"
    # a worker and a pump that are still starting are no part of what a story takes
    first = await asyncio.to_thread(prepare, -1)
    await asyncio.to_thread(newsroom.publish, chief, first)
    await found(port, f"/kk/{month}/x-{first.story_id}", first.working.headline, time.monotonic() + STARTING_SECONDS)
    end = time.monotonic() + STARTING_SECONDS
    while first.working.headline not in pushed and time.monotonic() < end:
        await asyncio.sleep(0.1)
    watched: dict[str, list[asyncio.Task[float]]] = {tag: [] for tag, _, _ in EDITIONS}
    watched |= {"feed": []}
    begun: dict[str, float] = {}
    calls: list[float] = []
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    start = time.monotonic()
    for number, text in enumerate(texts):
        await asyncio.sleep(max(0.0, start + number * EVERY_SECONDS - time.monotonic()))
        headline = text.working.headline
        begun[headline] = now = time.monotonic()
        version = await asyncio.to_thread(newsroom.publish, chief, text)
        calls.append(time.monotonic() - now)
        for tag, _, _ in EDITIONS:
            words = (await asyncio.to_thread(form, version, tag)).headline
            path = f"/{tag}/{month}/x-{text.story_id}"
            watched[tag].append(asyncio.create_task(found(port, path, words, now)))
        watched["feed"].append(asyncio.create_task(found(port, f"/wire/all.json?story={text.story_id}", headline, now)))
    took = {way: await asyncio.gather(*tasks) for way, tasks in watched.items()}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(begun.keys() & pushed.keys()) < STORIES and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    missing = begun.keys() - pushed.keys()
    if missing:
        raise SystemExit(f"{len(missing)} of {STORIES} stories did not reach the client")
    took["push"] = [pushed[headline] - at for headline, at in begun.items()]
    took["call"] = calls
    _, address, _ = await get(port, f"/kk/{month}/x-{texts[-1].story_id}")
    return took, address


def tell_of_jobs() -> None:
    """What the jobs say about a story that did not come."""
    from django.db.models import Count

    from keshen.house.models import Job

    for row in Job.objects.values("name", "state", "reason").annotate(jobs=Count("id")).order_by("name"):
        print(f"{row['jobs']} {row['name']}: {row['state']} {row['reason']}".rstrip())


def report(name: str, took: list[float]) -> None:
    cuts = statistics.quantiles(took, n=100)
    tell(f"{name}, half of {STORIES} stories", cuts[49], "s")
    tell(f"{name}, 99 of 100", cuts[98], "s", aim="< 1")


def report_cache(port: int, pid: int, address: str) -> None:
    """A page from the cache against the same page rendered, each by processor second of the web process."""
    from keshen.site import pulse

    fetch(port, address)
    kept = per_cpu_second(port, pid, address, connections=4, depth=1)
    before, rendered = used(pid), 100
    for _ in range(rendered):
        pulse.beat()
        fetch(port, address)
    fresh = rendered / max(used(pid) - before, 1 / TICKS_A_SECOND)
    tell(
        "a kept page by processor second", kept, "1/s", against="the page rendered each time",
        reference=round(fresh, 1), ratio=round(kept / fresh, 1), aim=">= 20",
    )  # fmt: skip


@contextmanager
def helper(program: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", program], stdout=sys.stderr)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


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
    client = ThreadingHTTPServer(("127.0.0.1", 0), Client)
    threading.Thread(target=client.serve_forever, daemon=True).start()
    try:
        with postgres.open_for(home) as database, ExitStack() as running_now:
            os.environ["DATABASE_URL"] = database
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            chief = furnish(f"http://127.0.0.1:{client.server_port}/in")
            port = free_port()
            web = [sys.executable, "-m", "granian", "--interface", "asgi", "keshen.config.asgi:application"]
            process = running_now.enter_context(running([*web, "--port", str(port), "--log-level", "error"], port))
            for program in (WORKER, PUMP):
                running_now.enter_context(helper(program))
            print(f"publishing {STORIES} stories, one every {EVERY_SECONDS} s")
            try:
                took, address = asyncio.run(stream(port, chief))
            except SystemExit:
                tell_of_jobs()
                raise
            for tag, _, _ in EDITIONS:
                report(f"publish to the page in {tag}", took[tag])
            report("publish to the open feed", took["feed"])
            report("publish to a client by push", took["push"])
            tell("the call itself, half of them", statistics.median(took["call"]), "s")
            report_cache(port, process.pid, address)
    finally:
        client.shutdown()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
