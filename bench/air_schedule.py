"""How long an edit takes: from placing to playable in a laid week, and from breaking in to a viewer's playlist."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

from bench._air import ROOT, fetch, house, serving, tell

EDITS = 12
PATIENCE_SECONDS = 180
"""How long one of the programs may take before that is the finding."""
PREPARE = """
import django, json, sys, time
django.setup()
from keshen.air import actions, clock
from keshen.air.models import Entry, Stock
from keshen.house.models import Service, User
from keshen.media.houseformat import TICKS_PER_HOUR
system = User.objects.system()
service = Service.objects.get(slug="jibek-joly")
clip = Stock.objects.filter(role="programme").first().asset
"""
WEEK = (
    PREPARE
    + """
now = clock.tick()
before = time.perf_counter()
actions.lay(system, service, until=now + int(sys.argv[1]))
took = time.perf_counter() - before
print(json.dumps({"seconds": took, "entries": Entry.objects.filter(service=service, state="laid").count()}))
"""
)
EDIT = (
    PREPARE
    + """
times = []
for n in range(int(sys.argv[1])):
    start = clock.tick() + 2000 + n * 700
    before = time.perf_counter()
    actions.insert(system, service, start=start, asset=clip.pk, hard=True)
    times.append(time.perf_counter() - before)
print(json.dumps(times))
"""
)
BREAK_IN = (
    PREPARE
    + """
begun = time.time()
done = actions.break_in(system, service, assets=[clip.pk])
entry = Entry.objects.get(service=service, state="laid", start_tick=done.start)
print(json.dumps({"begun": begun, "entry": entry.pk}))
"""
)


def main() -> None:
    with house() as environment, serving(environment) as (port, _pid):
        measure(environment, port)


def run(environment: dict[str, str], program: str, *arguments: str) -> object:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=PATIENCE_SECONDS,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def measure(environment: dict[str, str], port: int) -> None:
    broken = run(environment, BREAK_IN)
    assert isinstance(broken, dict)
    asked = time.time()
    while f"e{broken['entry']}-" not in fetch(port, "/air/jibek-joly/v360/index.m3u8").decode():
        if time.time() - asked > 60:
            raise RuntimeError("the break-in was in no playlist within a minute")
        time.sleep(0.05)
    # the horizon of 11.52 s and two segments, each of at most 4.48 s
    tell("break-in to a viewer's playlist", time.time() - broken["begun"], "s", aim="<= 20.48")
    edits = run(environment, EDIT, str(EDITS))
    assert isinstance(edits, list)
    tell("an edit of the schedule, hour laid", statistics.median(edits) * 1000, "ms", aim="< 200")
    week = run(environment, WEEK, str(7 * 24 * 11_250))
    assert isinstance(week, dict)
    tell("laying a week", week["seconds"] * 1000, "ms", entries=week["entries"])
    edits = run(environment, EDIT, str(EDITS))
    assert isinstance(edits, list)
    tell("an edit of the schedule, week laid", statistics.median(edits) * 1000, "ms", aim="< 200")


if __name__ == "__main__":
    main()
