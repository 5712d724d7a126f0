"""FTP, and FTP over TLS (RFC 4217, explicit): the files of a folder, each fetched once. Nothing is changed there."""

from __future__ import annotations

import ftplib
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpcore

from keshen.house import outgoing
from keshen.wire.intake.channels import listing
from keshen.wire.intake.channels.base import MOST_BYTES, Later, Look, Over, Spec

PORT: Final = 21
SECONDS: Final = 30.0


class _Ftp(ftplib.FTP_TLS):
    """Connects only to checked addresses, for data too: a server's word about where to fetch data is not taken."""

    trust_server_pasv_ipv4_address = False

    def open(self, host: str, port: int) -> None:
        self.host, self.port, self.timeout = host, port, SECONDS
        self.sock: Any = outgoing.connect(host, port, SECONDS)
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()


def check(spec: Spec) -> None:
    """Raises ValueError unless the address is `ftp://host/folder` or `ftps://host/folder`, at a place we may go to."""
    parts = urlsplit(spec.address)
    if parts.scheme not in ("ftp", "ftps") or not parts.hostname:
        raise ValueError(f"{spec.address}: write ftps://host/folder, or ftp://host/folder.")
    if parts.username or parts.password:
        raise ValueError("Write the name and the password apart from the address.")
    _check_host(parts.hostname, parts.port or PORT)


def _check_host(host: str, port: int) -> None:
    try:
        outgoing.check_host(host, port)
    except outgoing.Refused as refused:
        raise ValueError(str(refused)) from refused
    except httpcore.ConnectError:
        return  # the name has no address now; looking says so until it has


def look(spec: Spec) -> Look:
    """The files that are new. Raises Later or Over."""
    parts = urlsplit(spec.address)
    ftp = _Ftp(context=ssl.create_default_context(), encoding="utf-8")
    try:
        ftp.open(parts.hostname or "", parts.port or PORT)
        secure = parts.scheme == "ftps"
        ftp.login(spec.username or "anonymous", spec.secret, secure=secure)
        if secure:
            ftp.prot_p()
        if folder := unquote(parts.path).removeprefix("/"):
            ftp.cwd(folder)
        return listing.take(spec, _files(ftp), lambda name: _read(ftp, name))
    except outgoing.Refused as refused:
        raise Over(str(refused)) from refused
    except ftplib.error_perm as problem:
        raise Later(f"The server refuses: {problem}") from problem
    except (*ftplib.all_errors, httpcore.ConnectError, ValueError) as problem:
        raise Later(f"{parts.hostname} does not answer as it should: {problem or type(problem).__name__}") from problem
    finally:
        with suppress(*ftplib.all_errors, AttributeError):
            ftp.quit()
        ftp.close()


def _files(ftp: ftplib.FTP) -> list[listing.File]:
    """By MLSD (RFC 3659); an old server is asked name by name."""
    try:
        facts = list(ftp.mlsd(facts=["type", "size", "modify"]))
    except ftplib.error_perm:
        return [_asked(ftp, name) for name in ftp.nlst()]
    return [
        listing.File(name, f"{fact.get('modify')}-{fact.get('size')}", int(fact.get("size", 0)), fact.get("modify", ""))
        for name, fact in facts
        if fact.get("type") == "file"
    ]


def _asked(ftp: ftplib.FTP, name: str) -> listing.File:
    size, written = 0, ""
    with suppress(ftplib.error_perm):
        size = ftp.size(name) or 0
    with suppress(ftplib.error_perm):
        written = ftp.sendcmd(f"MDTM {name}").partition(" ")[2]
    day = "" if written else f"{datetime.now(UTC):%Y%m%d}"  # nothing else tells that it changed
    return listing.File(name, f"{written}-{size}{day}", size, written)


def _read(ftp: ftplib.FTP, name: str) -> bytes:
    kept = bytearray()

    def more(piece: bytes) -> None:
        kept.extend(piece)
        if len(kept) > MOST_BYTES:
            raise Later(f"{name} grows beyond {MOST_BYTES >> 20} MB while it is read; nothing was taken.")

    ftp.retrbinary(f"RETR {name}", more)
    return bytes(kept)
