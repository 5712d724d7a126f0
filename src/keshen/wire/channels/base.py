"""What a channel is: a way by which items are brought to a client. One module each, one registration each.

The queue, the numbers, the leases, the waits and the receipts are the pump's and the same for all; a channel knows
only how to bring one parcel to its place, and what the other side's answer means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from keshen.wire.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Parcel:
    """One item on its way: where to, under which number, and the bytes as frozen.

    `options` are what the client's channel needs besides the address: passwords, keys, names.
    """

    delivery: int
    slug: str
    channel: str
    url: str
    secret: str
    media_type: str
    suffix: str
    sequence: int
    attempt: int
    body: bytes
    urn: str
    status: str
    headline: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def message_id(self) -> str:
        """What makes a repeated try the same one."""
        return f"{self.slug}-{self.sequence}"

    @property
    def file_name(self) -> str:
        """The name under which it is put down: the number first, so that names sort as the stream goes."""
        item = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in self.urn)[-60:].strip("-")
        return f"{self.sequence:012d}-{item}.{self.suffix}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a try. A channel that speaks HTTP gives the status (0: no answer came) and lets that be judged;
    another gives its verdict and, where that is a refusal, the reason."""

    code: int
    tail: str = ""
    retry_after: str = ""
    location: str = ""
    verdict: Verdict | None = None
    reason: str = ""


class Sender(Protocol):
    """Brings parcels to clients, many at a time. Whatever happens on the network is an answer, never an exception."""

    async def send(self, parcel: Parcel) -> Answer: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Option:
    """What a client of a channel may set besides the address: its label and help on forms, for the command and in
    messages. A `secret` is never shown again; a `long` one has lines, such as a key."""

    label: Any
    help: Any
    secret: bool = False
    long: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """A registered way. `schemes` are the addresses it takes and `example` is one; `options` are what a client may
    set; those in `required` must be. `check` raises ValueError with what is wrong with an address or options."""

    name: str
    label: Any
    schemes: tuple[str, ...]
    open: Callable[[float], Sender]
    check: Callable[[str, Mapping[str, str]], None]
    options: Mapping[str, Option] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    signs: bool = False
    example: str = ""


def delivered(tail: str = "") -> Answer:
    return Answer(0, tail, verdict=Verdict.DELIVERED)


def later(tail: str) -> Answer:
    return Answer(0, tail, verdict=Verdict.LATER)


def refused_item(tail: str, reason: str = "") -> Answer:
    return Answer(0, tail, verdict=Verdict.REFUSED_ITEM, reason=reason or tail)


def refused_client(tail: str, reason: str = "") -> Answer:
    return Answer(0, tail, verdict=Verdict.REFUSED_CLIENT, reason=reason or tail)
