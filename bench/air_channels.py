"""Many channels in one process: what the 1,000th costs, and 10,000 with a week of half-hour entries each.

The house is written to a database of its own by SQL, loaded as a serving node loads it, and asked for playlists. Laying
a week is one edit by the house's own verb, to the node's new playlist. `KESHEN_BENCH_CHANNELS` sets how many.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from bench._air import tell
from keshen.house import postgres

CHANNELS = int(os.environ.get("KESHEN_BENCH_CHANNELS") or 1000)
HALF_HOUR = 5625
ENTRIES = 336


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="kb-") as name:
        home = Path(name)
        home.chmod(0o755)
        os.environ |= {
            "KESHEN_HOME": str(home),
            "DATABASE_URL": postgres.address(home),
            "DJANGO_SETTINGS_MODULE": "keshen.config.settings",
        }
        postgres.start(home, throwaway=True)
        try:
            measure()
        finally:
            postgres.stop(home)


def resident() -> float:
    """Megabytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from keshen.air import clock, queries
    from keshen.air.serving import load, marks
    from keshen.air.serving.hub import TURN
    from keshen.air.serving.snapshot import Asset, Snapshot

    now = clock.tick()
    began = time.monotonic()
    furnish(now)
    print(f"{CHANNELS} channels written in {time.monotonic() - began:.1f} s")
    services = load.services()
    known: dict[int, Asset] = {}
    held: list[Snapshot] = []
    gc.collect()
    gc.freeze()
    sizes = []
    began, used = time.monotonic(), time.process_time()
    house = load.shared(known)
    for service in services:
        held.append(load.snapshot(service, now, known, house=house))
        sizes.append(resident())
    tell(f"{CHANNELS} channels with a week each, loading", time.monotonic() - began, "s")
    tell("the same in processor time of the node", time.process_time() - used, "s")
    last = min(100, len(sizes) // 2)
    tell("memory of one more channel, the last hundred", (sizes[-1] - sizes[-1 - last]) / last, "MB", aim="< 1")
    tell("memory of the node", sizes[-1], "MB")
    used = time.process_time()
    load.slugs(), marks.common(), marks.marks(services[:TURN], now)
    tell("a look at whether anything changed, processor time of the node", (time.process_time() - used) * 1000, "ms")
    began = time.monotonic()
    assert len(queries.to_keep(now, 0, 0, [])) == CHANNELS, "they have no plan yet"
    tell("a look at which channels want laying", (time.monotonic() - began) * 1000, "ms")
    began = time.process_time()
    for snapshot in held:
        assert snapshot.playlists("v720").live(now)
    tell("first playlists by processor second, one of each channel", len(held) / (time.process_time() - began), "1/s")
    tell("memory with a playlist of each channel", resident(), "MB")
    lay_a_week()


def furnish(now: int) -> None:
    """One asset, and a week of half-hour entries on every channel, in bulk and as the database's own laws allow."""
    from django.db import connection

    from keshen.house.models import Organisation, Service, User
    from keshen.media import actions as media
    from keshen.media.houseformat import RUNGS, cut
    from keshen.media.models import Asset

    house = Organisation.objects.create(slug="complex", kind="house", name={"kk": "Кешен"})
    system = User.objects.create(username="system", organisation=house, roles=["system"], is_system=True)
    asset = media.create_asset(system, key="half-hour", kind=Asset.Kind.VIDEO, organisation=house, title="half an hour")
    segments = [[length, n * 1000, 1000] for n, length in enumerate(cut(HALF_HOUR))]
    rungs = [("video", rung, "") for rung in RUNGS] + [("audio", "a", "kk")]
    tracks = [
        media.NewTrack(kind, rung, tag, "0" * 64, 1000, init_sha256="a" * 64, segments=segments)
        for kind, rung, tag in rungs
    ]
    media.mark_ready(system, asset, tracks=tracks, ticks=HALF_HOUR)
    Service.objects.bulk_create(
        Service(
            organisation=house, slug=f"channel-{n}", kind="tv", accent="#0a6ebd", name={"kk": "x"}, languages=["kk"]
        )
        for n in range(CHANNELS)
    )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the laws hold: the numbers below go on
        cursor.execute(
            "INSERT INTO air_entry (service_id, start_tick, end_tick, asset_id, asset_tick, kind, titles, slot_tick,"
            " slot_kind, slot_titles, story_urn, reason, sequence, discontinuity, breaks, marks, state, laid_at)"
            " SELECT s.id, %s + e * %s, %s + (e + 1) * %s, %s, 0, 'programme', '{\"kk\": \"x\"}', %s + e * %s, 'p',"
            " '{\"kk\": \"x\"}', '', '', e * %s, 0, false, '[]', 'laid', now()"
            " FROM house_service s, generate_series(0, %s) e",
            [now - 500, HALF_HOUR, now - 500, HALF_HOUR, asset.pk, now - 500, HALF_HOUR, len(segments), ENTRIES - 1],
        )
        cursor.execute("RESET session_replication_role")
        cursor.execute("ANALYZE air_entry")


def lay_a_week() -> None:
    """A week of half-hour entries laid by the house's own verb and read by a node: from the edit to the playlist."""
    from keshen.air import actions, clock
    from keshen.air.models import Stock
    from keshen.air.serving import load
    from keshen.house.models import Organisation, Service, User
    from keshen.media.models import Asset

    system, house, asset = User.objects.system(), Organisation.objects.get(), Asset.objects.get()
    actions.stock(system, asset, Stock.Role.STANDBY)
    actions.stock(system, asset, Stock.Role.PROGRAMME, key="p", titles={"kk": "x"})
    best = 1e9
    for number in range(3):
        service = Service.objects.create(
            organisation=house, slug=f"new-{number}", kind="tv", accent="#0a6ebd", name={"kk": "x"}, languages=["kk"]
        )
        block = {"at": "00:00", "title": {"kk": "x"}, "programmes": "p"}
        actions.set_week(system, service, {"blocks": [block]})
        began = time.monotonic()
        laid = actions.lay(system, service, until=clock.tick() + 336 * HALF_HOUR)
        assert load.snapshot(service, clock.tick(), {}).playlists("v720").live(clock.tick())
        best = min(best, time.monotonic() - began)
        print(f"{laid} entries")
    tell("laying a week, from the edit to the playlist", best * 1000, "ms", aim="< 200")


if __name__ == "__main__":
    sys.exit(main())
