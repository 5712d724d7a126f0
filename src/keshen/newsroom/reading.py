"""A text as staff read it: its working copy, with pictures, beside the state of what is out."""

from __future__ import annotations

import html
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import reverse
from django.utils.safestring import SafeString

from keshen.newsroom import body as bodies
from keshen.newsroom.content import Content
from keshen.newsroom.models import Text

RIGHT_TO_LEFT = frozenset({"ar", "kk-Arab"})


@dataclass(frozen=True, slots=True)
class Reading:
    """The working copy for a page: `html` is escaped and safe; `direction` is the script's."""

    content: Content
    html: SafeString
    direction: str
    words: int


def reading(text: Text) -> Reading:
    """The working copy of `text`, ready to be shown."""
    content = text.working
    return Reading(
        content,
        SafeString(bodies.to_html(content.body, _picture)),
        direction_of(text.language),
        sum(len(paragraph.split()) for paragraph in bodies.paragraphs(content.body)),
    )


def direction_of(language: str) -> str:
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def _picture(node: bodies.Node) -> str:
    attributes = node["attrs"]
    address = reverse("newsroom:picture", args=[quote(attributes["asset"], safe=":")])
    caption = html.escape(attributes.get("caption") or "")
    return (
        f'<figure><img src="{html.escape(address)}" alt="{html.escape(attributes.get("alt") or "")}" loading="lazy">'
        f"<figcaption>{caption}</figcaption></figure>"
    )
