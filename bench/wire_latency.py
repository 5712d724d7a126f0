"""How long a story takes from being published to being on the wire: pushed to a client, and found in the open feed.

A worker, a pump and a client run as they do in the house, on a database of their own.
The feed is asked in this process.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from keshen.house import postgres

STORIES = 200
PATIENCE_SECONDS = 20.0
WORKER = "import django; django.setup(); from keshen.house.worker import work; work(['fast'], 4)"
PUMP = "import django; django.setup(); from keshen.wire.pump import run; run()"

arrived: dict[str, float] = {}


class Client(BaseHTTPRequestHandler):
    """A client of the wire that takes everything at once and notes when it came."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        item = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        arrived.setdefault(item["headlines"][0]["value"], time.monotonic())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def tell(name: str, value: float, aim: str = "") -> None:
    print(
        json.dumps({"name": name, "value": round(value, 4), "unit": "s", **({"aim": aim} if aim else {})}), flush=True
    )


def report(way: str, took: list[float]) -> None:
    cuts = statistics.quantiles(took, n=100)
    tell(f"{way}, half of {STORIES} stories", cuts[49])
    tell(f"{way}, 99 of 100", cuts[98], aim="< 1")


def furnish(push_url: str) -> Any:
    from keshen.house.models import Edition, Organisation, Service, User
    from keshen.wire import actions

    house = Organisation.objects.create(slug="bench", kind="house", name={"en": "Bench"})
    Edition.objects.create(tag="kk", language="kk", script="Cyrl", is_default=True)
    Service.objects.create(
        organisation=house, slug="kazinform", kind="wire", accent="#0a6ebd", name={"kk": "Kazinform"}, languages=["kk"]
    )
    chief = User.objects.create(username="chief", organisation=house, roles=["chief", "system"], is_system=True)
    product = actions.add_product(chief, "all", {"en": "All"}, is_open=True)
    actions.add_subscriber(chief, "Client", product, "ninjs", push_url)
    return chief


def measure(push_url: str) -> None:
    from django.test import Client as Reader

    from keshen.newsroom import actions as newsroom
    from keshen.newsroom import body as bodies
    from keshen.newsroom.content import Content

    chief = furnish(push_url)
    reader = Reader(SERVER_NAME="localhost")
    begun: dict[str, float] = {}
    found: list[float] = []
    for number in range(STORIES):
        headline = f"Ақбөкендер көшті, {number}"
        body = bodies.from_paragraphs(["Ғалымдар ақбөкендердің көші-қон жолын картаға түсірді. " * 5] * 6)
        text = newsroom.create_story(chief, language="kk", content=Content(headline=headline, body=body))
        version = newsroom.publish(chief, text)
        begun[headline] = time.monotonic()
        while time.monotonic() < begun[headline] + PATIENCE_SECONDS:
            if version.urn in reader.get(f"/wire/all.json?story={text.story_id}").content.decode():
                found.append(time.monotonic() - begun[headline])
                break
            time.sleep(0.02)
        else:
            raise SystemExit(f"story {number} was not in the feed within {PATIENCE_SECONDS:.0f} s")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(arrived) < STORIES and time.monotonic() < deadline:
        time.sleep(0.01)
    if len(arrived) < STORIES:
        raise SystemExit(f"only {len(arrived)} of {STORIES} stories reached the client")
    report("publish to the open feed", found)
    report("publish to a client by push", [arrived[headline] - begun[headline] for headline in begun])


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
    server = ThreadingHTTPServer(("127.0.0.1", 0), Client)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    helpers: list[subprocess.Popen[bytes]] = []
    try:
        with postgres.open_for(home) as address:
            os.environ["DATABASE_URL"] = address
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            try:
                helpers += [
                    subprocess.Popen([sys.executable, "-c", program], stdout=sys.stderr, stderr=subprocess.DEVNULL)
                    for program in (WORKER, PUMP)
                ]
                measure(f"http://127.0.0.1:{server.server_port}/in")
            finally:
                for helper in helpers:
                    helper.terminate()
                for helper in helpers:
                    try:
                        helper.wait(15)
                    except subprocess.TimeoutExpired:
                        helper.kill()
    finally:
        server.shutdown()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
