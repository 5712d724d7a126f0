"""The pure function that writes a live playlist, called in this process: no server, no network.

A day of 40 s entries; half of the calls find the playlist of the segment made, half write it anew.
"""

from __future__ import annotations

import time

from bench._air import SECONDS, tell
from keshen.air.timeline import Entry, Timeline
from keshen.air.ways_out.hls import Playlists

ENTRY_TICKS = 125
ENTRIES = 2160


def main() -> None:
    sequence, entries = 0, []
    for number in range(ENTRIES):
        entry = Entry(number + 1, number * ENTRY_TICKS, ENTRY_TICKS, 1, "programme", sequence)
        entries.append(entry)
        sequence += entry.segments
    writer = Playlists(Timeline(entries), "m4s", {1: "init.mp4"})
    end = ENTRIES * ENTRY_TICKS
    calls, tick, began = 0, 200, time.process_time()
    while time.process_time() - began < min(SECONDS, 5):
        for _ in range(500):
            # six ticks on is half a segment: every other call meets a new one
            writer.live(tick)
            tick = tick + 6 if tick + 6 < end else 200
        calls += 500
    tell("playlists written in process, by processor second", calls / (time.process_time() - began), "1/s")
    calls, began = 0, time.process_time()
    while time.process_time() - began < min(SECONDS, 2):
        for _ in range(5000):
            writer.live(tick)
        calls += 5000
    tell("the same while a segment lasts", calls / (time.process_time() - began), "1/s")


if __name__ == "__main__":
    main()
