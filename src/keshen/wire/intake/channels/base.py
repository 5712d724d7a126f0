"""What every way in has in common: a source is looked at, and messages come of it, or it is later, or it is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_BYTES = 64 * 1024 * 1024
"""The largest message that is taken, in bytes, unpacked."""
MOST_MESSAGES = 200
"""How many messages one look brings at most; what is left comes with the next, which follows at once."""


class Later(Exception):
    """The source cannot be read now. `seconds` is how long it asked us to wait, None when it did not say."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Over(Exception):
    """The source cannot be read until a person changes something; the message says what."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A source as its channel knows it. `cursor` is the channel's own memory, kept from look to look."""

    slug: str
    address: str
    username: str = ""
    secret: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    cursor: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """Bytes that came, and what they are called; the name's ending may tell their form. `handle` is the channel's."""

    name: str
    data: bytes
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that is there but was not fetched, and why."""

    name: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Look:
    """What one look brought. `cursor` is kept only after every message is; `more` asks for the next look at once.

    `wait` is how many seconds the source asks us to stay away, None when it does not say.
    """

    cursor: Mapping[str, Any]
    messages: Sequence[Message] = ()
    refused: Sequence[Refusal] = ()
    more: bool = False
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """A way in: `look` goes there (None: the source sends), `kept` is called when a message is safely kept.

    `check` raises ValueError, with the remedy, for an address or settings nobody could mean. `look` raises Later or
    Over.
    """

    label: Any
    look: Callable[[Spec], Look] | None = None
    kept: Callable[[Spec, Message], None] | None = None
    check: Callable[[Spec], None] | None = None
    repeats: bool = False
    """Whether what came before comes again at every look, as in a feed."""
    listens: bool = False
    """Whether the hub that a look found (`hub` and `topic` in the cursor) is asked to send what is new."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What may be set beside the address, each with what it means."""
