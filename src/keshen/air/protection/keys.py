"""The keys of protected channels: one a channel and hour, derived from the house's secret and kept nowhere.

Every node derives the same, with the database away too; whoever may ask for a segment may ask for its key, since the
address of a key lies below that of the channel and so behind the same signature.
"""

from __future__ import annotations

import base64
import hmac
import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from keshen.media.cenc import Key
from keshen.media.houseformat import TICKS_PER_HOUR

PERIOD_TICKS: Final = TICKS_PER_HOUR
MOST_KEYS: Final = 64
"""How many keys one licence request may ask for."""

_PURPOSE: Final = b"keshen.air.keys"


class Method(StrEnum):
    """How a channel's segments are protected."""

    NONE = "none"
    AES_128 = "aes-128"
    CBCS = "cbcs"


class BadRequest(ValueError):
    """The licence request cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Lock:
    """What protects one segment: the method and the number of its hour. Equal locks have the same key."""

    method: Method
    period: int


@dataclass(frozen=True, slots=True)
class Protection:
    """How a channel is protected, from which tick on: a list that only grows, since what was listed stays so."""

    service: str = ""
    since: tuple[int, ...] = ()
    methods: tuple[Method, ...] = ()

    def __bool__(self) -> bool:
        """Whether the channel is or was protected at any time."""
        return any(method is not Method.NONE for method in self.methods)

    def method(self, tick: int) -> Method:
        """How what begins at a tick is protected."""
        place = bisect_right(self.since, tick) - 1
        return self.methods[place] if place >= 0 else Method.NONE

    def holds(self, method: Method, start: int, end: int) -> bool:
        """Whether anything from `start` to `end` is protected so."""
        untils = (*self.since[1:], end)[: len(self.since)]
        spans = zip(self.since, untils, self.methods, strict=True)
        return any(one is method and since < end and until > start for since, until, one in spans)

    def lock(self, tick: int) -> Lock | None:
        """What protects the segment that begins at a tick; None when it is clear."""
        method = self.method(tick)
        return None if method is Method.NONE else Lock(method, tick // PERIOD_TICKS)

    def key_id(self, lock: Lock) -> bytes:
        """The public id of the key a lock has."""
        return key_id(self.service, lock.period)


OPEN: Final = Protection()


def protection(service: str, rows: Iterable[Sequence[Any]]) -> Protection:
    """A channel's protection from its setting: pairs of a tick and a method, in order. Raises ValueError."""
    held = [(int(tick), Method(method)) for tick, method in rows]
    if held != sorted(held, key=lambda row: row[0]):
        raise ValueError("the protection of a channel goes back in time")
    return Protection(service, tuple(tick for tick, _ in held), tuple(method for _, method in held))


def key(secret: str, service: str, period: int) -> Key:
    """The key of a channel for one hour."""
    own = hmac.digest(secret.encode(), _PURPOSE, "sha256")
    made = hmac.digest(own, f"{service}\n{period}".encode(), "sha256")
    return Key(key_id(service, period), made[:16], made[16:])


def key_id(service: str, period: int) -> bytes:
    """The public id of a key: the channel in eight bytes, the hour in eight."""
    return blake2b(service.encode(), digest_size=8, person=b"keshen-key-id").digest() + period.to_bytes(8)


def period_of(service: str, key_id_: bytes) -> int | None:
    """The hour a key id stands for; None when it is not one of the channel's."""
    period = int.from_bytes(key_id_[8:])
    return period if len(key_id_) == 16 and key_id_ == key_id(service, period) else None


def whole(segment: bytes, held: Key, sequence: int) -> bytes:
    """A segment encrypted whole (AES-128 of RFC 8216, 4.3.2.4): CBC with PKCS#7 padding.

    The initialization vector is the media sequence number.
    """
    encryptor = Cipher(algorithms.AES(held.key), modes.CBC(sequence.to_bytes(16))).encryptor()
    padder = PKCS7(128).padder()
    return encryptor.update(padder.update(segment) + padder.finalize()) + encryptor.finalize()


def licence(secret: str, service: str, request: bytes, first: int, last: int) -> bytes:
    """The answer to a Clear Key licence request (W3C Encrypted Media Extensions, 9.1.4), as JSON.

    Only keys of the hours `first` to `last` are given; an id of another channel or hour is passed over. Raises
    BadRequest.
    """
    try:
        kids = json.loads(request)["kids"]
        asked = [base64.urlsafe_b64decode(kid + "=" * (-len(kid) % 4)) for kid in kids[:MOST_KEYS]]
    except (ValueError, KeyError, TypeError) as error:
        raise BadRequest('A licence request is JSON with ids of keys: {"kids": ["…"], "type": "temporary"}') from error
    given = []
    for kid in asked:
        period = period_of(service, kid)
        if period is not None and first <= period <= last:
            given.append({"kty": "oct", "kid": _base64url(kid), "k": _base64url(key(secret, service, period).key)})
    return json.dumps({"keys": given, "type": "temporary"}).encode()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
