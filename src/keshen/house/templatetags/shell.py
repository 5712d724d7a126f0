"""What the shell of the control room draws on every screen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi, ngettext
from django.utils.translation import gettext_lazy as _

from keshen.house.alarms import alarms_for
from keshen.house.languages import INTERFACE_LANGUAGES, language_name
from keshen.house.menu import places_for
from keshen.house.models import Job, Service, User
from keshen.house.permissions import allowed

register = template.Library()


@register.simple_tag(takes_context=True)
def shell(context: template.Context) -> dict[str, Any]:
    """Everything the frame needs, once a page: places, services, languages, alarms, theme and direction."""
    request = context["request"]
    person = request.user
    signed_in = person.is_authenticated
    return {
        "places": places_for(person) if signed_in else [],
        "services": Service.objects.filter(kind__in=("tv", "radio")) if signed_in else [],
        "alarms": Job.objects.filter(state=Job.State.FAILED).count() + len(alarms_for(person)) if signed_in else 0,
        "languages": INTERFACE_LANGUAGES,
        "language": get_language(),
        "direction": "rtl" if get_language_bidi() else "ltr",
        "theme": person.theme if signed_in else request.COOKIES.get("keshen_theme", "dark"),
        "time_zone": settings.TIME_ZONE,
    }


SHELL_WORDS = {
    "close": _("Close"),
    "changes": _("{n} changed, show"),
    "failed": _("That did not work (answer {status}). Nothing was changed; try again."),
    "offline": _("No connection. Nothing was sent; try again when it is back."),
    "edits": _("{name} edits"),
    "reads": _("{name} reads"),
}


@register.simple_tag(takes_context=True)
def shell_words(context: template.Context) -> SafeString:
    """The words scripts say, as data of the page: the shell's and, in `script_words`, the screen's own."""
    words = {**SHELL_WORDS, **context.get("script_words", {})}
    return json_script({key: str(value) for key, value in words.items()}, "words")


@register.filter
def age(moment: datetime | None) -> SafeString | str:
    """How long ago, in a word: 40 s, 12 min, 3 h, then the date; the full time as a tooltip."""
    if moment is None:
        return ""
    seconds = max(0, int((timezone.now() - moment).total_seconds()))
    local = timezone.localtime(moment)
    if seconds < 60:
        words = ngettext("%(n)d s", "%(n)d s", seconds) % {"n": seconds}
    elif seconds < 3600:
        words = ngettext("%(n)d min", "%(n)d min", seconds // 60) % {"n": seconds // 60}
    elif seconds < 86400:
        words = ngettext("%(n)d h", "%(n)d h", seconds // 3600) % {"n": seconds // 3600}
    else:
        words = f"{local:%d.%m.%Y}"
    return format_html(
        '<time datetime="{}" title="{}" data-age>{}</time>', moment.isoformat(), f"{local:%d.%m.%Y %H:%M:%S}", words
    )


@register.filter
def language(tag: str) -> str:
    """A language by the name it has in the reader's, in lists."""
    return language_name(tag)


MARKS = {
    "waiting": "○",
    "working": "◐",
    "running": "◐",
    "out": "✓",
    "done": "✓",
    "permit": "✓",
    "blocked": "‖",
    "failed": "!",
    "unclear": "?",
    "deny": "✕",
    "held": "‖",
    "killed": "✕",
    "cancelled": "–",
}
WORDS = {
    "waiting": _("waiting"),
    "working": _("under way"),
    "out": _("out"),
    "blocked": _("blocked"),
    "failed": _("failed"),
    "held": _("held"),
    "killed": _("taken down"),
    "bulletin": _("item in a bulletin"),
    "segment": _("address of a segment"),
    "ninjs": "ninjs",
    "newsml": "NewsML-G2",
    "rss": "RSS",
    "site": _("site"),
    "wire": _("wire"),
    "schedule": _("schedule"),
    "playlist": _("playlist"),
    "export": _("export"),
    "web": _("web"),
    "tv": _("television"),
    "radio": _("radio"),
}
STEPS = {
    "Speaking": _("Speaking"),
    "Mixing": _("Mixing"),
    "Drawing": _("Drawing"),
    "Encoding": _("Encoding"),
    "Captioning": _("Captioning"),
    "Looking": _("Looking"),
    "Measuring": _("Measuring"),
}


@register.filter
def mark(state: str) -> str:
    """The sign of a state; it stands beside the word, never alone."""
    return MARKS.get(state, "·")


@register.filter
def word(state: str) -> Promise | str:
    """The word for the state of a receipt, an exit or a platform."""
    return WORDS.get(state, state)


@register.filter
def step(note: str) -> Promise | str:
    """What a job says it is doing, in the person's language; a note that is no known step stays as it is."""
    return STEPS.get(note, note)


@register.filter
def may(person: User, verb: str) -> bool:
    """Whether the person may do `verb` at all."""
    return allowed(person, verb)


@register.filter
def percent(fraction: float) -> int:
    """A share of one in whole percent."""
    return round(fraction * 100)


@register.filter
def short_urn(urn: str) -> str:
    """The end of one of our URNs, which tells people enough: `story-12`; of a hash the first eight signs."""
    kind, dash, rest = urn.rpartition(":")[2].partition("-")
    return f"{kind}{dash}{rest[:8] if len(rest) == 32 else rest}"


@register.filter
def item(mapping: dict[Any, Any], key: Any) -> Any:
    """The value under a key that is itself a variable; None when absent."""
    return mapping.get(key)
