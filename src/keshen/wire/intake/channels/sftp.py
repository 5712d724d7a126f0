"""SFTP: the files of a folder, each fetched once. The server is known by its public key, agreed beforehand."""

from __future__ import annotations

import asyncio
import stat
from typing import Final
from urllib.parse import unquote, urlsplit

import asyncssh
import httpcore

from keshen.house import outgoing
from keshen.wire.intake.channels import listing
from keshen.wire.intake.channels.base import MOST_BYTES, Later, Look, Over, Spec

PORT: Final = 22
SECONDS: Final = 60.0


def check(spec: Spec) -> None:
    """Raises ValueError unless the address is `sftp://host/folder` with a name, a secret and the server's key."""
    parts = urlsplit(spec.address)
    if parts.scheme != "sftp" or not parts.hostname or parts.password:
        raise ValueError(f"{spec.address}: write sftp://host/folder, and the name and the secret apart.")
    if not spec.username or not spec.secret:
        raise ValueError("SFTP needs a name, and a password or a private key.")
    try:
        asyncssh.import_public_key(str(spec.settings.get("host_key", "")))
        if _is_key(spec.secret):
            asyncssh.import_private_key(spec.secret)
    except asyncssh.KeyImportError as problem:
        raise ValueError(
            f"A key cannot be read: {problem}. Give the server's public key as one line: ssh-ed25519 AAAA…"
        ) from problem
    try:
        outgoing.check_host(parts.hostname, parts.port or PORT)
    except outgoing.Refused as refused:
        raise ValueError(str(refused)) from refused
    except httpcore.ConnectError:
        return  # the name has no address now; looking says so until it has


def look(spec: Spec) -> Look:
    """The files that are new. Raises Later or Over."""
    try:
        return asyncio.run(asyncio.wait_for(_look(spec), SECONDS * 5))
    except outgoing.Refused as refused:
        raise Over(str(refused)) from refused
    except asyncssh.HostKeyNotVerifiable as problem:
        raise Over(
            "The server shows another key than the one agreed. Ask its owner, then change host_key."
        ) from problem
    except asyncssh.PermissionDenied as problem:
        raise Later(f"The server does not let us in: {problem}") from problem
    except (asyncssh.Error, httpcore.ConnectError, OSError) as problem:
        raise Later(f"The server does not answer as it should: {problem or type(problem).__name__}") from problem


def _is_key(secret: str) -> bool:
    return secret.lstrip().startswith("-----BEGIN")


async def _look(spec: Spec) -> Look:
    parts = urlsplit(spec.address)
    host, port = parts.hostname or "", parts.port or PORT
    sock = await outgoing.connect_async(host, port, SECONDS)
    key = _is_key(spec.secret)
    try:
        connection = await asyncssh.connect(
            host,
            sock=sock,
            config=None,
            username=spec.username,
            password=None if key else spec.secret,
            client_keys=[asyncssh.import_private_key(spec.secret)] if key else None,
            known_hosts=([asyncssh.import_public_key(str(spec.settings.get("host_key", "")))], [], []),
            agent_path=None,
            login_timeout=SECONDS,
            connect_timeout=SECONDS,
        )
    except BaseException:
        sock.close()
        raise
    async with connection, connection.start_sftp_client() as files:
        folder = unquote(parts.path).removeprefix("/") or "."
        there = [
            listing.File(
                str(entry.filename),
                f"{entry.attrs.mtime}-{entry.attrs.size}",
                entry.attrs.size or 0,
                entry.attrs.mtime or 0,
            )
            async for entry in files.scandir(folder)
            if entry.attrs.permissions is None or stat.S_ISREG(entry.attrs.permissions)
        ]
        wanted = listing.take(spec, there, lambda _name: b"")
        messages = []
        for message in wanted.messages:
            async with files.open(f"{folder}/{message.handle}", "rb") as file:
                messages.append(type(message)(message.name, await file.read(MOST_BYTES), message.handle))
        return Look(wanted.cursor, messages, wanted.refused, wanted.more)
