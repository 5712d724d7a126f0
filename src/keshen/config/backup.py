"""The whole house in one file, and back.

A backup is a tar file: `database.dump` (PostgreSQL's custom format, one consistent moment), the media blobs as
`media/<sha256>`, the house's secrets as `files/<name>`, and last `manifest.json`, which makes it complete.
Blobs are immutable and are written before the rows that name them; so blobs read after the dump hold all it needs.
Media kept in a bucket are not copied: the manifest says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from keshen import __version__
from keshen.house import dumps
from keshen.media.store import FolderStore, open_store

FORMAT = 1
SECRETS = ("secret-key", "demo-password")
CHUNK = 1 << 20

Progress = Callable[[str, int, int], None]
"""Called with what is being done, bytes done and bytes in all (0 when not known)."""


class BackupError(RuntimeError):
    """The backup cannot be written or used; the message says why and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What a complete backup says about itself; sizes in bytes, `made` in ISO 8601, UTC."""

    format: int
    keshen: str
    made: str
    database_sha256: str
    media: int
    media_bytes: int
    bucket: str


def write(home: Path, database: str, store_address: str, target: Path, progress: Progress) -> Manifest:
    """Write a backup of the house as it is now; it may stay open meanwhile.

    The file appears under its name only when it is complete; an older file of that name stays until then.
    Raises BackupError, PostgresError.
    """
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with (
            unfinished.open("wb") as file,
            contextlib.ExitStack() as stack,
        ):
            os.fchmod(file.fileno(), 0o600)
            archive = stack.enter_context(tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT))
            manifest = _fill(archive, home, database, store_address, unfinished, progress)
            archive.close()
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise BackupError(f"The backup could not be written to {target}: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _fill(
    archive: tarfile.TarFile, home: Path, database: str, store_address: str, beside: Path, progress: Progress
) -> Manifest:
    with tempfile.NamedTemporaryFile(prefix=".keshen-", suffix=".dump", dir=beside.parent) as dump:
        dumps.dump(home, database, Path(dump.name), lambda done: progress("database", done, 0))
        archive.add(dump.name, "database.dump", filter=_plain)
        digest = _digest(Path(dump.name))
    store = open_store(store_address)
    blobs: list[Path] = []
    if isinstance(store, FolderStore):
        blobs = sorted(path for path in store.folder.glob("??/*") if path.is_file())
    total, done, written = sum(path.stat().st_size for path in blobs), 0, 0
    for path in blobs:
        try:
            archive.add(path, f"media/{path.name}", filter=_plain)
        except FileNotFoundError:
            continue  # removed since the list was made, because its story was killed
        written += 1
        done = archive.offset
        progress("media", done, total)
    for name in SECRETS:
        if (home / name).is_file():
            archive.add(home / name, f"files/{name}", filter=_plain)
    manifest = Manifest(
        format=FORMAT,
        keshen=__version__,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        database_sha256=digest,
        media=written,
        media_bytes=done,
        bucket="" if isinstance(store, FolderStore) else store_address,
    )
    data = json.dumps(asdict(manifest), indent=1).encode()
    entry = tarfile.TarInfo("manifest.json")
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))
    return manifest


def read(home: Path, database: str, store_address: str, source: Path, progress: Progress) -> Manifest:
    """Check a backup and put it in place of this house's database; its media join those in the store.

    The database changes last, in one transaction: until then, and if anything fails, it is as it was.
    Raises BackupError when the file is not a complete, undamaged backup; PostgresError; StoreError.
    """
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="restore-", dir=home) as folder:
        manifest = _unpack(source, Path(folder), store_address, progress)
        size = (Path(folder) / "database.dump").stat().st_size
        dumps.restore(
            home, database, Path(folder) / "database.dump", lambda done: progress("database", done, max(done, size))
        )
        for name in SECRETS:
            if (Path(folder) / name).exists():
                (Path(folder) / name).chmod(0o600)
                (Path(folder) / name).replace(home / name)
    return manifest


def _unpack(source: Path, folder: Path, store_address: str, progress: Progress) -> Manifest:
    """Media into the store, the rest into a folder; every byte is checked on the way."""
    store = open_store(store_address)
    if not source.is_file():
        raise BackupError(f"There is no file {source}.")
    total, media = source.stat().st_size, 0
    manifest: Manifest | None = None
    try:
        with source.open("rb") as file, tarfile.open(fileobj=file, mode="r|") as archive:
            for entry in archive:
                kind, _, name = entry.name.rpartition("/")
                stream = archive.extractfile(entry)
                if stream is None or name != Path(name).name:
                    raise BackupError(f"{source} holds {entry.name!r}, which no backup has.")
                if entry.name == "manifest.json":
                    manifest = Manifest(**json.loads(stream.read()))
                    continue
                path = folder / name
                with path.open("wb") as output:
                    while chunk := stream.read(CHUNK):
                        output.write(chunk)
                if kind == "media":
                    if store.put_file(path) != name:
                        raise BackupError(f"{source} is damaged: the blob {name} is not what its name says.")
                    path.unlink()
                    media += 1
                progress("media", file.tell(), total)
    except (tarfile.TarError, EOFError, ValueError, TypeError) as error:
        raise BackupError(f"{source} is not a backup of Keshen, or is damaged: {error}") from error
    if manifest is None:
        raise BackupError(f"{source} is not complete: it has no manifest. It was probably cut off while being written.")
    if manifest.format != FORMAT:
        raise BackupError(f"{source} is of format {manifest.format}; Keshen {manifest.keshen} or later can read it.")
    if media < manifest.media or _digest(folder / "database.dump") != manifest.database_sha256:
        raise BackupError(f"{source} is damaged: it does not hold what its manifest says.")
    return manifest


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Whose file it was and where is nobody's business."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o600
    return entry


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
