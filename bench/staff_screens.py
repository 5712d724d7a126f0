"""What the staff's screens cost the server with 500 stories in the house: half and 95 of 100 answers, each screen.

Screens are rendered in process, without a network, by a person signed in; nothing else runs. Processor time is told
beside the clock's, since a neighbour on the machine slows the clock down.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from bench._air import tell
from keshen.house import postgres

STORIES = int(os.environ.get("KESHEN_BENCH_STORIES") or 500)
LOOKS = int(os.environ.get("KESHEN_BENCH_LOOKS") or 100)
AIM_MS = 100
SCREENS = (
    "/control/", "/control/stories/", "/control/stories/?q=ақбөкен", "/control/stories/{first}/",
    "/control/stories/{first}/?tab=history", "/control/stories/{first}/?tab=where", "/control/stories/{first}/kk/",
    "/control/air/", "/control/jobs/", "/control/log/", "/control/rights/", "/control/wire/",
    "/control/wire/deliveries/", "/control/find?q=ақ",
)  # fmt: skip


def furnish() -> tuple[object, int]:
    from keshen.house.models import Edition, Organisation, Service, User
    from keshen.newsroom import actions
    from keshen.newsroom import body as bodies
    from keshen.newsroom.content import Content
    from keshen.wire import actions as wire

    house = Organisation.objects.create(slug="complex", kind="house", name={"kk": "Кешен"})
    User.objects.create(username="system", organisation=house, roles=["system"], is_system=True)
    editor = User.objects.create(username="editor", organisation=house, roles=["editor", "chief", "operator", "admin"])
    for tag in ("kk", "ru", "en", "ar"):
        Edition.objects.create(tag=tag, language=tag, script="Cyrl", is_default=tag == "kk")
    for slug, kind in (("kazinform", "wire"), ("kazinform", "web"), ("tv", "tv"), ("radio", "radio")):
        Service.objects.create(organisation=house, slug=slug, kind=kind, accent="#0a6ebd", languages=["kk"])
    wire.add_product(editor, "all", {"en": "All"}, is_open=True)
    first = 0
    for number in range(STORIES):
        body = bodies.from_paragraphs(["Ғалымдар ақбөкендердің көші-қон жолын картаға түсірді. " * 8] * 4)
        content = Content(headline=f"Ақбөкендер көшті, {number}", body=body, slugline="saiga")
        text = actions.create_story(editor, language="kk", content=content)
        if number % 3 == 0:
            actions.add_text(editor, text.story, "ru")
        version = actions.publish(editor, text)
        if number % 5 == 0:
            wire.put_out(editor, version.pk)
        first = first or text.story_id
    return editor, first


def measure(editor: object, first: int) -> None:
    from django.test import Client

    client = Client()
    client.force_login(editor)  # type: ignore[arg-type]
    for screen in SCREENS:
        address = screen.format(first=first)
        clock: list[float] = []
        spent: list[float] = []
        for look in range(LOOKS + 1):
            begun, used = time.perf_counter(), time.process_time()
            answer = client.get(address)
            if answer.status_code != 200:
                raise SystemExit(f"{address} answers {answer.status_code}")
            if look:  # the first look compiles templates
                clock.append((time.perf_counter() - begun) * 1000)
                spent.append((time.process_time() - used) * 1000)
        tell(f"{screen}, half of the answers", round(statistics.median(clock), 1), "ms")
        tell(f"{screen}, 95 of 100", round(statistics.quantiles(clock, n=20)[18], 1), "ms", aim=f"< {AIM_MS}")
        tell(f"{screen}, processor time", round(statistics.median(spent), 1), "ms")


def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="kb-"))
    home.chmod(0o755)
    os.environ.update(
        KESHEN_HOME=str(home),
        DJANGO_SETTINGS_MODULE="keshen.config.settings",
        KESHEN_STORE=str(home / "media"),
        KESHEN_LOG_LEVEL="ERROR",
    )
    try:
        with postgres.open_for(home) as database:
            os.environ["DATABASE_URL"] = database
            import django

            django.setup()
            from django.conf import settings
            from django.core.management import call_command

            settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
            call_command("migrate", verbosity=0)
            print(f"furnishing a house with {STORIES} stories")
            measure(*furnish())
            from django.db import connection

            connection.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
