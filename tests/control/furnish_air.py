"""Put the channels of the test house on the air. Run as a program of its own.

A few seconds are encoded; every asset shows them again and again: each has pictures at its cuts, and on the wall.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import django

django.setup()

from keshen.air import actions, tasks  # noqa: E402
from keshen.air.actions import locking  # noqa: E402
from keshen.air.log import standby  # noqa: E402
from keshen.air.models import Stock  # noqa: E402
from keshen.house.models import Service, User  # noqa: E402
from keshen.media import actions as media  # noqa: E402
from keshen.media import encode  # noqa: E402
from keshen.media.confined import Limits  # noqa: E402
from keshen.media.houseformat import cut  # noqa: E402
from keshen.media.models import Asset  # noqa: E402
from keshen.media.package import kept  # noqa: E402
from keshen.media.store import house_store  # noqa: E402

locking.EDIT_MS = 600_000  # an operator would be told to try again
system = User.objects.system()
LAVFI = ("-f", "lavfi", "-t", "7", "-i")
with tempfile.TemporaryDirectory() as folder:
    shown = encode.Plan(
        (*LAVFI, "testsrc2=s=640x360:r=25", *LAVFI, "sine=440:r=48000"), 20,
        picture="0:v", sounds=(encode.Sound("1:a", "kk"),), preset="ultrafast",
    )  # fmt: skip
    SHOWN = kept(encode.encode(shown, Path(folder), limits=Limits(wall=1800)), house_store())
TAILS = {ticks: [ticks, 0, 1] for ticks in standby.TAILS if ticks != 8}
"""Segments of these lengths show nothing."""
WEEK = {
    "bulletin": {"every": 30, "items": 4, "title": {"kk": "Жаңалықтар", "en": "News"}},
    "blocks": [
        {"at": "00:00", "title": {"kk": "Түнгі саз", "en": "Night music"}, "programmes": ""},
        {"at": "06:00", "title": {"kk": "Таң шапағы", "en": "Morning"}, "programmes": "steppe"},
        {"at": "18:00", "title": {"kk": "Кешкі дала", "en": "Evening steppe"}, "programmes": "steppe"},
    ],
}


def make(ticks: int, title: str) -> Asset:
    asset = media.create_asset(
        system, key=f"air:{title}", kind=Asset.Kind.VIDEO, organisation=system.organisation, title=title
    )
    tracks = [
        replace(track, segments=[[length, *held[length][1:]] for length in cut(ticks)])
        for track in SHOWN
        for held in [{row[0]: row for row in track.segments} | TAILS]
    ]
    media.mark_ready(system, asset, tracks=tracks, ticks=ticks)
    return asset


actions.stock(system, make(120, "standby"), Stock.Role.STANDBY)
for ticks in standby.TAILS:
    actions.stock(system, make(ticks, f"tail {ticks}"), Stock.Role.TAIL)
for ticks, title in ((188, "Күй"), (92, "Жетісу")):
    actions.stock(system, make(ticks, title), Stock.Role.FILLER, titles={"kk": title, "en": title})
for ticks, title, english in (
    (1500, "Ұлы дала", "The Great Steppe"),
    (2400, "Абай жолы", "Abai's way"),
    (900, "Алтын адам", "The Golden Man"),
):
    actions.stock(system, make(ticks, title), Stock.Role.PROGRAMME, key="steppe", titles={"kk": title, "en": english})
actions.stock(system, make(20, "ident"), Stock.Role.IDENT)
make(188, "Clip of the day")
make(6000, "Breaking report")
for service in Service.objects.filter(kind__in=("tv", "radio")):
    actions.set_week(system, service, WEEK)
tasks.keep_laid()
