"""A break in a real film: its scene change found when it came in, cut to the frame, no frame lost or shown twice."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import av
import pytest

from keshen.air import actions, queries
from keshen.air.models import Stock
from keshen.air.serving.segments import Segments
from keshen.house.models import Job
from keshen.media import actions as media
from keshen.media import ffmpeg, tasks
from keshen.media.confined import Limits
from keshen.media.houseformat import FRAMES_PER_TICK
from keshen.media.models import Asset
from keshen.media.store import house_store
from tests.air.house import Air


class Context:
    """A job's context that only goes on."""

    def progress(self, *_given: object) -> None: ...
    def check(self) -> None: ...
    def log(self, _line: str) -> None: ...


CHANGE = 51 * FRAMES_PER_TICK
FRAMES = 82 * FRAMES_PER_TICK
# the number of the frame as brightness: up and down in the dark, then in the light, and one jump between
PICTURE = (
    f"color=black:s=64x36:r=25,geq=lum='if(lt(N,{CHANGE}),16+abs(mod(N,120)-60),150+abs(mod(N,120)-60))':cb=128:cr=128"
    f",trim=end_frame={FRAMES}"
)
WEEK = {
    "blocks": [
        {"at": "00:00", "title": {"kk": "Кино"}, "programmes": "film",
         "breaks": {"every": 16 / 60, "lasting": 6.4, "within": 7.68, "first": 0, "last": 0}}
    ]
}  # fmt: skip


@pytest.fixture
def film(air: Air, settings, tmp_path: Path) -> Asset:
    settings.KESHEN_HOME = tmp_path
    settings.KESHEN_STORE = str(tmp_path / "media")
    path = tmp_path / "film.mkv"
    sound = f"sine=440:r=48000:d={FRAMES / 25}"
    source = ["-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", sound, "-c:v", "ffv1", "-c:a", "pcm_s16le"]
    ffmpeg.encode([*source, f"file:{path}"], limits=Limits(wall=1800))
    asset = media.request_normalisation(
        air.system, key="film", organisation=air.tv.organisation, title="film", kind="video", language="kk",
        source_sha256=house_store().put_file(path), source_name=path.name,
    )  # fmt: skip
    tasks.normalise_source(Context(), **Job.objects.get(subject=asset.urn).args)
    asset.refresh_from_db()
    assert asset.state == Asset.State.READY, asset.reason
    actions.stock(air.operator, asset, Stock.Role.PROGRAMME, key="film", titles={"kk": "Кино"})
    actions.set_week(air.operator, air.tv, WEEK)
    return asset


def first_airing(air: Air, film: Asset) -> list[tuple[int, int]]:
    """The parts of the film the first time it is whole, as (first tick, length)."""
    entries = [entry for entry in air.laid() if entry.asset_id == film.pk]
    slot = entries[-1].slot_tick
    return [(one.asset_tick, one.end_tick - one.start_tick) for one in entries if one.slot_tick == slot]


async def aired(air_snapshot, segments: Segments, film: int, slot: int) -> bytes:
    held = [one for one in air_snapshot.timeline.entries if one.asset == film and one.slot == slot]
    track = air_snapshot.assets[film].video("v360")
    data = await segments.init(track.init)
    for entry in held:
        for number in range(entry.segments):
            made = await segments.media(air_snapshot, entry, number, "v360", substitute=0)
            assert made is not None
            data += made
    return data


def test_a_film_is_interrupted_where_its_scene_changes(air: Air, film: Asset) -> None:
    assert film.measured["scenes"] == [CHANGE]
    actions.lay(air.system, air.tv)
    assert first_airing(air, film) == [(0, 48), (48, 34)], "on the grid, until the pieces are there"
    for job in Job.objects.filter(name=media.PREPARE, state=Job.State.WAITING):
        tasks.prepare_pieces(Context(), **job.args)
    actions.lay_anew(air.system, air.tv)
    air.check()
    assert first_airing(air, film) == [(0, 51), (51, 31)]
    slot = [entry for entry in air.laid() if entry.asset_id == film.pk][-1].slot_tick
    data = asyncio.run(aired(queries.snapshot(air.tv, air.time.tick), Segments(house_store()), film.pk, slot))
    with av.open(io.BytesIO(data)) as container:
        bright = [float(frame.to_ndarray(format="gray")[:360].mean()) for frame in container.decode(video=0)]
    assert len(bright) == FRAMES, "no frame is lost, none is shown twice"
    assert max(bright[:CHANGE]) < 100 < min(bright[CHANGE:])
    for number, level in enumerate(bright):
        wished = ((0 if number < CHANGE else 134) + abs(number % 120 - 60)) * 255 / 219  # in the full range
        assert abs(level - wished) < 6, number
