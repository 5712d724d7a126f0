"""Put the channels of the test house on the air: assets are rows without bytes. Run as a program of its own."""

import django

django.setup()

from keshen.air import actions, standby, tasks  # noqa: E402
from keshen.air.actions import locking  # noqa: E402
from keshen.air.models import Stock  # noqa: E402
from keshen.house.models import Service, User  # noqa: E402
from keshen.media import actions as media  # noqa: E402
from keshen.media.houseformat import RUNGS, cut  # noqa: E402
from keshen.media.models import Asset  # noqa: E402

locking.EDIT_MS = 600_000  # an operator would be told to try again
system = User.objects.system()
INITS = {"v720": "a" * 64, "v360": "b" * 64, "a": "c" * 64}
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
    segments = [[length, n * 1000, 1000] for n, length in enumerate(cut(ticks))]
    rungs = [("video", rung, "") for rung in RUNGS] + [("audio", "a", "kk")]
    tracks = [
        media.NewTrack(kind, rung, tag, f"{asset.pk:064d}", 1000, init_sha256=INITS[rung], segments=segments)
        for kind, rung, tag in rungs
    ]
    media.mark_ready(system, asset, tracks=tracks, ticks=ticks)
    return asset


actions.stock(system, make(120, "standby"), Stock.Role.STANDBY)
for ticks in standby.TAILS:
    actions.stock(system, make(ticks, f"tail {ticks}"), Stock.Role.TAIL)
for ticks, title in ((188, "Күй"), (94, "Жетісу")):
    actions.stock(system, make(ticks, title), Stock.Role.FILLER, titles={"kk": title, "en": title})
for ticks, title, english in (
    (1500, "Ұлы дала", "The Great Steppe"),
    (2400, "Абай жолы", "Abai's way"),
    (900, "Алтын адам", "The Golden Man"),
):
    actions.stock(system, make(ticks, title), Stock.Role.PROGRAMME, key="steppe", titles={"kk": title, "en": english})
actions.stock(system, make(20, "ident"), Stock.Role.IDENT)
make(188, "Clip of the day")
for service in Service.objects.filter(kind__in=("tv", "radio")):
    actions.set_week(system, service, WEEK)
tasks.keep_laid()
