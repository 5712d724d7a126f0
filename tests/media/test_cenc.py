"""Common encryption: ffmpeg reads back what was encrypted, whatever the track, and nothing but samples is hidden."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from keshen.media import boxes, cenc, houseformat
from keshen.media.ffmpeg import binary
from keshen.media.samples import samples as read_samples
from tests.media.samples import Sample

KEY = cenc.Key(bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48)))
RUNGS = ("v720", "v360", "a")


def segments(sample: Sample, rung: str) -> list[bytes]:
    """The segments of a track as they air."""
    data, index = sample.tracks[rung]
    units = houseformat.AUDIO_UNITS if rung == "a" else houseformat.VIDEO_UNITS
    made, tick = [], 5_700_000_000
    for number, one in enumerate(index.segments):
        raw = data[index.start + one.offset :][: one.length]
        made.append(bytes(boxes.restamp(raw, tick, 3 * number + 1, units)))
        tick += one.ticks
    return made


def frames(data: bytes, folder: Path, *options: str) -> list[str]:
    """What ffmpeg decodes: each frame's time and checksum."""
    (folder / "track.mp4").write_bytes(data)
    ended = subprocess.run(
        [binary(), "-nostdin", "-v", "error", "-xerror", *options, "-i", str(folder / "track.mp4"), "-f", "framehash",
         "-hash", "adler32", "-"],
        capture_output=True, text=True, timeout=1200, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
    return [line for line in ended.stdout.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("rung", RUNGS)
def test_ffmpeg_decrypts_to_the_same_frames(samples: list[Sample], rung: str, tmp_path: Path) -> None:
    init = samples[0].tracks[rung][1].init
    clear = segments(samples[0], rung)
    how = cenc.coding(init)
    hidden = [cenc.protect(one, how, KEY) for one in clear]
    assert hidden == [cenc.protect(memoryview(one), how, KEY) for one in clear], "equal arguments give equal bytes"
    seen = frames(init + b"".join(clear), tmp_path)
    told = frames(cenc.protect_init(init, KEY) + b"".join(hidden), tmp_path, "-decryption_key", KEY.key.hex())
    assert told == seen
    assert len(seen) == samples[0].ticks * (
        houseformat.AAC_FRAMES_PER_TICK if rung == "a" else houseformat.FRAMES_PER_TICK
    )


@pytest.mark.parametrize("rung", RUNGS)
def test_a_tenth_of_the_picture_and_all_of_the_sound_is_hidden(samples: list[Sample], rung: str) -> None:
    init = samples[0].tracks[rung][1].init
    for clear in segments(samples[0], rung):
        hidden = cenc.protect(clear, cenc.coding(init), KEY)
        before, after = read_samples(clear), read_samples(hidden)
        assert [(one.size, one.time, one.sync) for one in before] == [(one.size, one.time, one.sync) for one in after]
        same = total = 0
        for one, other in zip(before, after, strict=True):
            was, now = clear[one.offset :][: one.size], hidden[other.offset :][: other.size]
            same += sum(a == b for a, b in zip(was, now, strict=True))
            total += one.size
        if rung == "a":
            assert same < total * 0.1, "only what is shorter than a block stays"
        else:
            assert 0.85 * total < same < 0.97 * total
            assert b"senc" in hidden
            assert len(hidden) - len(clear) < 6 * 1024


def test_the_init_segment_names_the_key_and_stays_a_file(samples: list[Sample]) -> None:
    for rung in RUNGS:
        init = samples[0].tracks[rung][1].init
        made = cenc.protect_init(init, KEY)
        assert made.count(KEY.id) == 2, "in tenc and in pssh"
        assert KEY.key not in made
        assert [kind for kind, _, _ in boxes.boxes(made, 0, len(made))] == [b"ftyp", b"moov"]
        assert made == cenc.protect_init(memoryview(init), KEY)


def test_a_key_is_not_printed() -> None:
    assert KEY.key.hex() not in f"{KEY} {KEY!r}"
    assert repr(KEY.key) not in repr(KEY)


@pytest.mark.parametrize("data", [b"", b"\0" * 7, b"\0\0\0\x08moov", b"\0\0\0\x10moof\0\0\0\x08traf"])
def test_what_is_no_segment_is_refused(data: bytes) -> None:
    with pytest.raises(boxes.FormatError):
        cenc.protect_init(data, KEY)


def test_a_cut_off_picture_is_refused(samples: list[Sample]) -> None:
    init = samples[0].tracks["v360"][1].init
    clear = bytearray(segments(samples[0], "v360")[0])
    first = read_samples(clear)[0]
    clear[first.offset : first.offset + 4] = b"\x7f\xff\xff\xff"
    with pytest.raises(boxes.FormatError, match="unit"):
        cenc.protect(clear, cenc.coding(init), KEY)
