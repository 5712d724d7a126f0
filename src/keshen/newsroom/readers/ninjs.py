"""ninjs 1.x, 2.x and 3.x: one item, a list of items, or a feed of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from keshen.newsroom.body import Node, document, paragraph
from keshen.newsroom.readers.encoding import decode
from keshen.newsroom.readers.incoming import Incoming, PictureReference, Unreadable
from keshen.newsroom.readers.markup import Markup, read_markup
from keshen.newsroom.readers.plain import take_dateline

MEDIA_TOPIC = re.compile(r"(?:medtop:|mediatopic/)(\d{8})$")
MAX_DEPTH_ERRORS = (RecursionError, json.JSONDecodeError)


def read(data: bytes) -> list[Incoming | Unreadable]:
    """Every item of the document; one that cannot be read costs no other. Raises Unreadable."""
    decoded = decode(data)
    try:
        parsed = json.loads(decoded.text)
    except MAX_DEPTH_ERRORS as error:
        raise Unreadable(f"The JSON is not well formed: {error}.", "Send it again whole.") from error
    items = parsed.get("items") if isinstance(parsed, dict) and isinstance(parsed.get("items"), list) else parsed
    listed = items if isinstance(items, list) else [items]
    if not listed:
        raise Unreadable("The document has no items.", "Send at least one ninjs item.")
    return [_item(item, decoded.warnings) for item in listed]


def _item(item: object, warnings: tuple[str, ...]) -> Incoming | Unreadable:
    if not isinstance(item, dict):
        return Unreadable("An item is not an object.", "Each ninjs item is a JSON object with a uri.")
    try:
        return _read_item(item, list(warnings))
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        name = str(item.get("uri", ""))[:200]
        return Unreadable(f"The item {name} is not ninjs: {error}.", "Check it against the ninjs schema.")


def _read_item(item: Mapping[str, Any], warnings: list[str]) -> Incoming | Unreadable:
    kind = str(item.get("type", "text"))
    if kind not in ("text", "composite"):
        return Unreadable(f"A ninjs item of type {kind} is no text.", "Send the text; it may name its pictures.")
    headline = _headline(item)
    markup = _body(item)
    if not headline or not markup.blocks:
        missing = "headline" if not headline else "body"
        return Unreadable(f"The item {item.get('uri', '')} has no {missing}.", f"Send it with a {missing}.")
    status = str(item.get("pubstatus", "usable"))
    if status != "usable":
        warnings.append(f"The sender marked it “{status}”.")
    dateline, blocks = take_dateline(markup.blocks)
    return Incoming(
        headline=headline,
        standfirst=_first(item, "descriptions", "description_text", "description", "value", role="summary"),
        body=document(blocks),
        format="ninjs",
        language=str(item.get("language", "")),
        byline=_line(item.get("byline") or item.get("by")),
        dateline=_line(item.get("dateline") or item.get("located")) or dateline,
        slugline=_line(item.get("slugline")),
        source=_source(item),
        date=_moment(item.get("versioncreated") or item.get("versionCreated")),
        urgency=_urgency(item.get("urgency")),
        topics=tuple(_topics(item)),
        keywords=tuple(str(word) for word in item.get("keywords", []) if isinstance(word, str)),
        ednote=_line(item.get("ednote") or item.get("edNote")),
        restrictions=tuple(_restrictions(item)),
        embargo=_moment(item.get("embargoed")),
        identifiers=tuple(value for value in (str(item.get("uri", "")),) if value),
        pictures=tuple(_pictures(item)) + tuple(markup.pictures),
        warnings=(*warnings, *markup.warnings),
    )


def _headline(item: Mapping[str, Any]) -> str:
    return _first(item, "headlines", "headline", "headline", "value") or _line(item.get("title"))


def _first(item: Mapping[str, Any], plural: str, singular: str, fallback: str, key: str, role: str = "") -> str:
    """ninjs 1.x has one text in `singular`; later versions a list of objects in `plural`, perhaps with roles."""
    entries = [entry for entry in item.get(plural) or [] if isinstance(entry, dict)]
    chosen = next((entry for entry in entries if not role or entry.get("role") == role), None)
    return _line(chosen.get(key)) if chosen else _line(item.get(singular) or item.get(fallback))


def _body(item: Mapping[str, Any]) -> Markup:
    bodies = [entry for entry in item.get("bodies") or [] if isinstance(entry, dict)]
    for entry in bodies:
        if "html" in str(entry.get("contentType", entry.get("contenttype", ""))):
            return read_markup(str(entry.get("value", "")))
    if bodies:
        return Markup(blocks=_plain(str(bodies[0].get("value", ""))))
    for key in ("body_xhtml", "body_html"):
        if item.get(key):
            return read_markup(str(item[key]))
    return Markup(blocks=_plain(str(item.get("body_text") or "")))


def _plain(text: str) -> list[Node]:
    return [paragraph(line.strip()) for line in re.split(r"\n+", text) if line.strip()]


def _line(value: object) -> str:
    return re.sub(r"\s+", " ", str(value)).strip() if isinstance(value, str | int | float) else ""


def _sources(item: Mapping[str, Any]) -> list[Any]:
    """The name of this property differs between ninjs 1, 2 and 3."""
    return item.get("infoSources") or item.get("infosources") or item.get("infosource") or []


def _source(item: Mapping[str, Any]) -> str:
    providers = [entry for entry in _sources(item) if isinstance(entry, dict)]
    return _line(providers[0].get("name")) if providers else _line(item.get("copyrightholder"))


def _urgency(value: object) -> int:
    return int(value) if isinstance(value, int) and 1 <= value <= 9 else 0


def _topics(item: Mapping[str, Any]) -> list[str]:
    subjects = item.get("subjects") or item.get("subject") or []
    found = []
    for subject in subjects:
        if isinstance(subject, dict):
            for name in (subject.get("uri"), subject.get("literal"), subject.get("code")):
                match = MEDIA_TOPIC.search(str(name or ""))
                if match:
                    found.append(f"medtop:{match[1]}")
                    break
    return list(dict.fromkeys(found))


def _restrictions(item: Mapping[str, Any]) -> list[str]:
    rights = item.get("rightsInfo") or item.get("rightsinfo") or {}
    terms = [item.get("usageterms"), item.get("usageTerms")]
    if isinstance(rights, dict):
        terms.append(rights.get("usageterms") or rights.get("usageTerms"))
    return list(dict.fromkeys(_line(term) for term in terms if _line(term)))


def _pictures(item: Mapping[str, Any]) -> list[PictureReference]:
    associations = item.get("associations") or {}
    listed = associations.values() if isinstance(associations, dict) else associations
    found = []
    for other in listed:
        if not isinstance(other, dict) or other.get("type") != "picture":
            continue
        renditions = other.get("renditions") or {}
        choices = list(renditions.values()) if isinstance(renditions, dict) else list(renditions)
        hrefs = [str(choice["href"]) for choice in choices if isinstance(choice, dict) and choice.get("href")]
        if hrefs:
            found.append(PictureReference(hrefs[0], caption=_headline(other)))
    return found


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:  # a date no calendar has: the item is worth more than its date
        return None
    return moment if moment.tzinfo else None
