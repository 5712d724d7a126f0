"""A channel of 29.97 frames a second from real media: cut within segments, broken into, each picture in its time."""

from __future__ import annotations

import asyncio
import io
import tempfile
from pathlib import Path

import av
import pytest
from PIL import Image, ImageStat

from keshen.air import actions, clips
from keshen.air.models import Line, Stock
from keshen.air.proof import conformance
from keshen.air.serving import load, poster
from keshen.air.serving.outside import Outside
from keshen.air.serving.publishing import Publisher
from keshen.air.serving.segments import Segments
from keshen.air.serving.snapshot import Snapshot
from keshen.air.ways_out.transport_stream import mux
from keshen.air.ways_out.transport_stream.reader import Reader
from keshen.house.jobs import perform
from keshen.house.models import Job
from keshen.media import actions as media
from keshen.media import cenc, cutlist, encode, pieces, splitting
from keshen.media.confined import Limits
from keshen.media.houseformat import MPEGTS_UNITS, MPEGTS_WRAP, TICK_MS
from keshen.media.models import Asset, Track
from keshen.media.package import kept
from keshen.media.profiles import NTSC, PROFILES
from keshen.media.queries import missing_pieces
from keshen.media.store import house_store
from tests.air.furnish import Quiet
from tests.air.house import Air
from tests.air.streaming import decode
from tests.air.test_transport_stream import in_time
from tests.air.transport import read
from tests.media.test_cenc import KEY, frames

PROFILE, LARGE, SMALL = "720-2997", "v720n30", "v360n30"
PROGRAMME, FLASH = 29, 14
COUNTING = "color=black:s=320x180:r=30000/1001,geq=lum='{from_}+2*mod(N,50)':cb=128:cr=128"
"""Pictures that say their number: of the programme from 16 on, of the flash from 116."""
EXACTLY = ("-fps_mode", "passthrough", "-enc_time_base", "1:90000")
"""How ffmpeg gives on what it decoded: else it rounds times to frames, and a picture of two parts is one too many."""
ENTRIES = ((0, 29), (5, 19), (7, 22))
"""What is placed again and again: a tick of the programme, and for how many."""


def encoded(air: Air, name: str, ticks: int, from_: int) -> Asset:
    asset = media.create_asset(
        air.system, key=name, kind=Asset.Kind.VIDEO, organisation=air.silk.organisation, title=name
    )
    lavfi = ("-f", "lavfi", "-t", "10", "-i")
    plan = encode.Plan(
        (*lavfi, COUNTING.format(from_=from_), *lavfi, "sine=440:r=48000"), ticks, picture="0:v",
        sounds=(encode.Sound("1:a", "en"),), rungs=PROFILES[PROFILE].rungs, crf=14,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        tracks = kept(encode.encode(plan, Path(folder), limits=Limits(wall=600)), house_store())
    media.mark_ready(air.system, asset, tracks=tracks, ticks=ticks)
    return asset


@pytest.fixture
def channel(air: Air) -> Air:
    """Two minutes into cuts of one programme, and broken into with a flash after which it goes on."""
    actions.set_profile(air.system, air.silk, PROFILE)
    programme, flash = encoded(air, "counting", PROGRAMME, 16), encoded(air, "flash", FLASH, 116)
    Stock.objects.filter(role__in=("programme", "filler")).delete()
    for role in (Stock.Role.PROGRAMME, Stock.Role.FILLER):
        actions.stock(air.operator, programme, role, key="steppe", titles={"en": "Steppe"})
    cursor = air.time.tick
    for number in range(18):
        first, ticks = ENTRIES[number % len(ENTRIES)]
        with tempfile.TemporaryDirectory() as folder:
            needs = missing_pieces(programme, first, cutlist.cut_list(first, ticks), ())
            for made in pieces.make(programme, needs, (), Quiet(), house_store(), Path(folder)):  # type: ignore[arg-type]
                media.keep_pieces(air.system, programme, made, last=False)
        Line.objects.create(
            service=air.silk, start_tick=cursor, end_tick=cursor + ticks, asset=programme, asset_tick=first,
            kind="programme", titles={"en": "Steppe"}, placed_by=air.system, hard=number == 17,
        )  # fmt: skip
        cursor += ticks
    actions.lay(air.system, air.silk, until=cursor)
    air.time.on(130)
    actions.break_in(air.operator, air.silk, assets=[flash.pk], resume=True)
    air.time.on(130)
    return air


def pictures(snapshot: Snapshot, sequence: int, end: int) -> list[tuple[int, int]]:
    """When each picture of some segments is shown, by the log and arithmetic alone, in 90 kHz from the epoch; and how
    bright it is.
    """
    found = []
    for segment in snapshot.timeline.segments(sequence, end):
        entry = segment.entry
        at = entry.asset_tick + entry.span(segment.number)[0]
        base = 116 if snapshot.assets[entry.asset].ticks == FLASH else 16
        found += [
            (segment.start * MPEGTS_UNITS + one.start, base + 2 * (one.frame % 50))
            for one in splitting.samples(at, segment.ticks, NTSC)
        ]
    return found


def shown(data: bytes) -> list[tuple[int, int]]:
    """The same, of what a decoder gives."""
    with av.open(io.BytesIO(data)) as held:
        return [
            (frame.pts, round(float(frame.to_ndarray(format="yuv420p")[: frame.height].mean())))
            for frame in held.decode(video=0)
        ]


def alike(found: list[tuple[int, int]], wanted: list[tuple[int, int]]) -> None:
    assert [at for at, _ in found] == [at for at, _ in wanted], "every picture in its time"
    assert all(abs(a[1] - b[1]) <= 1 for a, b in zip(found, wanted, strict=True)), "and no other"


def published(air: Air, folder: Path) -> tuple[Snapshot, dict[str, conformance.Playlist]]:
    """What a plain file server has of the channel now."""
    snapshot = load.snapshot(air.silk, air.time.tick, {})
    made = Publisher(lambda: snapshot, Segments(house_store()), Outside(str(folder)), dash=True)
    asyncio.run(made.publish())
    rungs = (LARGE, SMALL, "a-en", "a-ru")
    return snapshot, {rung: conformance.read((folder / f"silk-way/{rung}/index.m3u8").read_text()) for rung in rungs}


def test_every_picture_is_in_its_time_over_cuts_and_a_break_in(channel: Air, tmp_path: Path) -> None:
    snapshot, told = published(channel, tmp_path)
    assert [fault for one in told.values() for fault in conformance.judge(one)] == []
    assert conformance.judge_renditions(told) == []
    listed = told[LARGE]
    entries = [segment.entry for segment in snapshot.timeline.segments(listed.sequence, listed.end)]
    assert {snapshot.assets[entry.asset].ticks for entry in entries} == {PROGRAMME, FLASH}, "the break-in is listed"
    assert {entry.asset_tick for entry in entries} >= {0, 5, 7}
    wanted = pictures(snapshot, listed.sequence, listed.end)
    for rung in (LARGE, SMALL):
        folder = tmp_path / f"silk-way/{rung}"
        names = [one.address for one in told[rung].segments]
        (init,) = {one.init for one in told[rung].segments}
        alike(shown(b"".join((folder / name).read_bytes() for name in (init, *names))), wanted)
        closed = folder / "closed.m3u8"
        closed.write_text((folder / "index.m3u8").read_text() + "#EXT-X-ENDLIST\n")
        assert decode(str(closed), *EXACTLY) == (len(wanted), ""), "ffmpeg finds nothing to complain of"
    by_time = {int(path.stem[1:]) for path in (tmp_path / f"silk-way/{LARGE}").glob("t*.m4s")}
    starts = {segment.start * MPEGTS_UNITS for segment in snapshot.timeline.segments(listed.sequence, listed.end)}
    assert starts <= by_time, "DASH asks for them by the same times"
    channel.time.on(20)
    _, later = published(channel, tmp_path)
    assert [fault for rung, one in later.items() for fault in conformance.judge_update(told[rung], one)] == []
    as_a_still(snapshot, told[SMALL], tmp_path / f"silk-way/{SMALL}")
    encrypted(tmp_path / f"silk-way/{SMALL}", told[SMALL], tmp_path)
    in_packets(snapshot, listed, tmp_path)
    as_a_clip(channel, snapshot, listed)


def as_a_still(snapshot: Snapshot, listed: conformance.Playlist, folder: Path) -> None:
    """What is on some ticks into a segment is found by time, not by counting pictures."""
    place = next(n for n, one in enumerate(listed.segments) if one.length == 12 * TICK_MS)
    wanted = pictures(snapshot, listed.sequence + place, listed.sequence + place + 1)
    segment = (folder / listed.segments[place].address).read_bytes()
    jpeg = poster.picture((folder / listed.segments[place].init).read_bytes(), segment, 3)
    light = next(bright for at, bright in wanted if at - wanted[0][0] >= 3 * MPEGTS_UNITS)
    with Image.open(io.BytesIO(jpeg)) as still:
        assert abs(ImageStat.Stat(still.convert("L")).mean[0] - (light - 16) * 255 / 219) <= 2


def encrypted(folder: Path, listed: conformance.Playlist, tmp_path: Path) -> None:
    """Encrypting samples keeps the length of each."""
    init = (folder / listed.segments[0].init).read_bytes()
    clear = [(folder / one.address).read_bytes() for one in listed.segments[:3]]
    hidden = [cenc.protect(one, cenc.coding(init), KEY) for one in clear]
    told = frames(cenc.protect_init(init, KEY) + b"".join(hidden), tmp_path, "-decryption_key", KEY.key.hex())
    assert told == frames(init + b"".join(clear), tmp_path)


def in_packets(snapshot: Snapshot, listed: conformance.Playlist, tmp_path: Path) -> None:
    """The transport stream has the same pictures at the same times, in packets that keep the standard."""
    held = list(snapshot.timeline.segments(listed.sequence, listed.end))
    first, last = held[0].start, held[-1].end

    async def taken() -> bytes:
        reader = Reader(Segments(house_store()))
        return b"".join([await reader.packets(snapshot, tick, LARGE) for tick in range(first - 1, last - 1)])

    data = asyncio.run(taken())
    packets = read(data)
    in_time(packets)
    units = packets.pes[mux.PICTURE_PID]
    wanted = pictures(snapshot, listed.sequence, listed.end)
    assert [unit.pts for unit in units] == [at % MPEGTS_WRAP for at, _ in wanted]
    assert all(unit.pts == unit.dts for unit in units)
    path = tmp_path / "taken.ts"
    path.write_bytes(data)
    frames, complaints = decode(str(path), "-map", "0:v", *EXACTLY)
    assert frames == len(wanted)
    assert [line for line in complaints.splitlines() if "start time for stream 4" not in line] == [], "4 is SCTE 35"


def as_a_clip(air: Air, snapshot: Snapshot, listed: conformance.Playlist) -> None:
    """What aired is cut out in the middle of a picture; the clip's pictures lie elsewhere, and each is there once.

    From tick 6 on frames lie just between those of the clip, and one edge was moved: without care that is lost.
    """
    held = snapshot.timeline.segments(listed.sequence, listed.end)
    whole = next(one for one in held if one.entry.asset_tick == one.number == 0 and one.entry.ticks == PROGRAMME)
    start, ticks = whole.start + 6, 10
    made = clips.request(air.system, air.silk, start, start + ticks)
    perform(Job.objects.get(name=clips.CLIP).pk)
    made.refresh_from_db()
    assert made.state == Asset.State.READY, made.reason
    track = Track.objects.get(asset=made, rung=SMALL)
    found = shown(house_store().read(track.init_sha256) + house_store().read(track.blob_sha256))
    own = splitting.samples(0, ticks, NTSC)
    assert [at for at, _ in found] == [one.start for one in own]
    first = splitting.frame_at(6, NTSC)
    later = {(round((bright - 16) / 2) - first - one.frame) % 50 for (_, bright), one in zip(found, own, strict=True)}
    assert later in ({0}, {1}), "in order, none lost and none twice"
