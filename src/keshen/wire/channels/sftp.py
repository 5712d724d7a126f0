"""SFTP: each item is a file in the client's folder, named by its number, there whole or not at all.

The server is known by its public key, agreed beforehand: nobody else is ever given a password or an item.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import asyncssh
from django.utils.translation import gettext_lazy as _

from keshen.house import outgoing
from keshen.wire.channels.base import Answer, Option, Parcel, delivered, later, refused_client

PORT = 22
IDLE_SECONDS = 60.0
OPTIONS: Mapping[str, Option] = {
    "host_key": Option(_("Key of the server"), _("The server's public key, as one line: ssh-ed25519 AAAA…"), long=True),
    "password": Option(_("Password"), _("Unless a key is used."), secret=True),
    "private_key": Option(
        _("Private key"), _("To sign in with, in OpenSSH's form and without a passphrase."), secret=True, long=True
    ),
}


@dataclass
class _Open:
    """A session kept for the client's next item."""

    url: str
    options: Mapping[str, str]
    connection: asyncssh.SSHClientConnection
    files: asyncssh.SFTPClient
    ends: asyncio.TimerHandle


class SftpSender:
    """Sessions to many servers, each kept for a minute. `seconds` is how long signing in may take."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._open: dict[str, _Open] = {}

    async def send(self, parcel: Parcel) -> Answer:
        try:
            files = await self._files(parcel)
            await _put(files, _folder(parcel.url), parcel)
        except asyncssh.HostKeyNotVerifiable:
            self._drop(parcel.slug)
            return refused_client(
                "The server shows another key than the one agreed. Ask the client, then set host_key."
            )
        except (asyncssh.PermissionDenied, asyncssh.KeyImportError) as problem:
            self._drop(parcel.slug)
            return refused_client(f"The server does not let us in: {problem}")
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPPermissionDenied) as problem:
            return refused_client(f"Nothing can be put into {_folder(parcel.url) or 'the home folder'}: {problem}")
        except (asyncssh.Error, outgoing.httpcore.ConnectError, OSError) as problem:
            self._drop(parcel.slug)
            return later(f"{type(problem).__name__}: {problem}")
        except BaseException:
            # cut off in the middle: what the session would say next belongs to nobody
            self._drop(parcel.slug)
            raise
        return delivered(parcel.file_name)

    async def close(self) -> None:
        for slug in list(self._open):
            self._drop(slug)

    async def _files(self, parcel: Parcel) -> asyncssh.SFTPClient:
        loop = asyncio.get_running_loop()
        held = self._open.get(parcel.slug)
        if held and (held.url, held.options) != (parcel.url, parcel.options):
            self._drop(parcel.slug)
            held = None
        if held is None:
            connection = await self._sign_in(parcel)
            try:
                files = await connection.start_sftp_client()
            except BaseException:
                connection.abort()
                raise
            held = _Open(parcel.url, parcel.options, connection, files, loop.call_later(0, lambda: None))
            self._open[parcel.slug] = held
        held.ends.cancel()
        held.ends = loop.call_later(IDLE_SECONDS, self._drop, parcel.slug)
        return held.files

    async def _sign_in(self, parcel: Parcel) -> asyncssh.SSHClientConnection:
        parts = urlsplit(parcel.url)
        options = parcel.options
        sock = await outgoing.connect_async(parts.hostname or "", parts.port or PORT, self._seconds)
        try:
            return await asyncssh.connect(
                parts.hostname or "",
                sock=sock,
                config=None,
                username=unquote(parts.username or ""),
                password=options.get("password") or None,
                client_keys=[asyncssh.import_private_key(options["private_key"])]
                if options.get("private_key")
                else None,
                known_hosts=([asyncssh.import_public_key(options["host_key"])], [], []),
                agent_path=None,
                login_timeout=self._seconds,
                connect_timeout=self._seconds,
                keepalive_interval=15,
            )
        except BaseException:
            sock.close()
            raise

    def _drop(self, slug: str) -> None:
        held = self._open.pop(slug, None)
        if held:
            held.ends.cancel()
            held.connection.abort()


def check(url: str, options: Mapping[str, str]) -> None:
    """Raise ValueError unless a session could be opened with these."""
    parts = urlsplit(url)
    if not parts.hostname or not parts.username or parts.password:
        raise ValueError(f"{url}: write sftp://name@host/folder, and the password or key apart.")
    if not options.get("password") and not options.get("private_key"):
        raise ValueError("SFTP needs a password or a private_key to sign in with.")
    try:
        asyncssh.import_public_key(options["host_key"])
        if options.get("private_key"):
            asyncssh.import_private_key(options["private_key"])
    except asyncssh.KeyImportError as problem:
        raise ValueError(f"A key cannot be read: {problem}") from problem
    outgoing.check_host(parts.hostname, parts.port or PORT)


def _folder(url: str) -> str:
    """The folder of the address: below the home folder, unless it begins with two slashes."""
    return unquote(urlsplit(url).path).removeprefix("/").rstrip("/")


async def _put(files: asyncssh.SFTPClient, folder: str, parcel: Parcel) -> None:
    """Write beside, then rename: whoever looks into the folder sees whole files. A repeated try replaces its own."""
    name = f"{folder}/{parcel.file_name}" if folder else parcel.file_name
    beside = f"{folder}/.{parcel.file_name}.part" if folder else f".{parcel.file_name}.part"
    async with files.open(beside, "wb") as file:
        await file.write(parcel.body)
    try:
        await files.posix_rename(beside, name)
    except asyncssh.SFTPOpUnsupported:
        with suppress(asyncssh.SFTPNoSuchFile):
            await files.remove(name)
        await files.rename(beside, name)
