"""Furnish an empty database and media store with channels that have been on the air for a while, two of them encrypted.

Run as a program: it prints the Unix second the air began. Assets are encoded for real, small and short, so that many
boundaries pass in a minute.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import django

PAST_TICKS = 400
SAMPLES = (
    (37, "testsrc2=s=640x360:r=25", 440),
    (26, "smptebars=s=640x360:r=25", 660),
    (15, "testsrc=s=640x360:r=25", 330),
)
AGE = {"kind": "age", "first": 2, "last": 14, "text": "12+"}
LINES: tuple[tuple[int, int, int, list[dict[str, object]]], ...] = (
    (0, 0, 37, []),
    (0, 5, 24, []),  # a head of seven ticks and a tail of five, both prepared
    (1, 0, 26, []),
    (2, 0, 15, [AGE]),
    (0, 6, 30, []),  # between groups of pictures
    (1, 10, 16, []),  # too short for a segment of its own within
)
"""What is placed again and again: an asset by number, its first tick, how long, what is drawn over it."""
LINED_TICKS = 1500
CAPTIONS = """WEBVTT

1
00:00:01.000 --> 00:00:05.000
Бірінші титр

2
00:00:05.000 --> 00:00:08.000 line:85%
<i>Екінші</i> титр
"""


def main() -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from keshen.air import actions, clock, tasks
    from keshen.air.actions import locking
    from keshen.air.log import standby
    from keshen.air.models import Line, Stock
    from keshen.air.protection import keys
    from keshen.house.models import Edition, Organisation, Service, User
    from keshen.media import actions as media
    from keshen.media import cutlist, encode, pieces
    from keshen.media.confined import Limits
    from keshen.media.marks import marks_of
    from keshen.media.models import Asset
    from keshen.media.package import kept
    from keshen.media.queries import missing_pieces
    from keshen.media.store import house_store

    locking.EDIT_MS = 600_000  # an operator would be told to try again
    house = Organisation.objects.create(slug="complex", kind="house", name={"kk": "Кешен"})
    system = User.objects.create(username="system", organisation=house, roles=["system"], is_system=True)
    for position, tag in enumerate(("kk", "kk-Latn")):
        Edition.objects.create(tag=tag, language="kk", script="Cyrl", name={"kk": tag}, position=position)
    services = [
        Service.objects.create(
            organisation=house, slug=slug, kind=kind, accent="#0a6ebd", name={"kk": slug}, languages=["kk", "ru"]
        )
        for slug, kind in (
            ("jibek-joly", "tv"), ("jibek-joly-radio", "radio"), ("silk-way", "tv"), ("silk-way-prime", "tv"),
        )
    ]  # fmt: skip
    actions.protect(system, services[2], keys.Method.CBCS)
    actions.protect(system, services[3], keys.Method.AES_128)
    standby.prepare(system, lambda done, total: None, lambda: None)
    for number, (ticks, picture, note) in enumerate(SAMPLES):
        lavfi = ("-f", "lavfi", "-t", "14", "-i")
        sounds = [encode.Sound("1:a", "kk"), encode.Sound("2:a", "ru")][: 1 + (number == 0)]
        plan = encode.Plan(
            (*lavfi, picture, *lavfi, f"sine={note}:r=48000", *lavfi, f"sine={note * 2}:r=48000"),
            ticks, picture="0:v", sounds=tuple(sounds), preset="superfast",
        )  # fmt: skip
        asset = media.create_asset(
            system, key=f"sample:{number}", kind=Asset.Kind.VIDEO, organisation=house, title=f"sample {number}"
        )
        with tempfile.TemporaryDirectory() as folder:
            made = kept(encode.encode(plan, Path(folder), limits=Limits(wall=1800)), house_store())
        blob = house_store().put(CAPTIONS.encode())
        made.append(media.NewTrack("captions", "c", "kk", blob, len(CAPTIONS.encode())))
        media.mark_ready(system, asset, tracks=made, ticks=ticks)
        actions.stock(system, asset, Stock.Role.PROGRAMME, key="all", titles={"kk": f"Бағдарлама {number}"})
    for service in services:
        blocks = [{"at": "00:00", "title": {"kk": "Күні бойы"}, "programmes": "all"}]
        actions.set_week(system, service, {"blocks": blocks})
    real = clock.tick
    began = real() - PAST_TICKS
    samples = list(Asset.objects.filter(key__startswith="sample:").order_by("key").prefetch_related("tracks"))
    for number, first, ticks, marks in LINES:
        drawn = marks_of(marks)
        cuts = cutlist.cut_list(first, ticks)
        with tempfile.TemporaryDirectory() as folder:
            needs = missing_pieces(samples[number], first, cuts, drawn)
            for made in pieces.make(samples[number], needs, drawn, Quiet(), house_store(), Path(folder)):
                media.keep_pieces(system, samples[number], made, last=False)
    for service in services:
        cursor = began
        while cursor < began + PAST_TICKS + LINED_TICKS:
            for number, first, ticks, marks in LINES:
                Line.objects.create(
                    service=service, start_tick=cursor, end_tick=cursor + ticks, asset=samples[number],
                    asset_tick=first, kind="programme", titles={"kk": f"Бағдарлама {number}"}, marks=marks,
                    placed_by=system,
                )  # fmt: skip
                cursor += ticks
    clock.tick = lambda: real() - PAST_TICKS
    for service in services:
        actions.lay(system, service, until=real())
    clock.tick = real
    tasks.keep_laid()
    print((real() - PAST_TICKS) * 320 // 1000, file=sys.stdout)


class Quiet:
    """The context of a job that nobody watches."""

    def progress(self, *_given: object) -> None: ...
    def check(self) -> None: ...
    def log(self, _line: str) -> None: ...


if __name__ == "__main__":
    main()
