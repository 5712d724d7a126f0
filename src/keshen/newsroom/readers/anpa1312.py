"""ANPA 1312: SOH, service and number, selector, priority, category and keyword; STX, the text, ETX, the time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from keshen.house.phrases import phrase
from keshen.newsroom.body import block_text, document, paragraph
from keshen.newsroom.readers.incoming import Incoming, Unreadable
from keshen.newsroom.readers.plain import take_dateline
from keshen.newsroom.readers.restrictions import is_restriction, restrictions_in
from keshen.newsroom.readers.subjects import category
from keshen.newsroom.readers.teleprinter import ETX, SOH, STX, text_of

BEGINS = re.compile(r"[\x16\s]*\x01[a-z]\d{4}\x1f", re.IGNORECASE)
_HEADER = re.compile(r"(?P<service>[A-Za-z])(?P<number>\d{4})\x1f(?P<selector>[\w-]*)")
_SECOND = re.compile(
    r"(?P<priority>[a-z])\s+(?P<category>[a-z])\s+(?P<keyword>\S+)(?P<take>.*?)"
    r"(?:\s+(?P<month>\d{1,2})-(?P<day>\d{1,2}))?(?:\s+(?P<count>\d{1,5}))?\s*$",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"(?:(?P<source>[a-z]{2,4})-(?P<bureau>[a-z]{2,4})-)?(?P<month>\d{2})-(?P<day>\d{2})-(?P<year>\d{2})\s+(?P<hour>\d{2})"
    r"(?P<minute>\d{2})\s*(?P<zone>GMT|UTC|E[SD]T)",
    re.IGNORECASE,
)
_KEYWORD_LINE = re.compile(r"^[A-Z]{2}-{1,2}\S")
_BYLINE = re.compile(r"^by\s+(.+)$", re.IGNORECASE)
_NOTE = re.compile(r"^(?:eds?|editors?|editor's note)\s*[:_.!]\s*(.+)$", re.IGNORECASE)
_QUOTES = ((" _ ", " — "), ("``", "“"), ("''", "”"))
_ZONES: Mapping[str, str] = {"GMT": "+00:00", "UTC": "+00:00", "EST": "-05:00", "EDT": "-04:00"}

PRIORITIES: Mapping[str, int] = {"f": 1, "b": 2, "u": 3, "r": 4, "d": 6, "s": 7, "x": 8}
"""Flash, bulletin, urgent, regular, deferred, special, test: as IPTC's urgency."""


def read(data: bytes) -> list[Incoming | Unreadable]:
    """Every message of the transmission; one that was cut off costs no other. Raises Unreadable."""
    text, warnings = text_of(data)
    found = text.split(SOH)[1:]
    if not found:
        raise Unreadable(phrase("There is no ANPA 1312 message in it."), phrase("Each begins with SYN SYN SOH."))
    return [_story(piece, warnings) for piece in found]


def _story(piece: str, warnings: tuple[str, ...]) -> Incoming | Unreadable:
    header, begun, rest = piece.partition(STX)
    body, ended, trailer = rest.partition(ETX)
    first = _HEADER.match(header)
    if first is None:
        return Unreadable(
            phrase("The header “%(header)s” is not of ANPA 1312.", header=_printable(header)[:60]),
            phrase("It begins with the service's letter and a number."),
        )
    name = f"{first['service']}{first['number']}"
    if not (begun and ended):
        return Unreadable(
            phrase("The message %(name)s was cut off.", name=name), phrase("Send it again whole, with STX and ETX.")
        )
    second = _SECOND.match(_printable(header[first.end() :]))
    top, lines = _parts(body)
    heads = [line for line in top if not _KEYWORD_LINE.match(line)]
    slugs = [line for line in top if _KEYWORD_LINE.match(line)]
    notes = [found[1] for line in heads if (found := _NOTE.match(line))]
    bylines = [found[1] for line in heads if (found := _BYLINE.match(line))]
    terms = tuple(line for line in heads if is_restriction(line))
    plain = [line for line in heads if not (_NOTE.match(line) or _BYLINE.match(line) or line in terms)]
    headline = plain[0] if plain else ""
    blocks = [paragraph(line) for line in lines]
    if not headline or not blocks:
        missing = phrase("body") if headline else phrase("headline")
        return Unreadable(
            phrase("The message %(name)s has no %(missing)s.", name=name, missing=missing),
            phrase("Send it with a %(missing)s.", missing=missing),
        )
    blocks, restrictions = restrictions_in(blocks)
    dateline, blocks = take_dateline(blocks)
    notes += [block_text(block) for block in blocks if _NOTE.match(block_text(block))]
    blocks = [block for block in blocks if not _NOTE.match(block_text(block))]
    sent, source = _sent(trailer)
    keyword = second["keyword"] if second else ""
    topic = category(second["category"]) if second else ""
    return Incoming(
        headline=headline,
        body=document(blocks),
        format="anpa1312",
        identifiers=(f"{source or 'anpa'}-{name}" + (f"-{sent.date().isoformat()}" if sent else ""),),
        byline="; ".join(bylines),
        dateline=dateline,
        slugline=slugs[0].split(",")[0].rstrip(",") if slugs else keyword,
        source=source,
        date=sent,
        urgency=PRIORITIES.get(second["priority"].lower(), 0) if second else 0,
        topics=(topic,) if topic else (),
        keywords=(keyword,) if keyword else (),
        signals=tuple(part.strip() for part in (second["take"].split(",") if second else ()) if part.strip()),
        ednote="\n".join(notes),
        restrictions=(*terms, *restrictions),
        warnings=warnings,
    )


def _printable(text: str) -> str:
    """The header without its codes, which part its fields."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()


def _parts(body: str) -> tuple[list[str], list[str]]:
    """The lines above the story (`^headline<`) and its paragraphs, which begin with a tab, joined where wrapped."""
    top: list[str] = []
    paragraphs: list[str] = []
    for raw in body.split("\n"):
        line = _typed(raw.strip(" <^=\x08\t")).strip()
        if not line:
            continue
        if raw.startswith("^") and not paragraphs:
            top.append(line)
        elif raw.startswith(("\t", "  ", "^")) or not paragraphs:
            paragraphs.append(line)
        else:
            paragraphs[-1] = f"{paragraphs[-1]} {line}"
    return top, paragraphs


def _typed(line: str) -> str:
    """Typographers' characters for what a wire's alphabet had not."""
    for sent, meant in _QUOTES:
        line = line.replace(sent, meant)
    return line


def _sent(trailer: str) -> tuple[datetime | None, str]:
    found = _TRAILER.search(trailer)
    if found is None:
        return None, ""
    text = f"20{found['year']}-{found['month']}-{found['day']}T{found['hour']}:{found['minute']}:00"
    try:
        moment = datetime.fromisoformat(text + _ZONES[found["zone"].upper()])
    except ValueError:  # the 31st of February: the message is worth more than its date
        return None, (found["source"] or "").upper()
    return moment.astimezone(UTC), (found["source"] or "").upper()
