"""The house's own names for things: `urn:newsml` (RFC 3085), the news industry's registered URN namespace."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from django.conf import settings

_PATTERN = re.compile(r"urn:newsml:(?P<authority>[^:]+):(?P<day>\d{8}):(?P<kind>[a-z]+)-(?P<id>[0-9A-Za-z._-]+)")


class Name(NamedTuple):
    """What a URN says: `day` is YYYYMMDD in UTC, `kind` one of ours (story, version, asset, ...)."""

    authority: str
    day: str
    kind: str
    id: str


def urn(kind: str, key: int | str, created: datetime) -> str:
    """The URN of a thing of this house, e.g. `urn:newsml:keshen.localhost:20261123:story-12`."""
    return f"urn:newsml:{settings.KESHEN_AUTHORITY}:{created:%Y%m%d}:{kind}-{key}"


def parse(text: str) -> Name | None:
    """The parts of one of our URNs, or None when `text` is not of this form."""
    match = _PATTERN.fullmatch(text)
    return Name(*match.groups()) if match else None
