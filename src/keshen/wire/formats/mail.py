"""A mail (RFC 5322) with the story as plain text and as HTML, ready for a mail channel to address and send.

The HTML is complete in itself: inline style, because mail programs drop sheets, and pictures by address. A correction
answers the mail before it, so that a mail program keeps versions and the kill in one thread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from keshen.wire.formats import text
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import Picture, PubStatus, WireItem, clean

MEDIA_TYPE = "message/rfc822"
_DOMAIN = "wire.invalid"
_PAGE = "font-family:'Noto Sans',Arial,sans-serif;font-size:16px;line-height:1.6;max-width:40em"
_SMALL = "color:#57606a;font-size:13px"


def render(item: WireItem) -> bytes:
    """The mail, without From and To."""
    return message(item).as_bytes()


def render_feed(feed: Feed, items: Sequence[WireItem]) -> bytes:
    """A digest: one mail with every item in the order given."""
    made = EmailMessage(policy=SMTP)
    made["Subject"] = _line(feed.title) or "–"
    made["Date"] = format_datetime(feed.updated.astimezone(UTC))
    made["Message-ID"] = _identity(f"{feed.address}-{feed.sequence}")
    _fill(made, feed.language, text.render_feed(feed, items).decode().replace(text.PART, ""), map(_article, items))
    return made.as_bytes()


def message(item: WireItem) -> EmailMessage:
    """The mail as an object a mail channel adds its addresses to."""
    made = EmailMessage(policy=SMTP)
    made["Subject"] = _line(item.headline or item.slugline) or "–"
    made["Date"] = format_datetime(item.version_created.astimezone(UTC))
    made["Message-ID"] = _identity(item.version_urn)
    made["References"] = _identity(item.story_urn)
    made["Content-Language"] = item.language
    made["X-Priority"] = "1" if item.urgency <= 2 or item.canceled else "3"
    made["Keshen-Item"] = item.urn
    made["Keshen-Version"] = str(item.version)
    made["Keshen-Status"] = item.status.value
    if item.sequence:
        made["Keshen-Sequence"] = str(item.sequence)
    _fill(made, item.language, text.render(item).decode(), [_article(item)])
    return made


def page(item: WireItem) -> str:
    """The HTML alone."""
    return _page(item.language, [_article(item)])


def _fill(made: EmailMessage, language: str, plain: str, articles: Sequence[str] | map[str]) -> None:
    made.set_content(plain, cte="base64")
    made.add_alternative(_page(language, articles), subtype="html", cte="base64")
    # equal items give equal bytes: base64 cannot hold this line, so it need not be drawn by lot
    made.set_boundary("=_keshen_alternative_=")


def _page(language: str, articles: Sequence[str] | map[str]) -> str:
    inner = "<hr>".join(articles)
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"><title>Keshen</title></head>'
        f'<body style="{_PAGE}">{inner}</body></html>'
    )


def _article(item: WireItem) -> str:
    """The story as HTML of its own language and direction."""
    direction = "rtl" if item.right_to_left else "ltr"
    parts = [f"<h1>{_html(item.headline)}</h1>" if item.headline else ""]
    parts += [f'<p style="border-inline-start:4px solid #d92d20;padding-inline-start:8px">{_html(note)}</p>'
              for note in item.note().splitlines() if note.strip()]  # fmt: skip
    if item.embargoed_until and item.status is PubStatus.USABLE:
        until = item.embargoed_until.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        parts.append(f'<p style="border-inline-start:4px solid #6941c6;padding-inline-start:8px">EMBARGO: {until}</p>')
    if item.status is not PubStatus.CANCELED:
        parts.append(f"<p><strong>{_html(item.standfirst)}</strong></p>" if item.standfirst else "")
        signed = " · ".join(_html(part) for part in (item.dateline, item.byline) if part)
        parts.append(f'<p style="{_SMALL}">{signed}</p>' if signed else "")
        parts += [_picture(picture) for picture in item.pictures if picture.renditions]
        parts.append(clean(item.body_html))
        terms = " ".join(_html(part) for part in (item.copyright_notice, item.usage_terms) if part)
        parts.append(f'<p style="{_SMALL}">{terms}</p>' if terms else "")
    if item.web_address and not item.is_notice:
        parts.append(f'<p style="{_SMALL}"><a href="{escape(item.web_address)}">{escape(item.web_address)}</a></p>')
    return f'<article lang="{escape(item.language)}" dir="{direction}">{"".join(parts)}</article>'


def _picture(picture: Picture) -> str:
    """The rendition that suits a mail: the smallest of at least 600 pixels, else the largest; what plays is a link."""
    wide = [file for file in picture.renditions if file.width >= 600]
    file = min(wide, key=lambda one: one.width) if wide else picture.renditions[0]
    caption = " ".join(_html(part) for part in (picture.title, f"({picture.credit})" if picture.credit else "") if part)
    if picture.kind != "picture":
        return f'<p>▶ <a href="{escape(file.href)}">{caption or _html(picture.urn)}</a> ({picture.seconds:.0f} s)</p>'
    shown = f'<img src="{escape(file.href)}" alt="{_html(picture.alt)}" style="max-width:100%">'
    return f"<figure>{shown}<figcaption>{caption}</figcaption></figure>"


def _html(words: str) -> str:
    return escape(clean(words))


def _line(words: str) -> str:
    return " ".join(clean(words).split())


def _identity(urn: str) -> str:
    """A Message-ID made of a name, in the domain the name is of."""
    parts = urn.split(":")
    domain = parts[2] if urn.startswith("urn:newsml:") and len(parts) > 3 else _DOMAIN
    return f"<{re.sub(r'[^A-Za-z0-9.-]', '.', urn).strip('.') or 'item'}@{domain}>"
