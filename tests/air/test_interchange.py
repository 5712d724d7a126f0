"""Schedules as files: what was written is read, what cannot stand is named by its line, BXF for other systems."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from keshen.air import actions, board
from keshen.air.exchange import bxf, exporting, interchange
from keshen.air.exchange.interchange import Row, Unreadable
from keshen.air.models import Line, Slot, Stock
from keshen.air.proof import alarms
from keshen.media.houseformat import TICKS_PER_HOUR, datetime_at
from keshen.media.models import Asset
from tests.air.house import NOON, Air

SOON = NOON + 400
titles = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=40).map(str.strip)
rows = st.lists(
    st.builds(
        Row,
        line=st.just(0),
        start=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(
            lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)
        ),
        asset=st.integers(1, 10**9).map(str),
        first=st.integers(0, 9000).map(lambda ms: ms / 100),
        last=st.integers(9000, 90000).map(lambda ms: ms / 100),
        hard=st.booleans(),
        title=titles,
    ),
    max_size=8,
)


@given(rows, st.sampled_from(["json", "csv"]))
@settings(deadline=None)
def test_what_was_written_is_read(given_: list[Row], form: str) -> None:
    found = interchange.read(interchange.write(given_, form, "tv"), form)
    assert [(r.start, r.asset, r.first, r.last, r.hard, r.title) for r in found] == [
        (r.start, r.asset, r.first, r.last, r.hard, r.title) for r in given_
    ]


@given(rows, st.sampled_from(["m3u", "xmltv"]))
@settings(deadline=None)
def test_m3u_and_xmltv_keep_times_and_assets(given_: list[Row], form: str) -> None:
    found = interchange.read(interchange.write(given_, form, "tv"), form)
    assert [row.asset for row in found] == [row.asset for row in given_]
    for row, was in zip(found, given_, strict=True):
        assert abs(row.start - was.start) < timedelta(seconds=1)


@given(st.binary(max_size=400), st.sampled_from(interchange.FORMATS))
@settings(deadline=None)
def test_anything_else_is_refused_with_a_line(data: bytes, form: str) -> None:
    try:
        interchange.read(data, form)
    except Unreadable as problem:
        assert problem.problems


def csv(*lines: str) -> bytes:
    return "\n".join(["start,asset,in,out,hard,title", *lines]).encode()


@pytest.fixture
def laid(air: Air) -> Air:
    actions.lay(air.system, air.tv)
    actions.plan(air.system, air.tv)
    return air


def at(tick: int) -> str:
    return datetime_at(tick).isoformat()


def test_a_day_is_imported_and_exported_again(laid: Air) -> None:
    clip = laid.make(188, "clip")
    rows = [f"{at(SOON)},{clip.pk},,,yes,", f"{at(SOON + 1000)},{clip.urn},3.84,30.72,,"]
    actions.import_lines(laid.operator, laid.tv, interchange.read(csv(*rows), "csv"))
    laid.check()
    assert [(line.start_tick, line.asset_tick, line.hard) for line in Line.objects.all()] == [
        (SOON, 0, True),
        (SOON + 1000, 12, False),
    ]
    for form in ("json", "csv", "xmltv"):
        back = interchange.read(exporting.export(laid.tv, form, SOON, SOON + 2000), form)
        assert (str(clip.pk), datetime_at(SOON).replace(microsecond=0)) in [
            (row.asset, row.start.replace(microsecond=0)) for row in back
        ]
    actions.undo(laid.operator, laid.tv)
    assert not Line.objects.exists(), "one import is one edit"
    actions.import_lines(
        laid.operator, laid.tv, interchange.read(f"{clip.pk}\n{clip.pk}\n".encode(), "m3u"), start=SOON
    )
    assert [line.start_tick for line in Line.objects.all()] == [SOON, SOON + 188]


def test_overlapping_rows_are_refused_and_named(laid: Air) -> None:
    clip = laid.make(188, "clip")
    given_ = csv(f"{at(SOON)},{clip.pk},,,,", f"{at(SOON + 900)},{clip.pk},,,,", f"{at(SOON + 100)},{clip.pk},,,,")
    with pytest.raises(Unreadable) as caught:
        actions.import_lines(laid.operator, laid.tv, interchange.read(given_, "csv"))
    assert [line for line, _said in caught.value.problems] == [4]
    assert "2" in caught.value.problems[0][1]
    missing = csv(f"{at(SOON)},987654321,,,,", f"{at(NOON)},{clip.pk},,,,")
    with pytest.raises(Unreadable) as caught:
        actions.import_lines(laid.operator, laid.tv, interchange.read(missing, "csv"))
    assert [line for line, _said in caught.value.problems] == [2]
    assert not Line.objects.exists()


def test_bxf_has_every_event_once_and_the_as_run_its_status(laid: Air) -> None:
    name = {"b": bxf.NAMESPACE}
    root = etree.fromstring(exporting.export(laid.tv, "bxf", NOON, NOON + 3000))
    events = root.findall(".//b:ScheduledEvent", name)
    assert len(events) == len(board.board(laid.tv, NOON, NOON + 3000)["parts"])
    laid.time.on(2000)
    seen = etree.fromstring(exporting.export(laid.tv, "as-run.bxf", NOON, NOON + 2000))
    assert seen.findall(".//b:AsRun", name)
    assert seen.findtext(".//b:Status", namespaces=name) == "Aired Without Discrepancy"
    assert bxf.timecode(25 * 3661 + 7) == "01:01:01:07"


def test_a_schedule_with_nothing_in_it_plays_fillers_and_says_so(air: Air) -> None:
    Stock.objects.filter(role=Stock.Role.PROGRAMME).delete()
    actions.lay(air.system, air.tv)
    actions.plan(air.system, air.tv)
    assert board.board(air.tv, NOON, NOON + 100)["empty"]
    clip = air.make(188, "clip")
    actions.insert(air.operator, air.tv, start=NOON + 2 * TICKS_PER_HOUR, asset=clip.pk)
    assert Slot.objects.filter(service=air.tv).exists()
    assert not board.board(air.tv, NOON, NOON + 100)["empty"]


def test_alarms_come_from_what_was_measured_of_what_is_on(laid: Air) -> None:
    clip = laid.make(480, "clip")
    Asset.objects.filter(pk=clip.pk).update(measured={"silence": [[100, 200]], "black": [[100, 103]], "freeze": []})
    actions.insert(laid.operator, laid.tv, start=SOON, asset=clip.pk)
    laid.time.on(SOON - NOON + 50)
    assert alarms.sounding(laid.tv) == []
    laid.time.on(51)
    assert alarms.sounding(laid.tv) == ["silence"], "three ticks of black are a cut, not an alarm"
    laid.time.on(100)
    assert alarms.sounding(laid.tv) == []
    laid.time.on(10 * TICKS_PER_HOUR)
    assert alarms.sounding(laid.tv) == ["no_air"]
