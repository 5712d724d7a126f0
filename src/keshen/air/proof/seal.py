"""A record that says by whom it was made and that nothing in it was changed since: JSON under an Ed25519 signature.

What is signed is the record as canonical JSON (sorted keys, no spaces, UTF-8), so that a file may be laid out anew.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM: Final = "Ed25519"


class BrokenSeal(ValueError):
    """The document is no sealed record, or was changed after it was sealed."""


def house_key(secret: str) -> Ed25519PrivateKey:
    """The house's key for records, derived from its secret: it lasts as long as that does."""
    seed = hashlib.blake2b(secret.encode(), digest_size=32, person=b"keshen-as-run").digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def public(key: Ed25519PrivateKey) -> str:
    """The public half, in base64: what others verify with."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def seal(record: dict[str, Any], key: Ed25519PrivateKey) -> bytes:
    """The record with its signature, as a JSON document."""
    value = base64.b64encode(key.sign(_canonical(record))).decode()
    document = {"record": record, "signature": {"algorithm": ALGORITHM, "key": public(key), "value": value}}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def opened(document: bytes) -> tuple[dict[str, Any], str]:
    """The record of a sealed document, and the public key it was sealed with. Raises BrokenSeal."""
    try:
        read = json.loads(document)
        record, signature = read["record"], read["signature"]
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(signature["key"], validate=True))
        key.verify(base64.b64decode(signature["value"], validate=True), _canonical(record))
    except (InvalidSignature, ValueError, KeyError, TypeError) as error:
        raise BrokenSeal("The document is not as it was sealed, or was never sealed.") from error
    return record, str(signature["key"])


def _canonical(record: Any) -> bytes:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
