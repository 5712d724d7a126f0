"""The rules of time: the checker finds what breaks them, and nothing the house can do to a log breaks one."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keshen.air import guide
from keshen.air.proof import conformance
from keshen.air.proof.conformance import Rule
from keshen.air.timeline import BREATH_TICKS, FREEZE_TICKS, Entry, Span, Timeline, horizon, shortened
from keshen.air.ways_out import hls
from keshen.media.houseformat import TICK_MS, cut
from tests.air.test_pure import START, lay

GOOD = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:2
#EXT-X-MAP:URI="init-a.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:00.000Z
#EXTINF:3.840,
e1-0.m4s
#EXTINF:4.480,
e1-1.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-b.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:08.320Z
#EXTINF:3.840,
e2-0.m4s
"""
LATER = GOOD + "#EXTINF:0.960,\ne2-1.m4s\n"
NOW = 1772366400_000 + 12_160


def rules(faults: list[conformance.Fault]) -> set[Rule]:
    return {fault.rule for fault in faults}


def test_the_checker_shares_no_code_with_the_writer() -> None:
    tree = ast.parse(Path(conformance.__file__).read_text())
    taken = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    taken += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert not [name for name in taken if name and name.startswith("keshen")]


def test_a_good_playlist_and_its_good_update_have_no_fault() -> None:
    good, later = conformance.read(GOOD), conformance.read(LATER)
    assert not conformance.judge(good, NOW)
    assert not conformance.judge(later)
    assert not conformance.judge_update(good, later)
    assert not conformance.judge_update(good, good)
    assert not conformance.judge_renditions({"a": later, "b": later})
    assert [one.discontinuity for one in later.segments] == [2, 2, 3, 3]
    removed = LATER.replace("SEQUENCE:7", "SEQUENCE:8").replace(
        "12:00:00.000Z\n#EXTINF:3.840,\ne1-0.m4s", "12:00:03.840Z"
    )
    assert not conformance.judge_update(later, conformance.read(removed))


@pytest.mark.parametrize(
    ("text", "with_", "rule"),
    [
        ("e1-1.m4s", "e1-9.m4s", Rule.ADDRESS),
        ("#EXTINF:4.480,", "#EXTINF:4.160,", Rule.ADDRESS),
        ("#EXT-X-TARGETDURATION:4", "#EXT-X-TARGETDURATION:5", Rule.TARGET),
        ("SEQUENCE:7", "SEQUENCE:6", Rule.SEQUENCE),
        ("#EXT-X-DISCONTINUITY\n", "", Rule.DISCONTINUITY),
        ("DISCONTINUITY-SEQUENCE:2", "DISCONTINUITY-SEQUENCE:1", Rule.DISCONTINUITY),
        ("12:00:00.000Z", "12:00:00.320Z", Rule.CLOCK),
        ('URI="init-b.mp4"', 'URI="init-c.mp4"', Rule.INIT),
        ("#EXTINF:3.840,\ne2-0.m4s\n", "", Rule.APPEND),
    ],
)
def test_an_update_that_changes_what_was_listed_is_found(text: str, with_: str, rule: Rule) -> None:
    assert text in GOOD
    assert rule in rules(conformance.judge_update(conformance.read(GOOD), conformance.read(GOOD.replace(text, with_))))


@pytest.mark.parametrize(
    ("text", "with_", "rule"),
    [
        ("#EXTINF:4.480,", "#EXTINF:4.500,", Rule.LENGTH),
        ("e1-1.m4s", "e1-0.m4s", Rule.ADDRESS),
        ("12:00:08.320Z", "12:00:08.640Z", Rule.CLOCK),
        ("#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:00.000Z\n", "", Rule.CLOCK),
        ('#EXT-X-MAP:URI="init-a.mp4"\n', "", Rule.INIT),
        ("#EXTINF:3.840,\ne2-0.m4s\n", "", Rule.WINDOW),
    ],
)
def test_a_playlist_that_is_wrong_in_itself_is_found(text: str, with_: str, rule: Rule) -> None:
    assert rule in rules(conformance.judge(conformance.read(GOOD.replace(text, with_))))


def test_a_playlist_that_is_late_or_early_is_found() -> None:
    assert rules(conformance.judge(conformance.read(GOOD), NOW + 7600)) == {Rule.FRESH}
    assert rules(conformance.judge(conformance.read(GOOD), NOW - 1700)) == {Rule.EARLY}


def test_a_gap_may_come_but_not_go() -> None:
    gap = conformance.read(GOOD.replace("#EXTINF:4.480", "#EXT-X-GAP\n#EXTINF:4.480"))
    assert not conformance.judge_update(conformance.read(GOOD), gap)
    assert rules(conformance.judge_update(gap, conformance.read(GOOD))) == {Rule.ADDRESS}


def test_what_was_closed_does_not_go_on_and_time_does_not_leap_back() -> None:
    closed = conformance.read(GOOD + "#EXT-X-ENDLIST\n")
    assert rules(conformance.judge_update(closed, conformance.read(LATER))) == {Rule.APPEND}
    far = conformance.read(GOOD.replace("SEQUENCE:7", "SEQUENCE:70"))
    assert rules(conformance.judge_update(conformance.read(GOOD), far)) == {Rule.CLOCK}


def test_renditions_that_part_are_found() -> None:
    good, later = conformance.read(GOOD), conformance.read(LATER)
    assert rules(conformance.judge_renditions({"a": good, "b": later})) == {Rule.RENDITIONS}
    other = conformance.read(GOOD.replace("#EXTINF:4.480,", "#EXTINF:4.160,"))
    assert rules(conformance.judge_renditions({"a": good, "b": good, "c": other})) == {Rule.RENDITIONS}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>502</html>",
        GOOD.replace("#EXT-X-TARGETDURATION:4\n", ""),
        GOOD.replace("3.840", "three"),
        GOOD.replace("2026-03-01T12:00:00.000Z", "noon"),
        GOOD.replace("#EXTINF:4.480,\n", ""),
        GOOD + "#EXTINF:3.840,\n",
        GOOD + "#EXT-X-MEDIA-SEQUENCE:9\n",
        GOOD.replace("SEQUENCE:7", "SEQUENCE:-7"),
    ],
)
def test_what_is_no_playlist_is_refused(text: str) -> None:
    with pytest.raises(conformance.Unreadable):
        conformance.read(text)


# What the house may do to a log, and when.


@dataclass
class House:
    """A log and everything that was ever done to it: each state with the tick from which nodes may know it.

    What nodes hear of is in `known`. Where nothing was laid ahead, up to `sudden`, all hear of it at once.
    """

    entries: list[Entry]
    withheld: dict[int, tuple[Span, ...]]
    known: list[tuple[int, list[Entry], dict[int, tuple[Span, ...]]]]
    next_id: int = 10_000
    sudden: int = 0

    def commit(self, tick: int) -> None:
        self.known.append((tick, list(self.entries), dict(self.withheld)))

    def edit(self, now: int, lengths: list[int], breaks: bool) -> None:
        """Take out what is not frozen and lay something else."""
        at = Timeline(self.entries).cut_point(horizon(now))
        kept = [entry for entry in self.entries if entry.start < at]
        if kept[-1].end > at:
            last = kept[-1]
            cuts = shortened(last.cuts, at - last.start) if last.cuts is not None else None
            kept[-1] = replace(last, ticks=at - last.start, cuts=cuts)
        for ticks in lengths:
            last = kept[-1]
            self.next_id += 1
            entry = Entry(
                self.next_id, last.end, ticks, self.next_id, "programme", last.sequence + last.segments,
                last.discontinuity + breaks, breaks, cuts=tuple(reversed(cut(ticks))) if ticks % 5 == 0 else None,
            )  # fmt: skip
            kept.append(entry)
        unlaid = self.entries[-1].end < horizon(now)
        self.entries = kept
        self.commit(now)
        if unlaid:
            self.sudden = len(self.known)

    def off_air(self, now: int) -> None:
        """The log had run out: the time since is one entry."""
        last = self.entries[-1]
        if last.end < now - 3:
            self.next_id += 1
            sequence = last.sequence + last.segments
            entry = Entry(self.next_id, last.end, now - last.end, 1, "standby", sequence, last.discontinuity)
            self.entries = [*self.entries, entry]
            self.commit(now)
            self.sudden = len(self.known)

    def withhold(self, now: int) -> None:
        """Take down what is on, or give it again."""
        state = Timeline(self.entries).at(now)
        if state is None:
            return
        spans = self.withheld.get(state.entry.id, ())
        if spans and spans[-1][1] is None:
            spans = (*spans[:-1], (spans[-1][0], now))
        else:
            spans = (*spans, (now, None))
        self.withheld[state.entry.id] = spans
        self.commit(now)

    def playlist(self, tick: int, stale: int = 0, deaf: int = 0, captions: bool = False) -> str | None:
        """What a node answers at a tick that heard of edits `stale` ticks late, and of withdrawals `deaf` ticks."""
        entries = [
            entries
            for place, (at, entries, _withheld) in enumerate(self.known)
            if at <= tick - stale or (place < self.sudden and at <= tick)
        ][-1]
        withheld = [withheld for at, _entries, withheld in self.known if at <= tick - deaf][-1]
        timeline = Timeline(entries)
        inits = {} if captions else {entry.asset: f"init-{entry.discontinuity}.mp4" for entry in entries}
        suffix = "vtt" if captions else "m4s"
        return hls.Playlists(timeline, suffix, inits, withheld=withheld, substitute_init="init-0.mp4").live(tick)


lengths = st.lists(st.integers(3, 300), min_size=1, max_size=12)
steps = st.lists(
    st.tuples(st.integers(1, 150), st.sampled_from(["edit", "cut in", "withhold", "off air"]), lengths), max_size=12
)


def house(first: list[int], done: list[tuple[int, str, list[int]]]) -> tuple[House, int]:
    """A house after some steps, and the tick it is then."""
    made = House(lay([40, *first, 400]), {}, [])
    made.commit(START - 1000)
    now = START + 130
    for ticks, kind, fresh in done:
        now += ticks
        made.off_air(now)
        if kind == "off air":
            now = max(now, made.entries[-1].end + 40)
            made.off_air(now)
        elif kind == "withhold":
            made.withhold(now)
        else:
            made.edit(now, [*fresh, 300], breaks=kind == "cut in")
    return made, now


@settings(max_examples=150, deadline=None)
@given(lengths, steps, st.data())
def test_whatever_is_done_to_a_log_a_later_playlist_is_a_legal_update(
    first: list[int], done: list[tuple[int, str, list[int]]], data: st.DataObject
) -> None:
    """Two ticks t1 <= t2, each asked of any node: it hears of edits before they air, of withdrawals within a breath."""
    made, _now = house(first, done)
    near = st.builds(
        int.__add__,
        st.sampled_from([max(at, START + 110) for at, _entries, _withheld in made.known]),
        st.integers(0, 90),
    )
    ticks = sorted(data.draw(st.lists(near, min_size=2, max_size=8)))
    read = []
    for tick in ticks:
        stale, deaf = data.draw(st.tuples(st.integers(0, FREEZE_TICKS - 1), st.integers(0, BREATH_TICKS)))
        text = made.playlist(tick, stale, deaf)
        words = made.playlist(tick, stale, deaf, captions=True)
        assert (text is None) == (words is None)
        if text is None or words is None:
            continue
        playlist = conformance.read(text)
        faults = conformance.judge(playlist)
        assert not faults, text
        assert playlist.length >= 30_000
        assert not conformance.judge_renditions({"picture": playlist, "words": conformance.read(words)})
        read.append(playlist)
    for place, before in enumerate(read):
        for after in read[place + 1 :]:
            assert not conformance.judge_update(before, after)


few_short = st.lists(st.integers(3, 6), max_size=5)
mixed = st.lists(st.builds(lambda short, long: [*short, long], few_short, st.integers(30, 90)), min_size=1, max_size=5)


@settings(max_examples=200, deadline=None)
@given(mixed, st.integers(0, 250), st.integers(1, 4))
def test_nodes_a_second_apart_differ_by_a_segment_at_each_end(laid: list[list[int]], offset: int, apart: int) -> None:
    """However short the segments; only nine and more of a second each in a row could make it two."""
    timeline = Timeline(lay([150, *chain.from_iterable(laid), 300]))
    inits = {entry.asset: "init-a.mp4" for entry in timeline.entries}
    tick = START + 140 + offset
    one = conformance.read(hls.Playlists(timeline, "m4s", inits).live(tick) or "")
    two = conformance.read(hls.Playlists(timeline, "m4s", inits).live(tick + apart) or "")
    assert 0 <= two.end - one.end <= 1
    assert 0 <= two.sequence - one.sequence <= 1
    assert not conformance.judge_update(one, two)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(3, 200), min_size=3, max_size=20), st.lists(st.integers(0, 30), min_size=3, max_size=30))
def test_a_node_answers_the_same_whatever_it_was_asked_before(laid: list[int], asked: list[int]) -> None:
    timeline = Timeline(lay([150, *laid, 1900]))
    inits = {entry.asset: "init-a.mp4" for entry in timeline.entries}
    old = hls.Playlists(timeline, "m4s", inits)
    tick = START + 140
    for step in asked:
        tick += step
        assert old.live(tick) == hls.Playlists(timeline, "m4s", inits).live(tick)
        assert tick < old.until


@settings(max_examples=60, deadline=None)
@given(lengths, steps)
def test_the_as_run_says_of_each_segment_what_playlists_listed(
    first: list[int], done: list[tuple[int, str, list[int]]]
) -> None:
    made, now = house(first, done)
    timeline = Timeline(made.entries)
    seen = guide.as_run(timeline, timeline.start, timeline.end, made.withheld)
    clock = timeline.start
    for part in seen:
        assert part.start == clock
        clock = part.end
    assert clock == timeline.end
    text = made.playlist(now)
    for one in conformance.read(text).segments if text else ():
        tick = (one.at or 0) // TICK_MS
        part = next(part for part in seen if part.start <= tick < part.end)
        if part.substituted and part.entry.discontinuity == 0:
            assert one.address.startswith("s")
        elif not part.substituted:
            assert one.address.startswith("e")


def test_what_ends_within_a_breath_of_a_withdrawal_keeps_the_address_others_may_have_told() -> None:
    entries = lay([60, 60])
    timeline, inits = Timeline(entries), {entry.asset: "init-a.mp4" for entry in entries}
    since = START + 72 - BREATH_TICKS
    heard = hls.Playlists(timeline, "m4s", inits, withheld={2: [(since, since + 20)]}, substitute_init="init-a.mp4")
    listed = {one.address: one.gap for one in conformance.read(heard.live(START + 110) or "").segments}
    assert listed["e2-0.m4s"]
    assert not listed["s2-1.m4s"]
    assert "s2-2.m4s" not in listed
