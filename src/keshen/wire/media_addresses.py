"""Addresses of what goes with items: pictures, films and sounds, by checksum, for whoever may have the item.

What a client is sent carries its name and a signature, so that a program without the key may fetch it, and so that it
ends with the client's right to the item.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.conf import settings

PLACE = "/wire/media/"


def address_of(sha256: str) -> str:
    """The address as it is frozen, for nobody in particular."""
    return f"{settings.KESHEN_URL}{PLACE}{sha256}"


def signed(href: str, client: str) -> str:
    """The same address for one client; an address of another kind stays as it is."""
    ours = f"{settings.KESHEN_URL}{PLACE}"
    if not href.startswith(ours) or "?" in href:
        return href
    return f"{href}?c={client}&s={_signature(href.removeprefix(ours), client)}"


def is_signed(sha256: str, client: str, signature: str) -> bool:
    """Whether the signature was made here, for this file and this client."""
    return hmac.compare_digest(_signature(sha256, client).encode(), signature.encode())


def _signature(sha256: str, client: str) -> str:
    made = hmac.new(settings.SECRET_KEY.encode(), f"wire.media:{client}:{sha256}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made[:18]).decode()
