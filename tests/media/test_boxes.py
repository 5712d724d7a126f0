import io

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keshen.media import boxes
from keshen.media import houseformat as hf
from tests.media.samples import Sample


def test_codecs_are_named(samples: list[Sample]) -> None:
    init = {rung: index.init for rung, (_, index) in samples[0].tracks.items()}
    assert boxes.codecs(init["v720"]) == "avc1.64001f"
    assert boxes.codecs(init["v360"]) == "avc1.4d401e"
    assert boxes.codecs(init["a"]) == "mp4a.40.2"


def test_the_segments_are_the_whole_media_blob(samples: list[Sample]) -> None:
    for sample in samples:
        for data, index in sample.tracks.values():
            at = 0
            for segment in index.segments:
                assert segment.offset == at
                at += segment.length
            assert index.end - index.start == at
            assert data[index.start + 4 : index.start + 8] == b"moof"
            assert index.bandwidth > 0


@pytest.mark.parametrize("rung", ["v720", "a"])
def test_restamp_changes_time_and_nothing_else(samples: list[Sample], rung: str) -> None:
    data, index = samples[0].tracks[rung]
    units = hf.AUDIO_UNITS if rung == "a" else hf.VIDEO_UNITS
    second = index.segments[1]
    segment = data[index.start + second.offset :][: second.length]
    tick = 5_700_000_123
    made = boxes.restamp(segment, tick, 0xFFFFFFFF, units)
    assert made == boxes.restamp(memoryview(segment), tick, 0xFFFFFFFF, units)
    assert boxes.restamp(made, second_tick(index), 3, units) == segment_with_sequence(segment, 3)
    again = boxes.restamp(made, tick + 1, 1, units)
    assert len(made) == len(segment)
    assert sum(a != b for a, b in zip(again, segment, strict=True)) <= 3 * (8 + 4)


def second_tick(index: boxes.Index) -> int:
    return index.segments[0].ticks


def segment_with_sequence(segment: bytes, first: int) -> bytes:
    made, at = bytearray(segment), segment.find(b"mfhd")
    while at >= 0:
        made[at + 8 : at + 12] = first.to_bytes(4)
        first, at = first + 1, segment.find(b"mfhd", at + 4)
    return bytes(made)


def test_adts_is_the_same_sound_a_chunk_a_tick(samples: list[Sample]) -> None:
    data, index = samples[0].tracks["a"]
    config = boxes.audio_config(index.init)
    chunks: list[bytes] = []
    for segment in index.segments:
        chunks += boxes.adts_ticks(data[index.start + segment.offset :][: segment.length], config)
    assert len(chunks) == samples[0].ticks
    with av.open(io.BytesIO(b"".join(chunks)), format="aac") as container:
        frames = list(container.decode(audio=0))
    assert (frames[0].sample_rate, frames[0].layout.name) == (48_000, "stereo")
    assert sum(frame.samples for frame in frames) == samples[0].ticks * hf.AUDIO_UNITS
    for chunk in chunks:
        assert chunk.count(b"\xff\xf1") >= hf.AAC_FRAMES_PER_TICK


@given(st.data())
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_damaged_bytes_are_refused_or_harmless(samples: list[Sample], data: st.DataObject) -> None:
    source, _ = samples[2].tracks["a"]
    end = data.draw(st.integers(0, len(source)))
    broken = bytearray(source[:end])
    for _ in range(data.draw(st.integers(0, 8))):
        if broken:
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    for look in (
        lambda: boxes.index(bytes(broken), hf.AUDIO_UNITS),
        lambda: boxes.restamp(bytes(broken), 1, 1, hf.AUDIO_UNITS),
        lambda: boxes.codecs(bytes(broken)),
        lambda: boxes.adts_ticks(bytes(broken), b"\x11\x90"),
    ):
        try:
            look()
        except boxes.FormatError:
            continue


def test_a_fragment_that_is_not_whole_ticks_is_refused(samples: list[Sample]) -> None:
    data, _ = samples[0].tracks["v720"]
    with pytest.raises(boxes.FormatError, match="whole ticks"):
        boxes.index(data, hf.VIDEO_UNITS + 1)
