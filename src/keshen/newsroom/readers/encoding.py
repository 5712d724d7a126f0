"""From bytes to text: byte order marks, UTF-8, UTF-16, and the code pages Kazakh and Russian texts still use."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from keshen.house.phrases import Phrase, phrase, sentence
from keshen.newsroom.readers.incoming import Unreadable

MAX_BYTES = 40 * 1024 * 1024
BYTE_ORDER_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FILE_KINDS: Mapping[bytes, Phrase] = {
    b"\x89PNG": phrase("a PNG picture"),
    b"\xff\xd8\xff": phrase("a JPEG picture"),
    b"GIF8": phrase("a GIF picture"),
    b"%PDF": phrase("a PDF document"),
    b"PK\x03\x04": phrase("a ZIP archive or an office document"),
    b"\x1f\x8b": phrase("a gzip archive"),
    b"\xd0\xcf\x11\xe0": phrase("an old office document"),
    b"\x7fELF": phrase("a program"),
    b"OggS": phrase("an Ogg sound"),
    b"ID3": phrase("an MP3 sound"),
    b"RIFF": phrase("a WAVE sound or AVI video"),
}
ALPHABET = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі")
KNOWN_SCRIPT = re.compile(r"[A-Za-z\u00c0-\u024f\u0400-\u04ff\u0600-\u06ff]")
LETTER = re.compile(r"[^\W\d_]")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")

# Kazakh code page KZ-1048 (also STRK1048) is Windows-1251 with ten Serbian and Ukrainian places given to Kazakh letters
FAMILIES = ("windows-1251", "kz1048", "ptcp154", "koi8-r", "cp866")
ASCII_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
COMMON = frozenset("оаеинтсрвлкмдпыуяб")


class Decoded(NamedTuple):
    """The text and what is to be said about how it was read."""

    text: str
    encoding: str
    warnings: tuple[str, ...]


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """The text of a file. Raises Unreadable for empty, oversized and binary files, and when no encoding fits."""
    refuse_unfit(data)
    for mark, name in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return Decoded(_strictly(data, name), name, ())
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _mended(data) or _legacy(data, declared, error)
    if "\x00" in text:
        return _utf16_without_mark(data)
    _refuse_control(text)
    return Decoded(text, "utf-8", ())


def refuse_unfit(data: bytes) -> None:
    """Raises Unreadable for what is no text at all: nothing, too much, or a known kind of binary file."""
    if not data.strip():
        raise Unreadable(phrase("The file is empty."), phrase("Send the text itself; perhaps it was saved elsewhere."))
    if len(data) > MAX_BYTES:
        raise too_large(len(data))
    for start, kind in FILE_KINDS.items():
        if data.startswith(start):
            raise Unreadable(
                phrase("This is %(kind)s, not a text.", kind=kind),
                phrase("Save the story as text, Markdown or HTML and send that."),
            )


def too_large(size: int) -> Unreadable:
    """The refusal of a text of `size` bytes; a size just above the limit is not said to be the limit."""
    return Unreadable(
        phrase(
            "The file has %(size)d MB; a text has at most %(most)d.",
            size=math.ceil(size / 1024 / 1024),
            most=MAX_BYTES // 1024 // 1024,
        ),
        phrase("Divide it, or send pictures, sound and video as media rather than as text."),
    )


def not_json(error: RecursionError | json.JSONDecodeError) -> Unreadable:
    """The refusal of what looks like JSON, and cannot be read as it."""
    if isinstance(error, RecursionError):
        return Unreadable(
            phrase("The JSON is nested too deeply to be a story."), phrase("Send ninjs, or the story as plain text.")
        )
    return Unreadable(
        phrase(
            "The JSON is not well formed in line %(line)d, column %(column)d: %(error)s.",
            line=error.lineno,
            column=error.colno,
            error=error.msg,
        ),
        phrase("Send it again whole."),
    )


def _name(encoding: str) -> str:
    """What people call it; Python's own names are in small letters."""
    return "KZ-1048" if encoding == "kz1048" else encoding.upper() if len(encoding) < 8 else encoding.capitalize()


def _strictly(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            phrase(
                "The file says it is %(encoding)s, but byte %(start)d does not fit.",
                encoding=encoding,
                start=error.start,
            ),
            phrase("It was damaged on its way: save it as UTF-8 and send it again."),
        ) from error
    _refuse_control(text)
    return text


def _utf16_without_mark(data: bytes) -> Decoded:
    for name in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and len(KNOWN_SCRIPT.findall(text)) > len(text) / 2:
            return Decoded(
                text,
                name,
                (sentence(phrase("Read as %(encoding)s: the file does not say its encoding.", encoding=name.upper())),),
            )
    raise Unreadable(
        phrase("The file has zero bytes: it is not a text."), phrase("Save the story as UTF-8 text and send that.")
    )


def _mended(data: bytes) -> Decoded | None:
    """UTF-8 with a few damaged bytes, which stand as U+FFFD in the text; None when it is no UTF-8 at all."""
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    if damaged * 8 > len(data) - len(text):
        return None
    _refuse_control(text)
    said = phrase("%(count)d damaged characters are marked with \ufffd: check the words.", count=damaged)
    return Decoded(text, "utf-8", (sentence(said),))


def _legacy(data: bytes, declared: str | None, error: UnicodeDecodeError) -> Decoded:
    """A text from before Unicode: the Cyrillic code page under which it reads most like words."""
    if western := _western(data, declared):
        return western
    names = [declared] if declared else []
    best: tuple[float, str, str] | None = None
    for name in (*names, *FAMILIES):
        try:
            text = data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        if CONTROL.search(text):
            continue
        score = _likeness(text) + (0.1 if name == declared else 0)
        if best is None or score > best[0]:
            best = (score, name, text)
    if best is None or best[0] < 0.5:
        raise Unreadable(
            phrase(
                "The encoding could not be told: byte %(start)d is not UTF-8, and no Cyrillic code page fits.",
                start=error.start,
            ),
            phrase("Save the file as UTF-8 and send it again."),
        )
    _, name, text = best
    said = phrase("Read as %(encoding)s: the file is not UTF-8. Check the Kazakh letters.", encoding=_name(name))
    return Decoded(text, name, (sentence(said),))


def _western(data: bytes, declared: str | None) -> Decoded | None:
    """A text in Latin letters with a few accents; None when there are too many other bytes for that."""
    high = sum(byte >= 0x80 for byte in data)
    if high * 8 > sum(byte in ASCII_LETTERS for byte in data):
        return None
    for name in (*((declared,) if declared else ()), "windows-1252", "iso-8859-1"):
        try:
            text = data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        _refuse_control(text)
        said = phrase("Read as %(encoding)s: the file is not UTF-8.", encoding=_name(name))
        return Decoded(text, name, () if name == declared else (sentence(said),))
    return None


def _likeness(text: str) -> float:
    """How much a decoding reads like Kazakh or Russian, 0 to 1: common small letters, few capitals inside words."""
    letters = LETTER.findall(text)
    if not letters:
        return 0.0
    ours = [letter for letter in letters if letter.lower() in ALPHABET]
    foreign = len(letters) - len(ours) - sum(1 for letter in letters if letter.isascii())
    common = sum(1 for letter in ours if letter.lower() in COMMON) / max(len(ours), 1)
    strange = len(re.findall(r"[а-яё][А-ЯЁ]", text)) + foreign
    return max(0.0, common - 3 * strange / len(letters))


def _refuse_control(text: str) -> None:
    found = CONTROL.findall(text)
    if len(found) > max(2, len(text) / 1000):
        raise Unreadable(
            phrase("The file is full of control characters: it is not a text."),
            phrase("Save the story as text and send that."),
        )
