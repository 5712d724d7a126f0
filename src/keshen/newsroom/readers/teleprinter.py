"""The wires' text formats from before XML share their characters: frames of control codes, lines wrapped by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from keshen.newsroom.body import Node, paragraph
from keshen.newsroom.readers.encoding import decode

SYN, SOH, STX, ETX, EOT = "\x16", "\x01", "\x02", "\x03", "\x04"
_CONTROL = bytes(code for code in range(32) if code not in (1, 2, 3, 4, 8, 9, 10, 12, 13, 30, 31))
_END_OF_SENTENCE = re.compile(r"[.!?…:;»”\")]$")


def text_of(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The characters of a transmission, its framing codes among them, and what is to be said about the encoding.

    Raises Unreadable when no encoding fits.
    """
    # the frame is not text, and would make a short message look like a binary file
    stripped = data.translate(None, _CONTROL + bytes(range(1, 5)) + b"\x1e\x1f\x08")
    decoded = decode(stripped)
    name = "utf-8" if decoded.encoding == "utf-8-sig" else decoded.encoding
    text = data.translate(None, _CONTROL).decode(name, "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n"), decoded.warnings


def paragraphs(lines: Iterable[str]) -> Iterator[Node]:
    """Paragraphs of lines that were wrapped at the width of a printer.

    One begins at an indented line or after a blank one; where nothing is indented or blank, after a line that ends a
    sentence well before the width.
    """
    listed = [line.rstrip() for line in lines]
    width = max((len(line) for line in listed), default=0)
    marked = any(not line.strip() for line in listed[1:-1]) or any(line[:1] in (" ", "\t") for line in listed[1:])
    current: list[str] = []
    for line in listed:
        begins = not line.strip() or line[:1] in (" ", "\t")
        if not marked and current:
            last = current[-1]
            begins = bool(_END_OF_SENTENCE.search(last)) and len(last) < width * 0.8
        if begins and current:
            yield paragraph(" ".join(current))
            current = []
        if line.strip():
            current.append(line.strip())
    if current:
        yield paragraph(" ".join(current))
