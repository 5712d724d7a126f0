"""Schedule and as-run as SMPTE ST 2021 messages (BXF), as traffic systems read them; timecodes at 25 frames/s."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from keshen.air.exchange.interchange import clean
from keshen.media.houseformat import FRAME_RATE, FRAMES_PER_TICK, datetime_at

NAMESPACE: Final = "http://smpte-ra.org/schemas/2021/2008/BXF"


@dataclass(frozen=True, slots=True)
class BxfEvent:
    """One event: `start` and `ticks` on the air, the asset by name and from which of its ticks, what it is called.

    `seen` says how an event of an as-run went: empty for a schedule's.
    """

    id: str
    start: int
    ticks: int
    asset: str
    asset_tick: int
    title: str
    hard: bool = False
    seen: str = ""


def timecode(frames: int) -> str:
    """Frames as hours, minutes, seconds and frames (ST 12-1), from 0 to a day."""
    seconds, rest = divmod(frames, FRAME_RATE)
    return f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{rest:02}"


def message(events: Iterable[BxfEvent], channel: str, at: datetime, zone: tzinfo, *, as_run: bool = False) -> bytes:
    """One BxfMessage with a schedule of `channel`, or with its as-run; `at` is when it was made, an aware time."""
    root = etree.Element(f"{{{NAMESPACE}}}BxfMessage", nsmap={None: NAMESPACE})
    for name, value in {
        "id": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{channel} {at.isoformat()}')}",
        "dateTime": at.isoformat(),
        "messageType": "Information",
        "origin": "Keshen",
        "originType": "Automation",
        "userName": "keshen",
        "destination": channel,
    }.items():
        root.set(name, value)
    data = _add(root, "BxfData", action="add")
    schedule = _add(data, "Schedule", action="add", type="AsRun" if as_run else "Primary")
    _add(
        _add(schedule, "Channel", channelNumber="0", type="digital_television", shortName=channel), "Name"
    ).text = channel
    held = sorted(events, key=lambda event: event.start)
    if held:
        schedule.set("scheduleStart", datetime_at(held[0].start).isoformat())
        schedule.set("scheduleEnd", datetime_at(held[-1].start + held[-1].ticks).isoformat())
    for event in held:
        _event(schedule, event, channel, zone, as_run)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return made


def _add(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)


def _event(parent: etree._Element, event: BxfEvent, channel: str, zone: tzinfo, as_run: bool) -> None:
    whole = _add(parent, "AsRun" if as_run else "ScheduledEvent")
    basic = _add(whole, "BasicAsRun") if as_run else whole
    data = basic if as_run else _add(whole, "EventData", eventType="Primary", action="add")
    if as_run:
        identity = _add(_add(data, "AsRunEventId"), "EventId")
    else:
        identity = _add(data, "EventId")
    _add(identity, "EventId").text = f"urn:uuid:{uuid5(NAMESPACE_URL, f'{channel} {event.id}')}"
    local = datetime_at(event.start).astimezone(zone)
    frames = (local.hour * 3600 + local.minute * 60 + local.second) * FRAME_RATE + local.microsecond // 40_000
    length = event.ticks * FRAMES_PER_TICK
    if as_run:
        detail = _add(data, "AsRunDetail")
        _add(detail, "Status").text = event.seen
        _add(detail, "Type").text = "Primary"
        _time(_add(detail, "StartDateTime"), local, frames)
        _add(_add(detail, "Duration"), "SmpteTimeCode").text = timecode(length)
    else:
        _time(_add(data, "StartDateTime"), local, frames)
        _add(_add(_add(data, "LengthOption"), "Duration"), "SmpteTimeCode").text = timecode(length)
        _add(data, "StartMode").text = "Fixed" if event.hard else "Follow"
        _add(data, "EndMode").text = "Duration"
    _add(data, "EventTitle").text = clean(event.title)
    content = _add(whole, "Content")
    _add(_add(content, "ContentId"), "HouseNumber").text = event.asset
    _add(content, "Name").text = clean(event.title)
    media = _add(_add(content, "Media"), "MediaLocation")
    _add(_add(media, "SOM"), "SmpteTimeCode").text = timecode(event.asset_tick * FRAMES_PER_TICK)
    _add(_add(media, "Duration"), "SmpteTimeCode").text = timecode(length)


def _time(parent: etree._Element, local: datetime, frames: int) -> None:
    _add(parent, "SmpteDateTime", broadcastDate=f"{local:%Y-%m-%d}", timeZone=f"{local:%z}")
    _add(parent[-1], "SmpteTimeCode").text = timecode(frames)
