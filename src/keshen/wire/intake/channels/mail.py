"""Mail by IMAP: each message of a mailbox once, its text as one message of ours and each attachment as another.

Nothing is deleted there and nothing marked as read; what was seen is known by its UID (RFC 9051, 2.3.1.1).
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Final
from urllib.parse import unquote, urlsplit

import httpcore

from keshen.house import outgoing
from keshen.wire.intake.channels.base import MOST_BYTES, Later, Look, Message, Over, Refusal, Spec

PORTS: Final = {"imaps": 993, "imap": 143}
SECONDS: Final = 30.0
MOST_MAILS: Final = 50
MOST_ATTACHMENTS: Final = 50
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_NAME = re.compile(r"[^\w.-]+")


class _Imap(imaplib.IMAP4):
    """Connects only to checked addresses; with TLS from the start, or as soon as the server is greeted."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self._tls = context
        super().__init__(host, port, SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        made = outgoing.connect(self.host, self.port, timeout or SECONDS)
        return self._tls.wrap_socket(made, server_hostname=self.host) if self._tls else made


def check(spec: Spec) -> None:
    """Raises ValueError unless the address is `imaps://host/mailbox` with a name and a password."""
    parts = urlsplit(spec.address)
    if parts.scheme not in PORTS or not parts.hostname or parts.password:
        raise ValueError(f"{spec.address}: write imaps://host/INBOX, and the name and the password apart.")
    if not spec.username or not spec.secret:
        raise ValueError("A mailbox needs a name and a password.")
    try:
        outgoing.check_host(parts.hostname, parts.port or PORTS[parts.scheme])
    except outgoing.Refused as refused:
        raise ValueError(str(refused)) from refused
    except httpcore.ConnectError:
        return  # the name has no address now; looking says so until it has


def look(spec: Spec) -> Look:
    """The mails that came since. Raises Later or Over."""
    parts = urlsplit(spec.address)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    try:
        imap = _Imap(host, port, ssl.create_default_context() if parts.scheme == "imaps" else None)
    except outgoing.Refused as refused:
        raise Over(str(refused)) from refused
    except (imaplib.IMAP4.error, httpcore.ConnectError, OSError) as problem:
        raise Later(f"{host} does not answer as it should: {problem}") from problem
    try:
        if parts.scheme == "imap" and "STARTTLS" in imap.capabilities:
            imap.starttls(ssl.create_default_context())
        imap.login(spec.username, spec.secret)
        return _new(imap, spec, unquote(parts.path).strip("/") or "INBOX")
    except (imaplib.IMAP4.error, OSError, ValueError) as problem:
        raise Later(f"{host} does not answer as it should: {problem}") from problem
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            imap.logout()


def _new(imap: imaplib.IMAP4, spec: Spec, mailbox: str) -> Look:
    quoted = '"' + mailbox.replace("\\", "\\\\").replace('"', '\\"') + '"'
    state, said = imap.select(quoted, readonly=True)
    if state != "OK":
        raise Later(f"The mailbox {mailbox} cannot be opened: {said!r}")
    validity = (imap.response("UIDVALIDITY")[1] or [b""])[0]
    era = validity.decode() if isinstance(validity, bytes) else ""
    last = int(spec.cursor.get("uid", 0)) if spec.cursor.get("era") == era else 0
    _state, found = imap.uid("SEARCH", f"UID {last + 1}:*")
    uids = sorted(uid for uid in map(int, (found[0] or b"").split()) if uid > last)
    messages: list[Message] = []
    refused: list[Refusal] = []
    for uid in uids[:MOST_MAILS]:
        last = uid
        _state, about = imap.uid("FETCH", str(uid), "(RFC822.SIZE)")
        size = _SIZE.search(about[0]) if isinstance(about[0], bytes) else None
        if size and int(size[1]) > MOST_BYTES:
            why = f"Mail {uid} is larger than {MOST_BYTES >> 20} MB."
            refused.append(Refusal(f"mail-{uid}", why, "Have it sent in parts."))
            continue
        _state, fetched = imap.uid("FETCH", str(uid), "(BODY.PEEK[])")
        if fetched and isinstance(fetched[0], tuple):
            parts, too_many = taken_apart(fetched[0][1], uid)
            messages += parts
            refused += too_many
    return Look({"era": era, "uid": last}, messages, refused, more=len(uids) > MOST_MAILS)


def taken_apart(data: bytes, uid: int) -> tuple[list[Message], list[Refusal]]:
    """A mail as messages: its own text under its subject, then its attachments, each by its name."""
    mail = message_from_bytes(data, policy=default)
    attachments = list(_attachments(mail))
    refused = []
    if len(attachments) > MOST_ATTACHMENTS:
        why = f"Mail {uid} has {len(attachments)} attachments; the first {MOST_ATTACHMENTS} were taken."
        refused.append(Refusal(f"mail-{uid}", why, "Have the others sent again in mails of their own."))
    made = [
        Message(f"mail-{uid}-{_NAME.sub('_', name)[-100:]}", content)
        for name, content in attachments[:MOST_ATTACHMENTS]
        if content
    ]
    text = _text(mail)
    if text is not None:
        made.insert(0, text if not uid else Message(f"mail-{uid}{text.name}", text.data))
    return made, refused


def _attachments(mail: EmailMessage) -> Iterator[tuple[str, bytes]]:
    for number, part in enumerate(mail.iter_attachments()):
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            ending = "." + part.get_content_subtype() if part.get_content_maintype() != "message" else ".eml"
            yield part.get_filename() or f"attachment-{number}{ending}", content


def _text(mail: EmailMessage) -> Message | None:
    """The mail's own words under its subject; None when it has none, as a mail that only carries files."""
    body = mail.get_body(preferencelist=("plain", "html"))
    if body is None:
        return None
    try:
        words = str(body.get_content()).strip()
    except (LookupError, ValueError):  # a character set nobody knows: the reader may find another
        raw = body.get_payload(decode=True)
        words = raw.decode("utf-8", "replace").strip() if isinstance(raw, bytes) else ""
    if not words:
        return None
    subject = " ".join(str(mail.get("subject", "")).split())
    if body.get_content_subtype() == "html":
        return Message(".html", words.encode())
    return Message(".txt", f"{subject}\n\n{words}".encode() if subject else words.encode())
