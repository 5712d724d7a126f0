"""The guide and the as-run: what the laid log says will be, is and was on the air, for people and for other programs.

XMLTV is written to its DTD (xmltv.dtd of the XMLTV project); channel lists are extended M3U with the attributes
IPTV players read (`tvg-id`, `catchup`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from lxml import etree

from keshen.air.timeline import Entry, Span, Timeline, is_replaced
from keshen.media.houseformat import datetime_at

GENERATOR: Final = "Keshen"
CATCHUP_HOURS: Final = 24
"""How far back the guide offers to watch again."""
NAMED: Final = frozenset({"bulletin-item", "programme"})
"""The kinds of entries a guide names."""
SUBSTITUTED: Final = "substituted"
"""The kind of a programme that is not shown to this audience."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A service as the guide names it. `id` is its slug; addresses are absolute."""

    id: str
    names: Mapping[str, str]
    radio: bool
    page: str
    picture: str
    stream: str


@dataclass(frozen=True, slots=True)
class Item:
    """One story or clip inside a programme. `entry` is the laid entry that plays it."""

    entry: int
    start: int
    ticks: int
    kind: str
    titles: Mapping[str, str]
    story: str


@dataclass(frozen=True, slots=True)
class Programme:
    """One line of the guide, `start` to `end` in ticks; `laid` says whether it is settled or still planned."""

    start: int
    end: int
    kind: str
    titles: Mapping[str, str]
    items: tuple[Item, ...] = ()
    laid: bool = True


@dataclass(frozen=True, slots=True)
class AsRun:
    """What was seen: one entry's part of an interval, `start` to `end` in ticks; `substituted` when the standby was.

    `withdrawn` is the tick the entry was taken down at, while on the air or since; None when it may be given.
    """

    entry: Entry
    start: int
    end: int
    withdrawn: int | None = None
    substituted: bool = False


def programmes(
    entries: Sequence[Entry],
    planned: Iterable[Programme] = (),
    withdrawn: Mapping[int, int] | None = None,
    instead: Mapping[int, Mapping[str, str]] | None = None,
) -> list[Programme]:
    """The guide: entries of one slot are one programme; `planned` follows where the laid log ends.

    What was withdrawn is not named. `instead` maps entries that are not shown here to what is said of them: a programme
    of nothing else is of the kind SUBSTITUTED.
    """
    gone, other = withdrawn or {}, instead or {}
    found = []
    for _, run in groupby(entries, key=lambda entry: (entry.slot, entry.programme)):
        held = list(run)
        items = tuple(
            Item(entry.id, entry.start, entry.ticks, entry.kind, entry.titles, entry.story)
            for entry in held
            if entry.kind in NAMED and entry.id not in gone and entry.id not in other
        )
        kind, titles = held[0].programme, held[0].slot_titles
        matter = [entry for entry in held if entry.kind in NAMED] or held
        if other and all(entry.id in other for entry in matter):
            kind, titles = SUBSTITUTED, other[matter[0].id]
        if any(entry.id in gone and entry.titles == titles for entry in held):
            titles = {}  # what is left of a story after a break-in lends its slot its own name
        found.append(Programme(held[0].start, held[-1].end, kind, titles, items))
    settled = found[-1].end if found else 0
    for programme in planned:
        if programme.end > settled:
            start = max(programme.start, settled)
            found.append(Programme(start, programme.end, programme.kind, programme.titles, programme.items, laid=False))
    return found


def as_run(
    timeline: Timeline, start: int, end: int, withheld: Mapping[int, Sequence[Span]] | None = None
) -> list[AsRun]:
    """Every tick of the interval that lies on the timeline, once and in order, with what was seen.

    An entry that was withheld while it was on is parted where the substitute came and went.
    """
    found = []
    for entry in timeline.between(start, end):
        spans = (withheld or {}).get(entry.id, ())
        taken = min((since for since, until in spans if until is None), default=None)
        for first, last, substituted in _shown(timeline, entry, spans):
            if first < end and last > start:
                found.append(AsRun(entry, max(first, start), min(last, end), taken, substituted))
    return found


def _shown(timeline: Timeline, entry: Entry, spans: Sequence[Span]) -> list[tuple[int, int, bool]]:
    """The parts of an entry, with whether the substitute was seen: start, end, substituted."""
    if not spans:
        return [(entry.start, entry.end, False)]
    found: list[tuple[int, int, bool]] = []
    for segment in timeline.segments(entry.sequence, entry.sequence + entry.segments):
        substituted = any(is_replaced(segment, span) for span in spans)
        if found and found[-1][2] == substituted:
            found[-1] = (found[-1][0], segment.end, substituted)
        else:
            found.append((segment.start, segment.end, substituted))
    return found


def moved(line: Programme, ticks: int) -> Programme:
    """A line as a variant that follows `ticks` later has it."""
    items = tuple(replace(item, start=item.start + ticks) for item in line.items)
    return replace(line, start=line.start + ticks, end=line.end + ticks, items=items)


def _stamp(tick: int) -> str:
    return f"{datetime_at(tick):%Y%m%d%H%M%S} +0000"


def _texts(parent: etree._Element, tag: str, texts: Mapping[str, str]) -> None:
    for language, text in texts.items():
        if text:
            etree.SubElement(parent, tag, {"lang": language}).text = _clean(text)


def _clean(text: str) -> str:
    """`text` without the control characters XML 1.0 (2.2) has no way to write."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))


def described(items: Sequence[Item]) -> dict[str, str]:
    """What the items are called, a line each, by language."""
    lines: dict[str, list[str]] = {}
    for item in items:
        for language, title in item.titles.items():
            if item.kind == "bulletin-item" and title and title not in lines.setdefault(language, []):
                lines[language].append(title)
    return {language: "\n".join(found) for language, found in lines.items() if found}


def entry_mark(entry: int) -> str:
    """How an entry is named in the guide, so that it can be found there by program."""
    return f"entry-{entry}."


def xmltv(channels: Iterable[tuple[Channel, Sequence[Programme]]]) -> bytes:
    """The guide of some channels as XMLTV; each programme names the entries and stories of its items."""
    root = etree.Element("tv", {"generator-info-name": GENERATOR})
    held = list(channels)
    for channel, _ in held:
        element = etree.SubElement(root, "channel", {"id": channel.id})
        _texts(element, "display-name", channel.names or {"en": channel.id})
        etree.SubElement(element, "icon", {"src": channel.picture})
        etree.SubElement(element, "url").text = channel.page
    for channel, lines in held:
        for line in lines:
            _programme(root, channel, line)
    document = etree.ElementTree(root)
    made: bytes = etree.tostring(
        document, xml_declaration=True, encoding="UTF-8", doctype='<!DOCTYPE tv SYSTEM "xmltv.dtd">'
    )
    return made


def _programme(root: etree._Element, channel: Channel, line: Programme) -> None:
    element = etree.SubElement(
        root, "programme", {"start": _stamp(line.start), "stop": _stamp(line.end), "channel": channel.id}
    )
    _texts(element, "title", line.titles or {"en": channel.id})
    _texts(element, "desc", described(line.items))
    if line.kind:
        etree.SubElement(element, "category", {"lang": "en"}).text = line.kind
    if line.laid:
        etree.SubElement(
            element, "url"
        ).text = f"{channel.page}{_joint(channel.page)}from={_unix(line.start)}&to={_unix(line.end)}"
    for item in line.items:
        etree.SubElement(element, "episode-num", {"system": "keshen-entry"}).text = entry_mark(item.entry)
        if item.story:
            etree.SubElement(element, "episode-num", {"system": "urn"}).text = item.story


def _joint(address: str) -> str:
    """What parts an address from a query that is added to it."""
    return "&" if "?" in address else "?"


def _unix(tick: int) -> int:
    return int(datetime_at(tick).timestamp())


@dataclass(frozen=True, slots=True)
class Listing:
    """A channel in the M3U list; `group` is what players file it under."""

    channel: Channel
    name: str
    group: str
    languages: tuple[str, ...] = field(default=())


def m3u(listings: Iterable[Listing], guide: str) -> str:
    """The channel list, with the guide's address and how to watch again (`utc` and `utcend` are Unix seconds)."""
    lines = [f'#EXTM3U x-tvg-url="{guide}" url-tvg="{guide}"']
    for listing in listings:
        channel = listing.channel
        attributes = {
            "tvg-id": channel.id,
            "tvg-name": listing.name,
            "tvg-logo": channel.picture,
            "tvg-language": ";".join(listing.languages),
            "group-title": listing.group,
            "catchup": "default",
            "catchup-days": str(max(1, CATCHUP_HOURS // 24)),
            "catchup-source": f"{channel.stream}{_joint(channel.stream)}from={{utc}}&to={{utcend}}",
        }
        if channel.radio:
            attributes["radio"] = "true"
        written = " ".join(f'{name}="{_attribute(value)}"' for name, value in attributes.items() if value)
        lines += [f"#EXTINF:-1 {written},{_attribute(listing.name)}", channel.stream]
    return "\n".join(lines) + "\n"


def _attribute(text: str) -> str:
    return " ".join(text.replace('"', "'").split())
