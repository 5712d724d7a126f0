"""Signed addresses for restricted channels: whoever has one may watch until it ends.

The signature stands in the path before the channel (`/air/signed/{token}/{service}/…`), so that every address in a
playlist or manifest, being relative, carries it along, and a cache in front can check or keep it by address. It may
bind the address to a territory and a platform: `{token}` then ends in `-KZ.web`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

PREFIX: Final = "/air/signed/"
MOST_SECONDS: Final = 366 * 86_400

LOOK_SECONDS: Final = 4 * 3600
"""How long an address made for one look at a channel lasts."""

_TOKEN: Final = re.compile(r"([0-9a-f]{8,12})-([0-9a-f]{32})(?:-([A-Z]{0,8})\.([a-z]{0,8}))?")
_PURPOSE: Final = b"keshen.air.signing"


class NotAdmitted(PermissionError):
    """The address does not admit; the message says why, without helping to forge one."""


def _signature(key: str, service: str, until: int, audience: str) -> str:
    own = hmac.digest(key.encode(), _PURPOSE, "sha256")
    said = f"{service}\n{until}" + (f"\n{audience}" if audience else "")
    return hmac.new(own, said.encode(), hashlib.sha256).hexdigest()[:32]


def sign(key: str, service: str, until: int, *, territory: str = "", platform: str = "") -> str:
    """The beginning of the addresses that admit to a service until a Unix time, in place of `/air/{service}`.

    With a territory or a platform it admits to the variant for those alone.
    """
    audience = f"{territory}.{platform}" if territory or platform else ""
    token = f"{until:08x}-{_signature(key, service, until, audience)}" + (f"-{audience}" if audience else "")
    return f"{PREFIX}{token}/{service}"


def token(key: str, service: str, until: int) -> str:
    """What admits to a service until a Unix time: the part of a signed address that stands before the service."""
    return sign(key, service, until).removeprefix(PREFIX).partition("/")[0]


def ends(path: str) -> int:
    """The Unix time until which a signed address that was admitted admits."""
    return int(path.removeprefix(PREFIX).partition("-")[0], 16)


def admitted(key: str, path: str, now: int) -> tuple[str, str]:
    """The path without its signature, and the part of a query it is bound to (`territory=KZ&platform=web`).

    Raises NotAdmitted when the signature is wrong or over.
    """
    token, _, rest = path.removeprefix(PREFIX).partition("/")
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise NotAdmitted("The address is not signed rightly.")
    until = int(match[1], 16)
    audience = f"{match[3]}.{match[4]}" if match[3] or match[4] else ""
    if not hmac.compare_digest(match[2], _signature(key, rest.partition("/")[0], until, audience)):
        raise NotAdmitted("The address is not signed rightly.")
    if until < now:
        raise NotAdmitted("The address is over: ask for a new one.")
    bound = [f"{name}={value}" for name, value in (("territory", match[3]), ("platform", match[4])) if value]
    return f"/air/{rest}", "&".join(bound)
