"""IPTC 7901: SOH, a header line of source, number, priority, category and word count, STX, the text, ETX, the time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.body import Node, document
from keshen.newsroom.readers.incoming import Incoming, Unreadable
from keshen.newsroom.readers.plain import take_dateline
from keshen.newsroom.readers.restrictions import is_restriction, restrictions_in
from keshen.newsroom.readers.subjects import category
from keshen.newsroom.readers.teleprinter import ETX, SOH, STX, paragraphs, text_of

BEGINS = re.compile(r"[\x16\s]*(?:\x01[\s\x00]*[A-Za-z]{2,6}\s?\d{1,5} |ZCZC\s)")
_HEADER = re.compile(
    r"\s*(?P<source>[A-Za-z]{2,6})\s?(?P<number>\d{1,5})\s+(?P<priority>[1-9])\s+(?P<category>[A-Za-z]{1,3})\s+"
    r"(?P<count>\d{1,5})?\s*(?P<rest>.*)"
)
_TIME = re.compile(
    r"(?P<day>\d{2})(?P<hour>\d{2})(?P<minute>\d{2})\s*(?P<zone>GMT|UTC|Z|CET|CEST|MSK|[+-]\d{4})?\s*"
    r"(?P<month>[A-Za-z]{3})\s*(?P<year>\d{2,4})"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HOURS = {"CET": 1, "CEST": 2, "MSK": 3}
_NOTE = re.compile(
    r"^\W*(?:eds?|editors?|note to editors|ednote|атенция|внимание|редакторам|редакторларға)\s*[:!]", re.IGNORECASE
)
_HEADLINE_LINES = 4


@dataclass(frozen=True)
class _Message:
    header: str
    text: str
    trailer: str
    whole: bool


def read(data: bytes) -> list[Incoming | Unreadable]:
    """Every message of the transmission; one that was cut off, or has no header, costs no other. Raises Unreadable."""
    text, warnings = text_of(data)
    found = list(_messages(text))
    if not found:
        raise Unreadable(
            phrase("There is no IPTC 7901 message in it."), phrase("Each begins with SOH (or ZCZC) and ends with ETX.")
        )
    return [_story(message, warnings) for message in found]


def _messages(text: str) -> Iterator[_Message]:
    if SOH in text:
        for piece in text.split(SOH)[1:]:
            header, begun, rest = piece.partition(STX)
            body, ended, trailer = rest.partition(ETX)
            yield _Message(header, body, trailer, bool(begun and ended))
        return
    for piece in re.split(r"^ZCZC\s", text, flags=re.MULTILINE)[1:]:
        body, ended, trailer = piece.partition("NNNN")
        header, _newline, rest = body.partition("\n")
        yield _Message(header, rest, rest[-200:] + trailer, bool(ended))


def _story(message: _Message, warnings: tuple[str, ...]) -> Incoming | Unreadable:
    first, *others = [line.strip() for line in message.header.strip().splitlines()] or [""]
    found = _HEADER.match(first)
    if found is None:
        return Unreadable(
            phrase("The message's header “%(header)s” is not of IPTC 7901.", header=first[:60]),
            phrase("It has source and number, priority, category and word count: KZI0123 4 POL 250."),
        )
    name = f"{found['source']}{found['number']}"
    if not message.whole:
        return Unreadable(
            phrase("The message %(name)s was cut off.", name=name), phrase("Send it again whole, with STX and ETX.")
        )
    headline, rest = _headline(message.text.strip("\n").split("\n"))
    notes = [line.strip() for line in rest if _NOTE.match(line)]
    blocks = list(paragraphs(line for line in rest if not _NOTE.match(line)))
    blocks = [block for block in blocks if not _TIME.fullmatch(_words(block))]
    if not headline or not blocks:
        missing = phrase("body") if headline else phrase("headline")
        return Unreadable(
            phrase("The message %(name)s has no %(missing)s.", name=name, missing=missing),
            phrase("Send it with a %(missing)s.", missing=missing),
        )
    blocks, restrictions = restrictions_in(blocks)
    dateline, blocks = take_dateline(blocks)
    sent = _sent(message.trailer)
    slugs = [part for part in (found["rest"].strip(" /"), *(line.strip(" /") for line in others)) if part]
    stated = tuple(slug for slug in slugs if is_restriction(slug))
    topic = category(found["category"])
    return Incoming(
        headline=headline,
        body=document(blocks),
        format="iptc7901",
        # numbers begin again each day
        identifiers=(f"{name}-{sent.date().isoformat()}" if sent else name,),
        dateline=dateline,
        slugline=" / ".join(slug for slug in slugs if slug not in stated),
        source=found["source"],
        date=sent,
        urgency=int(found["priority"]),
        topics=(topic,) if topic else (),
        ednote="\n".join(notes),
        restrictions=(*stated, *restrictions),
        warnings=(*warnings, *_count(found["count"], blocks)),
    )


def _words(block: Node) -> str:
    return "".join(piece.get("text", "") for piece in block.get("content", []))


def _headline(lines: list[str]) -> tuple[str, list[str]]:
    """The headline: to the line that ends with `=`, else the first line; what follows it is the text."""
    while lines and not lines[0].strip():
        lines = lines[1:]
    for count in range(1, min(_HEADLINE_LINES, len(lines)) + 1):
        if lines[count - 1].rstrip().endswith("="):
            joined = " ".join(line.strip() for line in lines[:count])
            return joined.rstrip("= ").strip(), lines[count:]
    return (lines[0].strip(), lines[1:]) if lines else ("", [])


def _sent(trailer: str) -> datetime | None:
    found = _TIME.search(trailer)
    if found is None or found["month"].lower() not in _MONTHS:
        return None
    zone = found["zone"] or "GMT"
    if zone[0] in "+-":
        away = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
        offset = timezone(-away if zone[0] == "-" else away)
    else:
        offset = timezone(timedelta(hours=_HOURS[zone])) if zone in _HOURS else UTC
    year = int(found["year"]) if len(found["year"]) == 4 else 2000 + int(found["year"][-2:])
    try:
        month = _MONTHS.index(found["month"].lower()) + 1
        return datetime(year, month, int(found["day"]), int(found["hour"]), int(found["minute"]), tzinfo=offset)
    except ValueError:  # the 31st of February: the message is worth more than its date
        return None


def _count(said: str | None, blocks: list[Node]) -> tuple[str, ...]:
    """Far fewer words than the sender counted are a sign that some were lost."""
    have = sum(len(_words(block).split()) for block in blocks)
    if said and have * 2 < int(said):
        counted = phrase(
            "The sender counted %(said)d words; there are %(have)d: check that nothing is missing.",
            said=int(said),
            have=have,
        )
        return (sentence(counted),)
    return ()
