"""The standby: what a service shows when it has nothing better, of any length whatever. Made by the house itself.

One asset of whole segments that loops, and one short asset for every other length that a cut list can end with, so
that any number of ticks from three up is filled exactly, without encoding anything when it is needed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from keshen.air import actions
from keshen.air.models import Stock
from keshen.house.models import Organisation, User
from keshen.media import actions as media
from keshen.media import encode, houseformat
from keshen.media.confined import Limits
from keshen.media.graphics.backdrop import backdrop
from keshen.media.graphics.cards import end_slate
from keshen.media.graphics.filtergraph import filtergraph
from keshen.media.graphics.shots import FRAME_RATE, TICK_FRAMES, Background, Layer, Motion, Shot
from keshen.media.models import Asset
from keshen.media.package import kept
from keshen.media.profiles import DEFAULT
from keshen.media.queries import rungs_in_use
from keshen.media.store import house_store

LOOP_TICKS = houseformat.SEGMENT_TICKS * 10
TAILS = tuple(
    ticks
    for ticks in range(houseformat.MIN_ENTRY_TICKS, houseformat.SEGMENT_TICKS + houseformat.JOINED_TAIL_TICKS + 1)
    if ticks != houseformat.SEGMENT_TICKS
)
ACCENT = "#0a6ebd"
NAME = "KESHEN"
REVISION = 1
"""Part of each asset's key: a new look is a new number, and so new assets."""

CHORD = (110.0, 164.814, 220.0, 277.183)
"""A quiet open chord, in Hz; each note swells at its own slow rate."""


def is_prepared() -> bool:
    """Whether the loop and every tail are on the shelf and ready, in every rendition that some channel plays."""
    ready = Stock.objects.filter(service=None, asset__state=Asset.State.READY)
    tails = set(ready.filter(role=Stock.Role.TAIL).values_list("asset__duration_ticks", flat=True))
    loop = ready.filter(role=Stock.Role.STANDBY).order_by("-id").first()
    if loop is None:
        return False
    held = set(loop.asset.tracks.values_list("rung", flat=True))
    return held.issuperset(rung.name for rung in rungs_in_use()) and tails.issuperset(TAILS)


def prepare(actor: User, progress: Callable[[int, int], None], check: Callable[[], None]) -> None:
    """Make what is missing of the standby and put it on the shelf of every service. Safe to do again.

    Raises encode's errors, with ffmpeg's last lines.
    """
    owner = actor.organisation
    wanted = [(LOOP_TICKS, Stock.Role.STANDBY), *((ticks, Stock.Role.TAIL) for ticks in TAILS)]
    for done, (ticks, role) in enumerate(wanted):
        progress(done, len(wanted))
        asset = _made(actor, owner, ticks, check)
        actions.stock(actor, asset, role, titles={"kk": NAME})
    progress(len(wanted), len(wanted))


def _made(actor: User, owner: Organisation, ticks: int, check: Callable[[], None]) -> Asset:
    rungs = rungs_in_use()
    key = f"standby:{REVISION}:{ticks}" + "".join(f":{rung.name}" for rung in rungs if rung not in DEFAULT.rungs)
    return slate(actor, owner, key, ticks, NAME, ACCENT, check=check)


def slate(
    actor: User,
    owner: Organisation,
    key: str,
    ticks: int,
    name: str,
    accent: str,
    line: str = "",
    *,
    check: Callable[[], None] = lambda: None,
) -> Asset:
    """An asset of exactly `ticks` that shows a name and a line below it over the quiet chord, made once for a `key`.

    Raises encode's errors, with ffmpeg's last lines.
    """
    title = f"{name} {houseformat.seconds(ticks):g} s"
    asset = media.create_asset(actor, key=key, kind=Asset.Kind.VIDEO, organisation=owner, title=title)
    if asset.state == Asset.State.READY:
        return asset
    with tempfile.TemporaryDirectory(prefix="keshen-standby-") as folder_name:
        folder = Path(folder_name)
        made = encode.encode(
            _plan(ticks, folder, rungs_in_use(), name, accent, line), folder, limits=Limits(wall=300), check=check
        )
        tracks = kept(made, house_store())
    media.mark_ready(actor, asset, tracks=tracks, ticks=ticks, by="keshen.air.standby")
    asset.refresh_from_db()
    return asset


def _plan(
    ticks: int, folder: Path, rungs: tuple[houseformat.Rung, ...], name: str, accent: str, line: str
) -> encode.Plan:
    drawn = end_slate(name, accent, line)
    layer = Layer(drawn.picture, drawn.x, drawn.y, 0, ticks * TICK_FRAMES, Motion.CUT)
    graph = filtergraph([Shot("standby", ticks, Background(backdrop(accent, 1), step_x=0), (layer,))], folder)
    return encode.Plan(
        inputs=graph.inputs,
        ticks=ticks,
        graph=f"{graph.filter_complex};{_sound(ticks)}",
        picture="[picture]",
        sounds=(encode.Sound("[tone]", ""),),
        rungs=rungs,
        shown_at=Fraction(FRAME_RATE),
    )


def _sound(ticks: int) -> str:
    """A filter graph that makes the chord, well under -23 LUFS."""
    notes = "+".join(
        f"{0.035 / (n + 1):.4f}*sin(2*PI*{note}*t)*(0.6+0.4*sin(2*PI*{1 / (7 + 3 * n):.4f}*t))"
        for n, note in enumerate(CHORD)
    )
    rate, length = houseformat.SAMPLE_RATE, houseformat.seconds(ticks)
    return f"aevalsrc='{notes}':s={rate}:d={length},aformat=channel_layouts=stereo[tone]"
