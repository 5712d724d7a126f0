"""The media store: immutable blobs named by their SHA-256, in a folder or in an S3 bucket.

A blob is written once, whole or not at all, and checked on the way in; `verify` reads it back. Nothing here knows what
a blob means.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

CHUNK: Final = 1 << 20
_NAME: Final = re.compile(r"[0-9a-f]{64}")


class Target(Protocol):
    """Where a blob's bytes can be written one piece after another."""

    def writelines(self, lines: Iterable[bytes], /) -> None: ...


class StoreError(Exception):
    """The store cannot do what was asked; the message says what to do."""


class BlobMissing(StoreError):
    """There is no blob of that name."""


class BlobDamaged(StoreError):
    """A blob's bytes are not those its name stands for."""


class StoreFull(StoreError):
    """There is no room left; nothing of the new blob was kept."""


class BlobStore(Protocol):
    """What both kinds of store can do. Every method raises StoreError or a kind of it.

    `read_range` gives fewer bytes than asked for only at the end of a blob.
    """

    def put(self, data: bytes) -> str: ...
    def put_file(self, path: Path, start: int = 0, end: int | None = None) -> str: ...
    def size(self, sha256: str) -> int: ...
    def read(self, sha256: str) -> bytes: ...
    def read_range(self, sha256: str, offset: int, length: int) -> bytes: ...
    async def aread(self, sha256: str) -> bytes: ...
    async def aread_range(self, sha256: str, offset: int, length: int) -> bytes | bytearray: ...
    def fetch(self, sha256: str, target: Target) -> None: ...


def has(store: BlobStore, sha256: str) -> bool:
    """Whether the blob is there (its bytes are not read)."""
    try:
        store.size(sha256)
    except BlobMissing:
        return False
    return True


def verify(store: BlobStore, sha256: str) -> int:
    """Read the blob back and give its size. Raises BlobDamaged when its bytes have changed, BlobMissing when gone."""
    size, digest, offset = store.size(sha256), hashlib.sha256(), 0
    while offset < size:
        chunk = store.read_range(sha256, offset, CHUNK)
        if not chunk:
            break
        digest.update(chunk)
        offset += len(chunk)
    if digest.hexdigest() != sha256:
        raise BlobDamaged(f"blob {sha256} does not have the bytes it was stored with; restore it from a backup")
    return size


@contextmanager
def as_file(store: BlobStore, sha256: str, suffix: str = "") -> Iterator[Path]:
    """The blob as a file to read, for programs that want a path; a copy only where the store is not a folder."""
    if isinstance(store, FolderStore) and not suffix:
        yield store.path(sha256)
        return
    with tempfile.NamedTemporaryFile(prefix="keshen-", suffix=suffix) as file:
        store.fetch(sha256, file)
        file.flush()
        yield Path(file.name)


def _checked(sha256: str) -> str:
    if not _NAME.fullmatch(sha256):
        raise BlobMissing(f"{sha256!r} is not the name of a blob")
    return sha256


def _chunks(file: BinaryIO, start: int, end: int | None) -> Iterator[bytes]:
    file.seek(start)
    left = (os.fstat(file.fileno()).st_size if end is None else end) - start
    while left > 0 and (chunk := file.read(min(CHUNK, left))):
        left -= len(chunk)
        yield chunk


class FolderStore:
    """Blobs in a folder on this machine: `ab/abcdef…`, read-only once written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __repr__(self) -> str:
        return f"FolderStore({str(self.folder)!r})"

    def path(self, sha256: str) -> Path:
        """Where the blob lies. Raises BlobMissing."""
        path = self._place(_checked(sha256))
        if not path.is_file():
            raise BlobMissing(f"there is no blob {sha256} in {self.folder}")
        return path

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        if not self._place(sha256).exists():
            self._write(iter((data,)))
        return sha256

    def put_file(self, path: Path, start: int = 0, end: int | None = None) -> str:
        with path.open("rb") as file:
            return self._write(_chunks(file, start, end))

    def _write(self, chunks: Iterator[bytes]) -> str:
        descriptor, name, digest = -1, "", hashlib.sha256()
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix="incoming-", dir=self.folder)
            for chunk in chunks:
                digest.update(chunk)
                view = memoryview(chunk)
                while view:
                    view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
            os.fchmod(descriptor, 0o444)
            sha256 = digest.hexdigest()
            target = self._place(sha256)
            target.parent.mkdir(exist_ok=True)
            Path(name).rename(target)
            name = ""
            return sha256
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise StoreFull(
                    f"no room left in {self.folder}; nothing was kept. Free some space there and try again"
                ) from error
            raise StoreError(f"cannot write to {self.folder}: {error.strerror}") from error
        finally:
            if descriptor >= 0:
                os.close(descriptor)
            if name:
                Path(name).unlink()

    def size(self, sha256: str) -> int:
        return self.path(sha256).stat().st_size

    def read(self, sha256: str) -> bytes:
        return self.path(sha256).read_bytes()

    def read_range(self, sha256: str, offset: int, length: int) -> bytes:
        with self._opened(sha256) as descriptor:
            return os.pread(descriptor, length, offset)

    @contextmanager
    def _opened(self, sha256: str) -> Iterator[int]:
        try:
            descriptor = os.open(f"{self.folder}/{_checked(sha256)[:2]}/{sha256}", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise BlobMissing(f"there is no blob {sha256} in {self.folder}") from error
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    async def aread(self, sha256: str) -> bytes:
        return await asyncio.to_thread(self.read, sha256)

    async def aread_range(self, sha256: str, offset: int, length: int) -> bytes | bytearray:
        at_hand = self._at_hand(sha256, offset, length)
        return at_hand if at_hand is not None else await asyncio.to_thread(self.read_range, sha256, offset, length)

    def _at_hand(self, sha256: str, offset: int, length: int) -> bytearray | None:
        """What is asked for, where all of it is in memory already (Linux): a thread costs more than to copy it."""
        if sys.platform != "linux":
            return None
        with self._opened(sha256) as descriptor:
            held = bytearray(length)
            try:
                found = os.preadv(descriptor, [held], offset, os.RWF_NOWAIT)
            except OSError:  # nothing of it is (EAGAIN), or the file system cannot say
                return None
        return held if found == length else None

    def fetch(self, sha256: str, target: Target) -> None:
        with self.path(sha256).open("rb") as file:
            target.writelines(_chunks(file, 0, None))

    def sweep(self) -> int:
        """Remove what writers that died left behind; gives how many. Call only while nothing is being written."""
        leftovers = list(self.folder.glob("incoming-*"))
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
        return len(leftovers)


class BucketStore:
    """Blobs in an S3 bucket, `s3://bucket/prefix`. Keys and endpoint come from the usual AWS_ variables."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._bucket = from_url(url)

    def __repr__(self) -> str:
        return f"BucketStore({self.url!r})"

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise BlobMissing(f"there is no blob {what} in {self.url}") from error
        except (BaseError, OSError) as error:
            raise StoreError(f"{self.url} did not take or give {what}: {error}") from error

    def _place(self, sha256: str) -> str:
        return f"{_checked(sha256)[:2]}/{sha256}"

    def put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        if not has(self, sha256):
            with self._asking(sha256):
                obstore.put(self._bucket, self._place(sha256), data)
        return sha256

    def put_file(self, path: Path, start: int = 0, end: int | None = None) -> str:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            for chunk in _chunks(file, start, end):
                digest.update(chunk)
            sha256 = digest.hexdigest()
            if not has(self, sha256):
                with self._asking(sha256):
                    obstore.put(self._bucket, self._place(sha256), _chunks(file, start, end))
        return sha256

    def size(self, sha256: str) -> int:
        with self._asking(sha256):
            return obstore.head(self._bucket, self._place(sha256))["size"]

    def read(self, sha256: str) -> bytes:
        with self._asking(sha256):
            return bytes(obstore.get(self._bucket, self._place(sha256)).bytes())

    def read_range(self, sha256: str, offset: int, length: int) -> bytes:
        with self._asking(sha256):
            return bytes(obstore.get_range(self._bucket, self._place(sha256), start=offset, length=length))

    async def aread(self, sha256: str) -> bytes:
        with self._asking(sha256):
            found = await obstore.get_async(self._bucket, self._place(sha256))
            return bytes(await found.bytes_async())

    async def aread_range(self, sha256: str, offset: int, length: int) -> bytes:
        with self._asking(sha256):
            return bytes(await obstore.get_range_async(self._bucket, self._place(sha256), start=offset, length=length))

    def fetch(self, sha256: str, target: Target) -> None:
        with self._asking(sha256):
            target.writelines(obstore.get(self._bucket, self._place(sha256)).stream(min_chunk_size=CHUNK))


def open_store(address: str) -> FolderStore | BucketStore:
    """The store at an address: `s3://bucket/prefix`, or the path of a folder."""
    return BucketStore(address) if address.startswith("s3://") else FolderStore(Path(address))


@lru_cache(maxsize=8)
def _opened(address: str) -> FolderStore | BucketStore:
    return open_store(address)


def house_store() -> FolderStore | BucketStore:
    """The store of this house, as the setting KESHEN_STORE says."""
    from django.conf import settings

    return _opened(str(settings.KESHEN_STORE))
