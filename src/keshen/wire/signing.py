"""How a client knows that a push is ours: HMAC-SHA-256 as the Standard Webhooks specification (1.0) writes it.

What is signed is `id.timestamp.body`; the signature header holds `v1,` and the digest in base64. A client refuses time
stamps more than five minutes off, and an id it has taken before.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300


def new_secret() -> str:
    """A key of 32 random bytes, in the form clients' libraries take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature header. `timestamp` is in seconds since the Unix epoch. Raises ValueError for a broken secret."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def verify(secret: str, message_id: str, timestamp: int, body: bytes, header: str, *, now: int) -> bool:
    """Whether one of the header's signatures is ours and the time stamp is near `now`."""
    if abs(now - timestamp) > TOLERANCE_SECONDS:
        return False
    expected = sign(secret, message_id, timestamp, body)
    return any(hmac.compare_digest(expected, given) for given in header.split())
