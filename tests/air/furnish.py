"""Furnish an empty database and media store with two channels that have been on the air for a while.

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
    from keshen.air import actions, clock, standby, tasks
    from keshen.air.models import Stock
    from keshen.house.models import Edition, Organisation, Service, User
    from keshen.media import actions as media
    from keshen.media import encode
    from keshen.media.confined import Limits
    from keshen.media.models import Asset
    from keshen.media.package import kept
    from keshen.media.store import house_store

    house = Organisation.objects.create(slug="complex", kind="house", name={"kk": "Кешен"})
    system = User.objects.create(username="system", organisation=house, roles=["system"], is_system=True)
    for position, tag in enumerate(("kk", "kk-Latn")):
        Edition.objects.create(tag=tag, language="kk", script="Cyrl", name={"kk": tag}, position=position)
    services = [
        Service.objects.create(
            organisation=house, slug=slug, kind=kind, accent="#0a6ebd", name={"kk": slug}, languages=["kk", "ru"]
        )
        for slug, kind in (("jibek-joly", "tv"), ("jibek-joly-radio", "radio"))
    ]
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
            made = kept(encode.encode(plan, Path(folder), limits=Limits(wall=120)), house_store())
        blob = house_store().put(CAPTIONS.encode())
        made.append(media.NewTrack("captions", "c", "kk", blob, len(CAPTIONS.encode())))
        media.mark_ready(system, asset, tracks=made, ticks=ticks)
        actions.stock(system, asset, Stock.Role.PROGRAMME, key="all", titles={"kk": f"Бағдарлама {number}"})
    for service in services:
        blocks = [{"at": "00:00", "title": {"kk": "Күні бойы"}, "programmes": "all"}]
        actions.set_week(system, service, {"blocks": blocks})
    real = clock.tick
    clock.tick = lambda: real() - PAST_TICKS
    for service in services:
        actions.lay(system, service, until=real())
    clock.tick = real
    tasks.keep_laid()
    print((real() - PAST_TICKS) * 320 // 1000, file=sys.stdout)


if __name__ == "__main__":
    main()
