"""FTP, and FTP over TLS (RFC 4217, explicit): each item is a file in the client's folder, there whole or not at all."""

from __future__ import annotations

import ftplib
import io
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from keshen.house import outgoing
from keshen.wire.channels.base import Answer, Option, Parcel, delivered, later, refused_client
from keshen.wire.channels.threads import ThreadSender

PORT = 21
OPTIONS: Mapping[str, Option] = {
    "password": Option(_("Password"), _("Without one we sign in as anonymous."), secret=True),
    "authority": Option(
        _("Certificate authority"), _("The one to trust instead of the public ones, as PEM."), long=True
    ),
}
FULL = ("450", "451", "452", "552")
"""What a server says that has no room just now; 552 is not for ever, whatever its first digit says."""


class _Ftp(ftplib.FTP_TLS):
    """Connects only to checked addresses, for data too: a server's word about where to send data is not taken."""

    trust_server_pasv_ipv4_address = False

    def open(self, host: str, port: int, seconds: float) -> None:
        self.host, self.port, self.timeout = host, port, seconds
        self.sock: Any = outgoing.connect(host, port, seconds)
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if self._prot_p:  # type: ignore[attr-defined]
            # servers ask that data comes in the session of the control connection
            conn = self.context.wrap_socket(conn, server_hostname=self.host, session=self.sock.session)
        return conn, size


def bring(parcel: Parcel, seconds: float) -> Answer:
    """Put one item down; every failure is an answer."""
    parts = urlsplit(parcel.url)
    context = ssl.create_default_context(cadata=parcel.options.get("authority") or None)
    ftp = _Ftp(context=context, encoding="utf-8")
    try:
        ftp.open(parts.hostname or "", parts.port or PORT, seconds)
        secure = parts.scheme == "ftps"
        ftp.login(unquote(parts.username or ""), parcel.options.get("password", ""), secure=secure)
        if secure:
            ftp.prot_p()
        folder = unquote(parts.path).removeprefix("/")
        if folder:
            ftp.cwd(folder)
        ftp.storbinary(f"STOR .{parcel.file_name}.part", io.BytesIO(parcel.body))
        _rename(ftp, f".{parcel.file_name}.part", parcel.file_name)
    except ssl.SSLCertVerificationError as problem:
        return refused_client(f"The server's certificate cannot be trusted: {problem.verify_message}")
    except ftplib.error_perm as problem:
        said = str(problem)
        return later(said) if said.startswith(FULL) else refused_client(f"The server refused: {said}")
    except (*ftplib.all_errors, outgoing.httpcore.ConnectError) as problem:
        return later(f"{type(problem).__name__}: {problem}")
    finally:
        with suppress(*ftplib.all_errors, AttributeError):
            ftp.quit()
        ftp.close()
    return delivered(parcel.file_name)


def _rename(ftp: ftplib.FTP, old: str, new: str) -> None:
    """A server that will not rename onto a file has an earlier try of ours there."""
    try:
        ftp.rename(old, new)
    except ftplib.error_perm:
        with suppress(ftplib.error_perm):
            ftp.delete(new)
        ftp.rename(old, new)


def open_sender(seconds: float) -> ThreadSender:
    return ThreadSender(partial(bring), seconds)


def check(url: str, options: Mapping[str, str]) -> None:
    """Raise ValueError unless a session could be opened with these."""
    parts = urlsplit(url)
    if not parts.hostname or parts.password:
        raise ValueError(f"{url}: write ftps://name@host/folder, and the password apart.")
    if options.get("authority"):
        try:
            ssl.create_default_context(cadata=options["authority"])
        except ssl.SSLError as problem:
            raise ValueError(f"The authority's certificate cannot be read: {problem}") from problem
    outgoing.check_host(parts.hostname, parts.port or PORT)
