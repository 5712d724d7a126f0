"""What an hour of a channel costs, against ffmpeg encoding a channel without end; its material's encoding stated apart.

Ours is everything of that hour: laying it (the database's processor time included), reading it into a node, and for
every segment of every rendition its playlist, written, compressed and digested, and its bytes, read and restamped.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from bench._air import ROOT, house, tell

ENCODED_TICKS = 94
"""Thirty seconds are encoded, and counted for an hour."""

AIRINGS = 20
"""How often what was encoded once is on the air in the reckoning that charges for it: a clip, a repeated programme."""

HOUR = """
import asyncio, django, json, time
django.setup()
from pathlib import Path
from django.db import connection
from keshen.air import actions, clock, queries
from keshen.air.serving import http, load
from keshen.air.ways_out import hls
from keshen.air.serving.segments import Segments
from keshen.house.models import Service, User
from keshen.media.houseformat import TICKS_PER_HOUR
from keshen.media.store import house_store

def backend():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100

service = Service.objects.get(slug="jibek-joly")
first = queries.last_laid(service).end_tick
began, database = time.process_time(), backend()
actions.lay(User.objects.system(), service, until=first + TICKS_PER_HOUR)
laid = queries.last_laid(service).end_tick - first
laying = (time.process_time() - began + backend() - database) * TICKS_PER_HOUR / laid
began = time.process_time()
snapshot = load.snapshot(service, clock.tick(), {})
reading = (time.process_time() - began) * TICKS_PER_HOUR / (snapshot.timeline.end - snapshot.timeline.start)
segments = Segments(house_store())
now = clock.tick()

async def serve():
    for tick in range(now, now + TICKS_PER_HOUR, 12):
        segment = snapshot.timeline.segment_at(tick)
        for rung in hls.rungs(snapshot.ladder):
            http.Ready(http.fresh(snapshot.playlists(rung).live(tick), hls.PLAYLIST_TYPE))
            make = segments.captions if rung.startswith("c-") else segments.media
            await make(snapshot, segment.entry, segment.number, rung, substitute=False)

began = time.process_time()
asyncio.run(serve())
print(json.dumps({"laying": laying, "reading": reading, "serving": time.process_time() - began}))
"""


def encoded() -> float:
    """Processor seconds of ffmpeg for an hour of the house's ladder in one pass."""
    from keshen.media import encode
    from keshen.media.confined import Limits

    lavfi = ("-f", "lavfi", "-t", "31", "-i")
    plan = encode.Plan(
        (*lavfi, "testsrc2=s=1280x720:r=25", *lavfi, "sine=440:r=48000"),
        ENCODED_TICKS, picture="0:v", sounds=(encode.Sound("1:a", "kk"),),
    )  # fmt: skip
    before = getrusage(RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        encode.encode(plan, Path(folder), limits=Limits(wall=1200))
    after = getrusage(RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent * 3600 / (ENCODED_TICKS * 0.32)


def main() -> None:
    reference = encoded()
    with house() as environment:
        done = subprocess.run(
            [sys.executable, "-c", HOUR], env=environment, check=False, capture_output=True, text=True, cwd=ROOT
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    spent = json.loads(done.stdout.splitlines()[-1])
    ours = sum(spent.values())
    print(", ".join(f"{name} {seconds:.2f} s" for name, seconds in spent.items()))
    against = {"against": "ffmpeg encoding the same ladder", "reference": round(reference, 1)}
    tell("processor time of a channel's hour", ours, "s", **against, ratio=round(ours / reference, 6), aim="< 0.001")
    charged = ours + reference / AIRINGS
    tell(
        f"the same with its material's encoding, aired {AIRINGS} times", charged, "s", **against,
        ratio=round(charged / reference, 4),
    )  # fmt: skip


if __name__ == "__main__":
    main()
