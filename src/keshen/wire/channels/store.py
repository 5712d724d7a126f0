"""Object store: each item is an object in the client's bucket (S3 and what speaks like it), put by a signed request.

The request is signed here and sent over our own checked connection, so that an endpoint somebody typed in leads
nowhere inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import obstore
from django.utils.translation import gettext_lazy as _
from obstore.store import S3Store

from keshen.house import outgoing
from keshen.wire.channels.base import Answer, Option, Parcel, refused_client
from keshen.wire.channels.http import HttpSender

SIGNED_FOR = timedelta(minutes=5)
OPTIONS: Mapping[str, Option] = {
    "access_key_id": Option(_("Access key"), _("The name of the key that may put objects into the bucket.")),
    "secret_access_key": Option(_("Secret of the access key"), _("What goes with the access key."), secret=True),
    "region": Option(_("Region"), _("Such as eu-central-1.")),
    "endpoint": Option(_("Address of the store"), _("Unless it is Amazon's.")),
}
REQUIRED = frozenset({"access_key_id", "secret_access_key"})


class StoreSender:
    """Puts objects over kept connections. `seconds` is how long an answer may take."""

    def __init__(self, seconds: float) -> None:
        self._http = HttpSender(seconds)

    async def send(self, parcel: Parcel) -> Answer:
        try:
            address = _signed(parcel)
        except (obstore.exceptions.BaseError, ValueError) as problem:
            return refused_client(f"The request cannot be signed: {problem}")
        return await self._http.post(
            parcel.slug, address, parcel.body, {"Content-Type": parcel.media_type}, method="PUT"
        )

    async def close(self) -> None:
        await self._http.close()


def _signed(parcel: Parcel) -> str:
    parts = urlsplit(parcel.url)
    folder = unquote(parts.path).strip("/")
    store = _store(parts.hostname or "", parcel.options)
    name = f"{folder}/{parcel.file_name}" if folder else parcel.file_name
    return obstore.sign(store, "PUT", name, SIGNED_FOR)


def _store(bucket: str, options: Mapping[str, str]) -> S3Store:
    return S3Store(
        bucket,
        access_key_id=options["access_key_id"],
        secret_access_key=options["secret_access_key"],
        region=options.get("region") or "us-east-1",
        **({"endpoint": options["endpoint"]} if options.get("endpoint") else {}),
        client_options={"allow_http": True},
    )


def check(url: str, options: Mapping[str, str]) -> None:
    """Raise ValueError unless objects could be put there."""
    parts = urlsplit(url)
    if not parts.hostname or parts.username:
        raise ValueError(f"{url}: write s3://bucket/folder, and the keys apart.")
    if options.get("endpoint"):
        outgoing.check_url(options["endpoint"])
    try:
        _store(parts.hostname, options)
    except (obstore.exceptions.BaseError, ValueError) as problem:
        raise ValueError(str(problem)) from problem
