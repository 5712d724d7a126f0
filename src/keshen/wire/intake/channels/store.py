"""Object store: the objects under a prefix of a bucket (S3 and what speaks like it), each fetched once.

The store's own client connects, not ours; so an endpoint is checked before each look, and only https, whose certificate
a machine inside cannot show, is accepted where private addresses are not.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote, urlsplit

import httpcore
from django.conf import settings
from obstore.exceptions import BaseError
from obstore.store import S3Store

from keshen.house import outgoing
from keshen.wire.intake.channels import listing
from keshen.wire.intake.channels.base import Later, Look, Over, Spec

MOST_LISTED: Final = 10_000


def check(spec: Spec) -> None:
    """Raises ValueError unless the address is `s3://bucket/prefix` with keys and an endpoint we may go to."""
    parts = urlsplit(spec.address)
    if parts.scheme != "s3" or not parts.hostname:
        raise ValueError(f"{spec.address}: write s3://bucket/prefix, and the keys apart.")
    if not spec.username or not spec.secret:
        raise ValueError("An object store needs the access key as the name, and its secret.")
    endpoint = str(spec.settings.get("endpoint", ""))
    if not endpoint:
        return
    if not endpoint.startswith("https://") and not settings.KESHEN_ALLOW_PRIVATE_TARGETS:
        raise ValueError(f"{endpoint}: the store's address begins with https://")
    try:
        outgoing.check_url(endpoint)
    except outgoing.Refused as refused:
        raise ValueError(str(refused)) from refused
    except httpcore.ConnectError:
        return  # the name has no address now; looking says so until it has


def look(spec: Spec) -> Look:
    """The objects that are new. Raises Later or Over."""
    try:
        check(spec)
    except ValueError as problem:
        raise Over(str(problem)) from problem
    parts = urlsplit(spec.address)
    endpoint = str(spec.settings.get("endpoint", ""))
    store = S3Store(
        parts.hostname or "",
        access_key_id=spec.username,
        secret_access_key=spec.secret,
        region=str(spec.settings.get("region", "")) or "us-east-1",
        **({"endpoint": endpoint} if endpoint else {}),
        client_options={"allow_http": endpoint.startswith("http://"), "timeout": "60s"},
        retry_config={"max_retries": 2},
    )
    try:
        there: list[listing.File] = []
        for page in store.list(prefix=unquote(parts.path).strip("/") or None):
            there += [listing.File(str(o["path"]), str(o["e_tag"]), o["size"], o["last_modified"]) for o in page]
            if len(there) >= MOST_LISTED:
                break
        return listing.take(spec, there, lambda name: store.get(name).bytes().to_bytes())
    except (BaseError, OSError) as problem:
        raise Later(f"The store does not answer as it should: {str(problem).splitlines()[0]}") from problem
