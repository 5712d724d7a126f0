"""One answer of the air: status, body, and the headers HTTP wants about it (RFC 9110, RFC 9111)."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

FRESH: Final = "public, max-age=1"
FOR_EVER: Final = "public, max-age=31536000, immutable"
SEGMENT_CACHE: Final = "public, max-age=86400, immutable"
SHORT: Final = "public, max-age=10"
NOT_KEPT: Final = "no-store"
WORTH_ZIPPING: Final = 500

NOT_GUESSED: Final = (b"x-content-type-options", b"nosniff")
"""Its media type says what an answer is; a browser must not guess (Fetch standard, 3.6)."""
CORS: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"content-length, content-range, etag, date"),
)
GZIPPED: Final = (b"content-encoding", b"gzip")
_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Answer:
    """One response: `zipped` is the body compressed, where that pays."""

    status: int
    body: bytes
    media_type: str = "text/plain; charset=utf-8"
    cache: str = NOT_KEPT
    etag: str = ""
    zipped: bytes = b""
    ranges: bool = False
    extra: tuple[tuple[bytes, bytes], ...] = field(default=())


def problem(status: int, reason: str) -> Answer:
    """An answer that says in plain words what is wrong."""
    return Answer(status, reason.encode(), cache="public, max-age=1" if status == 404 else NOT_KEPT)


NOT_FOUND: Final = problem(404, "Nothing is here.")
NOTHING_LAID: Final = Answer(
    503, b"Nothing is laid on this service yet.", cache=NOT_KEPT, extra=((b"retry-after", b"4"),)
)
GONE: Final = Answer(410, b"This was withdrawn.", cache="public, max-age=60")


def fresh(body: str | bytes, media_type: str, cache: str = FRESH) -> Answer:
    """An answer to be compressed and compared: playlists, guides, JSON."""
    data = body.encode() if isinstance(body, str) else body
    small = _zipped(data) if len(data) > WORTH_ZIPPING else b""
    return Answer(200, data, media_type, cache, f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"', small)


def _zipped(data: bytes) -> bytes:
    """As gzip (RFC 1952), with a window no larger than the data: to clear one of 32 kB takes eight times as long as to
    compress a playlist."""
    window = min(zlib.MAX_WBITS, max(9, len(data).bit_length()))
    made = zlib.compressobj(5, zlib.DEFLATED, 16 + window, 5 if window < zlib.MAX_WBITS else zlib.DEF_MEM_LEVEL)
    return made.compress(data) + made.flush()


type Fields = list[tuple[bytes, bytes]]
"""Header fields: names in lower case, values."""

type Messages = tuple[Mapping[str, Any], Mapping[str, Any]]
"""An answer as ASGI sends it: its start, its body."""


class Ready:
    """An answer many ask for, made once: whole, and compressed where that pays; as messages, and as bytes."""

    __slots__ = ("_heads", "_whole", "_zipped")

    def __init__(self, answer: Answer) -> None:
        status, fields, body = respond(answer, {})
        self._whole = self._zipped = messages(status, fields, body)
        if answer.zipped:
            self._zipped = messages(status, [*fields[:-1], GZIPPED, _length(answer.zipped)], answer.zipped)
        self._heads: dict[bool, tuple[Fields, bytes]] = {}

    def written(self, common: Fields, *, zipped: bool) -> tuple[bytes, bytes]:
        """Head and body as HTTP/1.1 sends them (RFC 9112, 4). `common` are the server's own fields, such as the date;
        while they are the same object, so is the head."""
        start, body = self._zipped if zipped else self._whole
        held = self._heads.get(zipped)
        if held is None or held[0] is not common:
            fields = b"".join(b"%b: %b\r\n" % field for field in (*common, *start["headers"]))
            held = self._heads[zipped] = (common, b"HTTP/1.1 200 OK\r\n%b\r\n" % fields)
        return held[1], body["body"]

    @property
    def size(self) -> int:
        """Bytes of its body."""
        return len(self._whole[1]["body"])

    def to(self, given: Iterable[tuple[bytes, bytes]]) -> Messages | None:
        """What a GET with the headers `given` is sent; None when it asks for more than that: a condition, a range."""
        chosen = self._whole
        for name, value in given:
            if name == b"accept-encoding" and b"gzip" in value:
                chosen = self._zipped
            elif name in _ASKS_MORE:
                return None
        return chosen


_ASKS_MORE: Final = frozenset({b"if-none-match", b"range"})


def messages(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> Messages:
    return (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


def respond(answer: Answer, given: Mapping[bytes, bytes]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body of an answer to a request with the headers `given`."""
    headers = [
        (b"content-type", answer.media_type.encode()),
        (b"cache-control", answer.cache.encode()),
        NOT_GUESSED,
        *CORS,
        *answer.extra,
    ]
    body, status = answer.body, answer.status
    if answer.etag:
        headers.append((b"etag", answer.etag.encode()))
        if answer.etag.encode() in (tag.strip() for tag in given.get(b"if-none-match", b"").split(b",")):
            return 304, headers, b""
    if answer.zipped:
        headers.append((b"vary", b"accept-encoding"))
        if b"gzip" in given.get(b"accept-encoding", b""):
            headers.append(GZIPPED)
            body = answer.zipped
    if answer.ranges:
        headers.append((b"accept-ranges", b"bytes"))
        if wanted := given.get(b"range"):
            status, body, note = _ranged(wanted.decode("latin-1"), answer.body)
            headers += note
    headers.append(_length(body))
    return status, headers, body


def _length(body: bytes) -> tuple[bytes, bytes]:
    """The last of an answer's fields."""
    return b"content-length", b"%d" % len(body)


def _ranged(wanted: str, body: bytes) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    """One range of a body (RFC 9110, 14); several, or a malformed one, give the whole."""
    match = _RANGE.fullmatch(wanted.strip())
    if match is None or match.groups() == ("", ""):
        return 200, body, []
    first, last = match.groups()
    start = int(first) if first else max(0, len(body) - int(last))
    end = min(int(last), len(body) - 1) if first and last else len(body) - 1
    if start > end:
        return 416, b"", [(b"content-range", f"bytes */{len(body)}".encode())]
    return 206, body[start : end + 1], [(b"content-range", f"bytes {start}-{end}/{len(body)}".encode())]
