"""A folder or an S3 bucket outside the house, from which a plain web server or a CDN gives files to viewers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

KEPT_BY_CACHES: Final = "public, max-age=3600, immutable"
"""A segment's address never means anything else; an hour bounds how long a cache may keep what was withdrawn."""
RENEWED: Final = "public, max-age=1"
MEDIA_TYPES: Final = {
    "mpd": "application/dash+xml",
    "m3u8": "application/vnd.apple.mpegurl",
    "m4s": "video/iso.segment",
    "mp4": "video/mp4",
    "vtt": "text/vtt; charset=utf-8",
}


class OutsideError(Exception):
    """The store did not take or give something; the message says what."""


class Outside:
    """Files by name below an address: `s3://bucket/prefix`, with the usual AWS_ variables, or the path of a folder.

    Every method raises OutsideError. What is written is there whole or not at all.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._says_types = "://" in address
        with self._asking("anything"):
            self._store = from_url(address) if self._says_types else LocalStore(address, mkdir=True)

    async def put(self, name: str, data: bytes, *, renewed: bool = False) -> None:
        """Write a file, which may be `renewed`; a bucket is told its media type and how long caches may keep it."""
        ending = name.rpartition(".")[2]
        cache = RENEWED if renewed else KEPT_BY_CACHES
        with self._asking(name):
            if self._says_types:
                attributes = {"Content-Type": MEDIA_TYPES[ending], "Cache-Control": cache}
                await obstore.put_async(self._store, name, data, attributes=attributes)
            else:
                await obstore.put_async(self._store, name, data)

    async def remove(self, name: str) -> None:
        """Remove a file; one that is not there is removed."""
        with self._asking(name), suppress(FileNotFoundError):
            await obstore.delete_async(self._store, name)

    async def names(self, below: str) -> AsyncIterator[str]:
        """The names of the files below a folder."""
        with self._asking(below):
            async for rows in obstore.list(self._store, below):
                for row in rows:
                    yield row["path"]

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except (BaseError, OSError, ValueError) as error:
            raise OutsideError(f"{self.address} did not take or give {what}: {error}") from error
