"""Mail: one message an item, through the house's own mail server; the number and the state stand in its head."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

from django.conf import settings

from keshen.wire.channels.base import Answer, Parcel, delivered, later, refused_client, refused_item
from keshen.wire.channels.threads import ThreadSender

SUBMISSION_PORT = 587
TLS_PORT = 465
SUBJECT_CHARACTERS = 200
_ADDRESSED = (
    "From", "To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted", "Keshen-Sequence", "Keshen-Item",
    "Keshen-Status",
)  # fmt: skip
"""What the channel says of every message, whoever wrote it."""


def bring(parcel: Parcel, seconds: float) -> Answer:
    """Hand one message to the house's mail server; every failure is an answer."""
    if not settings.KESHEN_SMTP_URL:
        return later("The house has no mail server: set KESHEN_SMTP_URL.")
    message = compose(parcel, sender())
    try:
        with server(seconds) as session:
            refused = session.send_message(message, sender(), addresses(parcel.url))
    except smtplib.SMTPRecipientsRefused as problem:
        return _judge_recipients(problem.recipients)
    except smtplib.SMTPDataError as problem:
        said = f"{problem.smtp_code} {_text(problem.smtp_error)}"
        return refused_item(said) if problem.smtp_code >= 500 else later(said)
    except (smtplib.SMTPException, OSError) as problem:
        # our own server's trouble, not the client's
        return later(f"{type(problem).__name__}: {problem}")
    return delivered(f"refused for {', '.join(refused)}" if refused else "")


def _judge_recipients(refused: Mapping[str, tuple[int, bytes]]) -> Answer:
    said = "; ".join(f"{who}: {code} {_text(why)}" for who, (code, why) in refused.items())
    return later(said) if any(code < 500 for code, _why in refused.values()) else refused_client(said)


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def server(seconds: float) -> smtplib.SMTP:
    """A session with the house's mail server, encrypted where it can be and always before a password is said."""
    parts = urlsplit(settings.KESHEN_SMTP_URL)
    host = parts.hostname or "localhost"
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        session: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or TLS_PORT, timeout=seconds, context=context)
    else:
        session = smtplib.SMTP(host, parts.port or SUBMISSION_PORT, timeout=seconds)
        session.ehlo()
        if session.has_extn("starttls"):
            session.starttls(context=context)
            session.ehlo()
        elif parts.username:
            session.close()
            raise smtplib.SMTPNotSupportedError("the mail server offers no TLS, so no password is sent to it")
    if parts.username:
        session.login(unquote(parts.username), unquote(parts.password or ""))
    return session


def sender() -> str:
    """Whom the house's mail is from."""
    return str(settings.KESHEN_MAIL_FROM)


def addresses(url: str) -> list[str]:
    """The mailboxes of a `mailto:` address."""
    return [unquote(each).strip() for each in urlsplit(url).path.split(",") if each.strip()]


def compose(parcel: Parcel, from_: str) -> EmailMessage:
    """The message: an item in a form people read is its text, any other is attached. A kill says so first."""
    domain = parseaddr(from_)[1].rpartition("@")[2] or "localhost"
    killed = parcel.status == "canceled"
    headline = " ".join(parcel.headline.split())[:SUBJECT_CHARACTERS]
    kind, _, rest = parcel.media_type.partition(";")[0].strip().partition("/")
    written = kind == "message"
    # an item that is a mail already only wants its addresses
    message = message_from_bytes(parcel.body, EmailMessage, policy=SMTP) if written else EmailMessage()
    for name in _ADDRESSED:
        del message[name]
    message["From"] = from_
    message["To"] = ", ".join(addresses(parcel.url))
    message["Subject"] = f"KILL: {headline}" if killed else headline
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{parcel.message_id}@{domain}>"
    # all versions of an item are one thread
    thread = hashlib.sha256(parcel.urn.encode()).hexdigest()[:32]
    message["References"] = f"<{thread}.{parcel.slug}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Keshen-Sequence"] = str(parcel.sequence)
    message["Keshen-Item"] = parcel.urn
    message["Keshen-Status"] = parcel.status
    if written:
        return message
    if kind == "text" and rest in ("plain", "html"):
        charset = parcel.media_type.partition("charset=")[2] or "utf-8"
        message.set_content(parcel.body.decode(charset), subtype=rest, charset=charset)
    else:
        message.set_content(f"{'KILL: ' if killed else ''}{headline}\n\n{parcel.urn}\n")
        message.add_attachment(parcel.body, maintype=kind, subtype=rest, filename=parcel.file_name)
    return message


def open_sender(seconds: float) -> ThreadSender:
    return ThreadSender(bring, seconds)


def check(url: str, options: Mapping[str, str]) -> None:
    """Raise ValueError unless there are mailboxes and a server to hand messages to."""
    found = addresses(url)
    if not found or not all(parseaddr(each)[1] == each and each.count("@") == 1 for each in found):
        raise ValueError(f"{url}: write mailto:desk@client.example, several with commas between.")
    if not settings.KESHEN_SMTP_URL:
        raise ValueError(
            "The house has no mail server yet: set KESHEN_SMTP_URL, such as smtp://name:password@host:587."
        )
