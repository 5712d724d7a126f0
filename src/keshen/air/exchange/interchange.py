"""Schedules as files: JSON, CSV, M3U and XMLTV, read and written. Problems name the line of the file they are in."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lxml import etree

from keshen.house.phrases import Phrase, as_phrase, phrase

FORMATS: Final = ("json", "csv", "m3u", "xmltv")
COLUMNS: Final = ("start", "asset", "in", "out", "hard", "title")
LARGEST: Final = 8 << 20
"""A file of more bytes is refused; a week of half-minute entries is a quarter of it."""
MOST_ROWS: Final = 20_000
ASSET: Final = "keshen-asset"


class Unreadable(ValueError):
    """The file cannot be taken; `problems` are (line of the file, what is wrong), at most a hundred."""

    def __init__(self, problems: Sequence[tuple[int, str | Phrase]]) -> None:
        super().__init__("; ".join(f"line {line}: {said}" for line, said in problems[:100]))
        self.problems: list[tuple[int, str | Phrase]] = list(problems[:100])


ENDINGS: Final = {"json": "json", "csv": "csv", "m3u": "m3u", "m3u8": "m3u", "xml": "xmltv", "xmltv": "xmltv"}


def form_of(name: str) -> str:
    """Which of FORMATS a file is in, by the ending of its name. Raises Unreadable for another ending."""
    ending = name.rpartition(".")[2].lower()
    if ending not in ENDINGS:
        raise Unreadable(
            [
                (
                    0,
                    phrase(
                        "%(name)s ends with none of %(known)s: choose its format", name=name, known=", ".join(ENDINGS)
                    ),
                )
            ]
        )
    return ENDINGS[ending]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a schedule: `asset` is a number or a URN, `first` and `last` are seconds of it.

    `start` is None where a row follows the one before it; `last` None means to the end. `line` is its place.
    """

    line: int
    start: datetime | None
    asset: str
    first: float = 0.0
    last: float | None = None
    hard: bool = False
    title: str = ""


def read(data: bytes, form: str) -> list[Row]:
    """The rows of a file in one of FORMATS. Raises Unreadable."""
    if len(data) > LARGEST:
        raise Unreadable(
            [(0, phrase("the file has %(size)d bytes; at most %(most)d are taken", size=len(data), most=LARGEST))]
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise Unreadable([(line, phrase("this is not UTF-8"))]) from problem
    readers = {"json": _json, "csv": _csv, "m3u": _m3u, "xmltv": _xmltv}
    if form not in readers:
        raise Unreadable([(0, phrase("%(name)s is none of %(known)s", name=form, known=", ".join(FORMATS)))])
    given = readers[form](text)
    if len(given) > MOST_ROWS:
        raise Unreadable(
            [(0, phrase("%(size)d rows; at most %(most)d are taken at once", size=len(given), most=MOST_ROWS))]
        )
    rows: list[Row] = []
    problems: list[tuple[int, str | Phrase]] = []
    for line, fields in given:
        try:
            rows.append(_row(line, fields))
        except (ValueError, TypeError, OverflowError) as problem:
            problems.append((line, as_phrase(problem)))
    if problems:
        raise Unreadable(problems)
    return rows


def _row(line: int, fields: dict[str, Any]) -> Row:
    start = None
    if fields.get("start"):
        start = _moment(str(fields["start"]))
    asset = str(fields.get("asset") or "").strip()
    if not asset:
        raise ValueError(phrase("asset is missing: its number or its URN"))
    last = fields.get("out")
    return Row(
        line,
        start,
        asset,
        _seconds(fields.get("in") or 0),
        None if last in (None, "") else _seconds(last),
        str(fields.get("hard") or "").strip().lower() in {"1", "true", "yes", "hard"},
        str(fields.get("title") or "").strip()[:300],
    )


def _moment(given: str) -> datetime:
    """An ISO time with its zone. Raises ValueError."""
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        example = "2026-11-23T14:05:00+05:00"
        raise ValueError(
            phrase("%(given)s is no time with a time zone: write %(example)s", given=given, example=example)
        )
    return found


def _seconds(given: Any) -> float:
    """Seconds, or hours, minutes and seconds with colons between."""
    total = 0.0
    try:
        for part in str(given).strip().split(":"):
            total = total * 60 + float(part)
    except ValueError:
        total = -1
    if not 0 <= total < 10**6:
        raise ValueError(phrase("%(given)s is not a length in seconds", given=str(given)))
    return total


def _json(text: str) -> list[tuple[int, dict[str, Any]]]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise Unreadable(
            [(getattr(problem, "lineno", 0), phrase("this is not JSON: %(why)s", why=str(problem)))]
        ) from problem
    lines = body.get("lines") if isinstance(body, dict) else body
    if not isinstance(lines, list) or not all(isinstance(row, dict) for row in lines):
        raise Unreadable([(1, phrase('a schedule is {"lines": [{"start": …, "asset": …}]}'))])
    return list(enumerate(lines, 1))


def _csv(text: str) -> list[tuple[int, dict[str, Any]]]:
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""))
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as problem:
        raise Unreadable([(0, phrase("this is not CSV: %(why)s", why=str(problem)))]) from problem
    if missing := {"start", "asset"} - set(reader.fieldnames or ()):
        said = phrase(
            "the first line names the columns %(columns)s; it lacks %(missing)s",
            columns=", ".join(COLUMNS), missing=", ".join(sorted(missing)),
        )  # fmt: skip
        raise Unreadable([(1, said)])
    return [(line, dict(row)) for line, row in rows]


def _m3u(text: str) -> list[tuple[int, dict[str, Any]]]:
    """`#EXTINF:seconds,title`, perhaps `#EXT-X-PROGRAM-DATE-TIME`, then the asset's number or URN."""
    found: list[tuple[int, dict[str, Any]]] = []
    fields: dict[str, Any] = {}
    for line, said in enumerate(text.splitlines(), 1):
        if match := re.fullmatch(r"#EXTINF:\s*(-?[\d.]+)[^,]*,?(.*)", said):
            fields |= {"title": match[2], "out": match[1] if float(match[1]) > 0 else ""}
        elif said.startswith("#EXT-X-PROGRAM-DATE-TIME:"):
            fields["start"] = said.partition(":")[2].strip()
        elif said.strip() and not said.startswith("#"):
            found.append((line, {**fields, "asset": said.strip().removeprefix("asset:")}))
            fields = {}
    return found


def _xmltv(text: str) -> list[tuple[int, dict[str, Any]]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as problem:
        raise Unreadable([(problem.lineno or 0, phrase("this is not XML: %(why)s", why=str(problem.msg)))]) from problem
    found = []
    for element in root.iter("programme"):
        asset = next((one.text for one in element.iter("episode-num") if one.get("system") == ASSET), None)
        stamp = element.get("start", "")
        match = re.fullmatch(r"(\d{14}) ([+-]\d{4})", stamp)
        start = datetime.strptime(stamp, "%Y%m%d%H%M%S %z").isoformat() if match else stamp
        found.append((element.sourceline or 0, {"start": start, "asset": asset, "title": element.findtext("title")}))
    return found


def write(rows: Iterable[Row], form: str, channel: str) -> bytes:
    """Rows as a file in one of FORMATS; `channel` is the service's slug. Raises ValueError for another format."""
    held = list(rows)
    if form == "json":
        body = {"service": channel, "lines": [_fields(row) for row in held]}
        return json.dumps(body, ensure_ascii=False, indent=1).encode()
    if form == "csv":
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(_fields(row) for row in held)
        return out.getvalue().encode()
    if form == "m3u":
        lines = ["#EXTM3U"]
        for row in held:
            lines.append(f"#EXTINF:{(row.last or 0) - row.first:.3f},{' '.join(row.title.split())}")
            if row.start:
                lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{row.start.isoformat(timespec='milliseconds')}")
            lines.append(row.asset)
        return ("\n".join(lines) + "\n").encode()
    if form == "xmltv":
        return _written_xmltv(held, channel)
    raise ValueError(f"{form} is none of {', '.join(FORMATS)}")


def _fields(row: Row) -> dict[str, Any]:
    start = row.start.isoformat(timespec="milliseconds") if row.start else ""
    asset = int(row.asset) if row.asset.isdigit() else row.asset
    out = None if row.last is None else round(row.last, 3)
    return {
        "start": start, "asset": asset, "in": round(row.first, 3), "out": out, "hard": row.hard, "title": row.title,
    }  # fmt: skip


def clean(text: str) -> str:
    """`text` without the characters XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))


def _written_xmltv(rows: Sequence[Row], channel: str) -> bytes:
    root = etree.Element("tv", {"generator-info-name": "Keshen"})
    etree.SubElement(etree.SubElement(root, "channel", {"id": channel}), "display-name").text = channel
    for row in rows:
        if row.start is None:
            continue
        stamp = row.start.strftime("%Y%m%d%H%M%S %z")
        element = etree.SubElement(root, "programme", {"start": stamp, "channel": channel})
        etree.SubElement(element, "title").text = clean(row.title) or channel
        etree.SubElement(element, "episode-num", {"system": ASSET}).text = row.asset
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return made
