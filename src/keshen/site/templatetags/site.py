"""Template tags of the public pages: words, times and pictures as an edition's readers read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from keshen.house.models import Edition
from keshen.newsroom.mediatopics import label
from keshen.site import moments, pictures
from keshen.site.linked_data import absolute
from keshen.site.words import in_edition, in_script

register = template.Library()
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
SIZES = {
    "lead": "(min-width: 64rem) 50rem, 100vw",
    "card": "(min-width: 64rem) 18rem, (min-width: 40rem) 50vw, 100vw",
    "small": "8rem",
}


@register.filter
def named(words: Mapping[str, str], edition: Edition) -> str:
    """A name kept in several languages, for the edition."""
    return in_edition(words, edition) if words else ""


@register.filter
def scripted(text: str, edition: Edition) -> str:
    """Text in the edition's source language, in its script."""
    return in_script(text, edition)


@register.simple_tag(takes_context=True)
def topic(context: Context, code: str) -> str:
    """The label of a Media Topic."""
    edition: Edition = context["edition"]
    return in_script(label(code, edition.language), edition)


@register.simple_tag(takes_context=True)
def moment(context: Context, at: datetime, style: str = "full") -> SafeString:
    """A time in the house's zone: `full` (day, time, zone), `day`, `clock` or `short` (today's clock, else the day)."""
    local = timezone.localtime(at)
    words = moments.written(local, context["edition"], style)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), words)


@register.simple_tag(takes_context=True)
def weekday(context: Context, on: date) -> str:
    """A day with the name of its weekday."""
    return moments.weekday(on, context["edition"])


@register.simple_tag
def figure(shown: pictures.Picture, kind: str = "lead") -> SafeString:
    """A picture with its caption and credit, loaded first."""
    return mark_safe(pictures.figure(shown, sizes=SIZES[kind], eager=True))


@register.simple_tag
def thumbnail(shown: pictures.Picture | None, kind: str = "card", eager: bool = False) -> SafeString:
    """A picture beside a headline that says the same: nothing to read out. Empty where there is none."""
    if not shown:
        return SafeString()
    return mark_safe(pictures.image({**shown, "alt": ""}, sizes=SIZES[kind], eager=eager))


@register.filter(name="absolute")
def absolute_address(path: str) -> str:
    """The path with the house's address before it."""
    return absolute(path)


@register.simple_tag(takes_context=True)
def place(context: Context, service: Any) -> str:
    """Where a television or radio service is played."""
    from keshen.site.context import address

    return address(service, context["edition"])


@register.simple_tag
def ld_json(data: Mapping[str, Any]) -> SafeString:
    """Linked data for the page's head (JSON-LD 1.1, 7.2); nothing in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')
