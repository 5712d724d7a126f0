"""Reading what comes in: bytes become items, or an `Unreadable` that says why and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from keshen.language.detect import detect
from keshen.newsroom.body import paragraphs
from keshen.newsroom.readers import feed, ninjs, page, plain
from keshen.newsroom.readers.encoding import refuse_unfit
from keshen.newsroom.readers.incoming import Incoming, PictureReference, Unreadable
from keshen.rights.wording import parse

__all__ = ["Incoming", "PictureReference", "Unreadable", "read"]

Reader = Callable[[bytes], Sequence[Incoming | Unreadable]]

BY_ENDING: Mapping[str, Reader] = {
    ".txt": plain.read,
    ".md": page.read_markdown,
    ".markdown": page.read_markdown,
    ".html": page.read_html,
    ".htm": page.read_html,
    ".xhtml": page.read_html,
    ".rss": feed.read,
    ".atom": feed.read,
    ".xml": feed.read,
    ".json": ninjs.read,
    ".ninjs": ninjs.read,
}
BY_CONTENT: tuple[tuple[re.Pattern[bytes], Reader], ...] = (
    (re.compile(rb"\s*[\[{]\s*[\"\[{\]}]"), ninjs.read),
    (re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|rdf:RDF)\b", re.DOTALL), feed.read),
    (re.compile(rb"\s*<\?xml[^>]*>\s*<!DOCTYPE\s+(?!html)", re.IGNORECASE), feed.read),
    (
        re.compile(
            rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!DOCTYPE\s+html|html|head|body|article)\b",
            re.IGNORECASE | re.DOTALL,
        ),
        page.read_html,
    ),
)


def reader_of(data: bytes, filename: str) -> Reader:
    """What reads this: by what it begins with where that is sure, else by the file's ending, else plain text."""
    head = data[:4096].removeprefix(b"\xef\xbb\xbf")
    for pattern, reader in BY_CONTENT:
        if pattern.match(head):
            return reader
    return BY_ENDING.get(PurePath(filename).suffix.lower(), plain.read)


def read(data: bytes, filename: str, language: str | None = None) -> list[Incoming | Unreadable]:
    """The items of a file, each with its language: `language` when given, else told from its words, else its own.

    One that cannot be read stands in the list as `Unreadable`. Raises Unreadable when the whole file cannot be.
    """
    refuse_unfit(data)
    return [
        item if isinstance(item, Unreadable) else _with_language(_with_embargo(item), language)
        for item in reader_of(data, filename)(data)
    ]


def _with_embargo(item: Incoming) -> Incoming:
    """The item with the embargo that one of its restriction lines states, so that it is released when that ends."""
    stated = [embargo for line in item.restrictions if (embargo := parse(line).embargo)]
    return replace(item, embargo=max(stated)) if stated and item.embargo is None else item


def _with_language(item: Incoming, language: str | None) -> Incoming | Unreadable:
    told = detect("\n".join([item.headline, *paragraphs(item.body)]))
    if language:
        return replace(item, language=language)
    if not told and not item.language:
        return Unreadable(
            f"The language of “{item.headline[:80]}” cannot be told.", "Say it: keshen ingest --language kk FILE."
        )
    if item.language and told and item.language.split("-")[0] != told.split("-")[0]:
        said = f"The sender says the language is {item.language}; the words look like {told}."
        return replace(item, language=told, warnings=(*item.warnings, said))
    return replace(item, language=told or item.language)
