"""The timeline, the playlists, the template and the guide, over any schedule hypothesis can think of."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from keshen.air import guide
from keshen.air.scheduling import template
from keshen.air.timeline import FREEZE_TICKS, Entry, Timeline, TimelineError, count, horizon
from keshen.air.ways_out import hls
from keshen.media.houseformat import TARGET_DURATION, TICK_MS, cut, tick_at

START = tick_at(datetime(2026, 3, 1, 12, tzinfo=UTC))
ZONE = ZoneInfo("Asia/Almaty")


def lay(lengths: list[int], *, start: int = START, sequence: int = 0, breaks: set[int] = frozenset()) -> list[Entry]:
    """Entries of some lengths, one after the other."""
    made, discontinuity = [], 0
    for place, ticks in enumerate(lengths):
        discontinuity += place in breaks
        made.append(
            Entry(
                id=place + 1, start=start, ticks=ticks, asset=place, kind="programme", sequence=sequence,
                discontinuity=discontinuity, breaks=place in breaks, slot=start, programme="p",
                titles={"kk": f"т{place}"}, slot_titles={"kk": f"т{place}"},
            )
        )  # fmt: skip
        start += ticks
        sequence += count(ticks)
    return made


lengths = st.lists(st.integers(3, 400), min_size=1, max_size=30)


@given(st.integers(3, 100_000))
def test_count_is_the_length_of_the_cut_list(ticks: int) -> None:
    assert count(ticks) == len(cut(ticks))


@given(lengths, st.integers(-50, 3000))
def test_every_tick_has_one_state_and_one_segment(laid: list[int], offset: int) -> None:
    timeline = Timeline(lay(laid))
    tick = START + offset
    state, segment = timeline.at(tick), timeline.segment_at(tick)
    if not timeline.start <= tick < timeline.end:
        assert state is None
        assert segment is None
        return
    assert state is not None
    assert segment is not None
    assert state.entry.start <= tick < state.entry.end
    assert state.offset + state.left == state.entry.ticks
    assert segment.start <= tick < segment.end
    assert segment == timeline.segment(segment.sequence)
    assert segment.ticks <= 14


@given(lengths)
def test_segments_cover_the_log_without_gap_or_overlap(laid: list[int]) -> None:
    timeline = Timeline(lay(laid, sequence=7))
    segments = list(timeline.segments(7, 1 << 40))
    clock = START
    for place, segment in enumerate(segments):
        assert segment.start == clock
        assert segment.sequence == 7 + place
        clock = segment.end
    assert clock == timeline.end


def test_entries_that_do_not_meet_are_no_timeline() -> None:
    one, two = lay([12, 12])
    with pytest.raises(TimelineError, match="ends at"):
        Timeline([one, Entry(2, two.start + 1, 12, 0, "programme", sequence=1)])
    with pytest.raises(TimelineError, match="counts from"):
        Timeline([one, Entry(2, two.start, 12, 0, "programme", sequence=5)])


@given(lengths, st.integers(0, 3000))
def test_the_cut_point_is_a_boundary_at_or_beyond(laid: list[int], offset: int) -> None:
    timeline = Timeline(lay(laid))
    wanted = START + offset
    at = timeline.cut_point(wanted)
    assert at >= wanted
    if wanted < timeline.end:
        assert at - wanted < 14
        held = timeline.segment_at(at)
        assert at == timeline.end or (held is not None and held.start == at)


class Parsed:
    """A media playlist read by a reader that shares nothing with the writer."""

    def __init__(self, text: str) -> None:
        self.sequence = self.discontinuities = -1
        self.segments: list[tuple[str, float, int, bool]] = []
        breaks, duration = 0, 0.0
        lines = text.splitlines()
        assert lines[0] == "#EXTM3U"
        gap = False
        for line in lines:
            if line.startswith("#EXT-X-MEDIA-SEQUENCE:"):
                self.sequence = int(line.partition(":")[2])
            elif line.startswith("#EXT-X-DISCONTINUITY-SEQUENCE:"):
                self.discontinuities = int(line.partition(":")[2])
            elif line.startswith("#EXT-X-TARGETDURATION:"):
                self.target = int(line.partition(":")[2])
            elif line == "#EXT-X-DISCONTINUITY":
                breaks += 1
            elif line == "#EXT-X-GAP":
                gap = True
            elif line.startswith("#EXTINF:"):
                duration = float(line.partition(":")[2].rstrip(","))
            elif not line.startswith("#"):
                self.segments.append((line, duration, self.discontinuities + breaks, gap))
                gap = False

    @property
    def end(self) -> int:
        return self.sequence + len(self.segments)

    def numbered(self) -> dict[int, tuple[str, float, int]]:
        return {self.sequence + place: segment[:3] for place, segment in enumerate(self.segments)}


def assert_legal_update(before: Parsed, after: Parsed) -> None:
    """RFC 8216bis, 6.2.1: only append at the end, only remove in order at the start, never change what stays."""
    assert after.target == before.target == TARGET_DURATION
    assert after.sequence >= before.sequence
    assert after.end >= before.end
    old, new = before.numbered(), after.numbered()
    for sequence in old.keys() & new.keys():
        assert old[sequence] == new[sequence]
    assert all(round(duration) <= TARGET_DURATION for _, duration, _, _ in after.segments)


@given(
    st.lists(st.integers(3, 400), min_size=5, max_size=30),
    st.sets(st.integers(1, 29)),
    st.integers(0, 1500),
    st.integers(0, 600),
)
def test_a_later_playlist_is_a_legal_update(laid: list[int], breaks: set[int], first: int, later: int) -> None:
    entries = lay([*laid, 2200], breaks=breaks)
    timeline = Timeline(entries)
    inits = {entry.asset: f"init-{entry.discontinuity}.mp4" for entry in entries}
    one = hls.Playlists(timeline, "m4s", inits).live(START + first)
    two = hls.Playlists(timeline, "m4s", inits).live(START + first + later)
    captions = hls.Playlists(timeline, "vtt", {}).live(START + first)
    if one is None:
        assert captions is None
        return
    assert two is not None
    assert captions is not None
    before, after, words = Parsed(one), Parsed(two), Parsed(captions)
    assert_legal_update(before, after)
    assert [(segment[1], segment[2]) for segment in before.segments] == [(s[1], s[2]) for s in words.segments]
    assert words.sequence == before.sequence
    listed = sum(duration for _, duration, _, _ in before.segments) * 1000 / TICK_MS
    assert listed >= min(94, first - 14)


@given(st.lists(st.integers(3, 200), min_size=10, max_size=30), st.integers(0, 800), lengths, st.integers(0, 500))
def test_edits_at_the_horizon_keep_playlists_legal(laid: list[int], at: int, fresh: list[int], later: int) -> None:
    """Whatever replaces the log from the first boundary at or beyond the freeze, no player sees a change."""
    old = Timeline(lay(laid))
    now = START + at
    cut_at = old.cut_point(horizon(now))
    if cut_at > old.end:
        return  # nothing is laid that far
    kept = [entry for entry in old.entries if entry.start < cut_at]
    if cut_at < old.end and kept[-1].end > cut_at:
        last = kept.pop()
        kept.append(Entry(last.id, last.start, cut_at - last.start, last.asset, last.kind, sequence=last.sequence))
    sequence = kept[-1].sequence + kept[-1].segments
    replaced = [
        Entry(entry.id + 1000, entry.start, entry.ticks, 99, "filler", sequence=entry.sequence)
        for entry in lay(fresh, start=cut_at, sequence=sequence)
    ]
    new = Timeline([*kept, *replaced])
    one, two = hls.Playlists(old, "m4s", {}).live(now), hls.Playlists(new, "m4s", {}).live(now + later)
    if one is not None and two is not None:
        assert_legal_update(Parsed(one), Parsed(two))
    frozen_before = list(old.between(now, now + FREEZE_TICKS))
    frozen_after = list(new.between(now, now + FREEZE_TICKS))
    assert [entry.id for entry in frozen_before] == [entry.id for entry in frozen_after]


def test_what_is_withdrawn_leaves_a_gap_behind_and_the_substitute_ahead() -> None:
    entries = lay([60, 60, 60])
    timeline = Timeline(entries)
    inits = {entry.asset: "init-a.mp4" for entry in entries}
    killed_at = START + 96  # the second entry has aired for three segments
    before = hls.Playlists(timeline, "m4s", inits).live(killed_at)
    after = hls.Playlists(timeline, "m4s", inits, withheld={2: [(killed_at, None)]}, substitute_init="init-a.mp4")
    now, later = after.live(killed_at), after.live(killed_at + 36)
    assert before is not None
    assert now is not None
    assert later is not None
    assert_legal_update(Parsed(before), Parsed(now))
    assert_legal_update(Parsed(now), Parsed(later))
    lines = {name: gap for name, _, _, gap in Parsed(later).segments}
    assert lines["e2-1.m4s"], "listed before the kill: still named, but a gap"
    assert "s2-3.m4s" in lines
    assert not lines["s2-3.m4s"]
    assert "e2-3.m4s" not in lines
    past = after.past(START, START + 180, START + 500)
    assert past is not None
    assert "e2-" not in past, "catch-up shows the substitute from the start of what was withdrawn"
    assert "e1-0.m4s" in past
    assert "s2-0.m4s" in past


@given(st.integers(0, 10**17), st.integers(0, 10**8), st.booleans())
def test_segment_names_are_read_back(entry: int, number: int, substitute: bool) -> None:
    segment = next(iter(Timeline([Entry(entry, 0, 12, 0, "programme")]).segments(0, 1)))
    name = hls.segment_name(segment, "m4s", substitute=substitute)
    assert hls.parse_segment_name(name) == (entry, 0, "m4s", substitute)
    assert hls.parse_segment_name(f"e{entry}-{number}") is None


@pytest.mark.parametrize(
    "name", ["", "e1", "e-1.m4s", "e1-.m4s", "x1-1.m4s", "e١-1.m4s", "e1-1/../x", "e" + "9" * 40 + "-1.m4s"]
)
def test_what_is_no_segment_name_is_refused(name: str) -> None:
    assert hls.parse_segment_name(name) is None


BODY = {
    "bulletin": {"every": 10, "items": 3, "title": {"kk": "Жаңалықтар"}},
    "blocks": [
        {"at": "06:00", "title": {"kk": "Таң"}, "programmes": "day"},
        {"at": "18:30", "days": ["mon", "sun"], "title": {"kk": "Кеш"}, "programmes": "night"},
    ],
}
clips = st.lists(
    st.builds(template.Clip, st.integers(10, 99), st.integers(3, 900), key=st.sampled_from(["day", "night"])),
    max_size=5,
)
shelves = st.builds(
    template.Shelf, standby=st.just(1), programmes=clips, fillers=clips, idents=clips.map(lambda c: c[:2]), closes=clips
)


@settings(max_examples=60)
@given(shelves, clips, st.integers(0, 2_000_000), st.integers(1, 6000))
def test_a_template_resolves_to_the_tick(
    shelf: template.Shelf, items: list[template.Clip], offset: int, length: int
) -> None:
    read = template.parse(BODY)
    start = START + offset
    placed = template.resolve(read, shelf, lambda at: items, start, start + length, ZONE)
    clock = start
    for entry in placed:
        assert entry.start == clock
        assert entry.ticks >= 3
        assert entry.slot <= entry.start
        clock = entry.end
    assert clock >= start + length
    for entry in placed:
        if entry.kind == "bulletin-item":
            assert entry.slot % 1875 == 0, "bulletins begin on the dot"
    hard = [entry.start for entry in placed]
    for at in range(-(-(start + 3) // 1875) * 1875, start + length, 1875):
        assert at in hard, "something begins at every hard start"


@settings(max_examples=60)
@given(shelves, st.integers(0, 5000))
def test_fillers_fill_exactly(shelf: template.Shelf, ticks: int) -> None:
    if 0 < ticks < 3:
        with pytest.raises(ValueError, match="cannot be filled"):
            template.fill(ticks, shelf)
        return
    found = template.fill(ticks, shelf)
    assert sum(clip.ticks for clip in found) == ticks
    assert all(clip.ticks >= 3 for clip in found)


@settings(max_examples=40)
@given(shelves, st.integers(0, 500_000))
def test_resolving_goes_on_where_it_stopped(shelf: template.Shelf, offset: int) -> None:
    """Two steps give what one step gives: laying hour by hour cannot differ from the plan of the day."""
    read = template.parse(BODY)
    start = START + offset
    whole = template.resolve(read, shelf, lambda at: (), start, start + 9000, ZONE)
    half = template.resolve(read, shelf, lambda at: (), start, start + 4000, ZONE)
    rest = template.resolve(read, shelf, lambda at: (), half[-1].end, start + 9000, ZONE)
    assert half + rest == whole


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"blocks": []},
        {"blocks": [{"at": "25:00", "title": {}}]},
        {"blocks": [{"at": "06:00"}]},
        {"blocks": [{"at": "06:00", "title": {}, "days": ["someday"]}]},
        {"bulletin": {"every": 7, "items": 1, "title": {}}, "blocks": [{"at": "06:00", "title": {}}]},
    ],
)
def test_a_template_that_cannot_be_read_says_so(body: dict[str, object]) -> None:
    with pytest.raises(template.TemplateError):
        template.parse(body)


@settings(max_examples=40, deadline=None)
@given(shelves, clips, st.integers(0, 100_000))
def test_the_guide_equals_the_as_run_where_nothing_changed(
    shelf: template.Shelf, items: list[template.Clip], offset: int
) -> None:
    read = template.parse(BODY)
    start = START + offset
    placed = template.resolve(read, shelf, lambda at: items, start, start + 5000, ZONE)
    entries, sequence = [], 0
    for place, one in enumerate(placed):
        entries.append(
            Entry(
                place + 1, one.start, one.ticks, one.asset, one.kind, sequence=sequence, slot=one.slot,
                programme=one.key, titles=one.titles, slot_titles=one.slot_titles,
            )
        )  # fmt: skip
        sequence += entries[-1].segments
    timeline = Timeline(entries)
    lines = guide.programmes(timeline.entries)
    seen = guide.as_run(timeline, timeline.start, timeline.end)
    assert lines[0].start == timeline.start
    assert lines[-1].end == timeline.end
    for before, after in pairwise(lines):
        assert before.end == after.start
    clock = timeline.start
    for part in seen:
        assert part.start == clock
        clock = part.end
        line = next(line for line in lines if line.start <= part.start < line.end)
        assert part.end <= line.end
        assert part.entry.slot_titles == line.titles
    assert clock == timeline.end


def channel(slug: str = "jibek-joly") -> guide.Channel:
    base = f"https://house.example/air/{slug}"
    return guide.Channel(slug, {"kk": "Жібек жолы", "en": "Jibek Joly"}, False, base, f"{base}/poster.jpg", f"{base}/i")


def test_a_slot_that_was_named_after_what_is_withdrawn_has_no_name() -> None:
    name = {"kk": "Ақбөкен даласы"}
    left, after, whole = (
        replace(entry, slot=entry.start, programme="line", titles=name, slot_titles=name) for entry in lay([30, 40, 30])
    )
    bulletin = replace(whole, programme="news", slot_titles={"kk": "Жаңалықтар"})
    shown = guide.programmes([left, after, bulletin], withdrawn={left.id: START, bulletin.id: START})
    assert [line.titles for line in shown] == [{}, name, {"kk": "Жаңалықтар"}]


def test_xmltv_is_valid_against_its_dtd_and_names_the_items() -> None:
    entries = lay([30, 40, 30])
    news = [
        Entry(
            entry.id, entry.start, entry.ticks, entry.asset, "bulletin-item", sequence=entry.sequence, slot=START,
            programme="news", story="urn:newsml:x:20260101:story-1", titles={"kk": "Ақбөкен <&> \x01 даласы"},
            slot_titles={"kk": "Жаңалықтар"},
        )
        for entry in entries
    ]  # fmt: skip
    planned = [guide.Programme(START + 90, START + 500, "block", {"kk": "Таң"})]
    made = guide.xmltv([(channel(), guide.programmes(news, planned, {2: START}))])
    tree = etree.fromstring(made, etree.XMLParser(resolve_entities=False, load_dtd=False))
    programme = tree.findall("programme")
    assert len(programme) == 2
    assert programme[1].get("start") == programme[0].get("stop"), "the plan begins where the laid log ends"
    assert "Ақбөкен <&>  даласы" in (programme[0].findtext("desc") or "")
    text = made.decode()
    assert guide.entry_mark(1) in text
    assert guide.entry_mark(2) not in text, "a withdrawn item is not named"
    standards = Path(os.environ.get("KESHEN_STANDARDS", Path(__file__).parents[3] / "shared" / "standards"))
    if not (dtd := standards / "xmltv" / "xmltv.dtd").exists():
        pytest.skip(f"the XMLTV DTD is not at {dtd}")
    checker = etree.DTD(io.BytesIO(dtd.read_bytes()))
    assert checker.validate(tree), checker.error_log


def test_the_channel_list_tells_players_the_guide_and_how_to_catch_up() -> None:
    text = guide.m3u([guide.Listing(channel(), 'Жібек "жолы"', "TV", ("kk",))], "https://house.example/air/epg.xml")
    assert text.startswith('#EXTM3U x-tvg-url="https://house.example/air/epg.xml"')
    assert 'catchup-source="https://house.example/air/jibek-joly/i?from={utc}&to={utcend}"' in text
    assert text.count('"') % 2 == 0
    assert len(text.splitlines()) == 3
