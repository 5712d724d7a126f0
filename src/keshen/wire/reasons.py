"""The words for what the wire found: one sentence a key, in the interface's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from keshen.wire.findings import Finding
from keshen.wire.why import Verdict

SENTENCES: Mapping[str, Any] = {
    "product": _("It belongs to the product %(product)s, which the client takes."),
    "not_in_product": _("It does not belong to the product %(product)s:"),
    "no_product": _("The client takes no product."),
    "language": _("its language is %(has)s, the product carries %(wanted)s."),
    "script": _("it can be had in the script %(has)s, the product is in %(wanted)s."),
    "topics": _("its topics are %(has)s, the product carries %(wanted)s."),
    "places": _("its places are %(has)s, the product carries %(wanted)s."),
    "media": _("it has %(has)s, the product wants %(wanted)s."),
    "urgency": _("its urgency is %(has)s, the product carries %(wanted)s and more urgent."),
    "outside_window": _("The subscription did not run then. It runs: %(windows)s."),
    "daily_volume": _("The client had its %(limit)s stories of the day already."),
    "monthly_volume": _("The client had its %(limit)s stories of the month already."),
    "delayed": _("The subscription is delayed by %(minutes)s minutes: it is due at %(until)s."),
    "had_earlier": _("The client has an earlier version, so it gets this one whatever its subscription says now:"),
    "came_later": _("The client was added later, at %(since)s."),
    "not_recorded": _("When this went out, choices were not kept yet."),
    "not_considered": _("The client was not among those considered."),
    "not_published": _("The story was never published."),
    "kill": _("The story was killed. A kill goes to everyone who was ever sent it."),
    "kill_not_theirs": _("The story was killed. The client was never sent it, so there is nothing to call back."),
    "delivered": _("Delivered as number %(number)s at %(at)s."),
    "waits": _("It waits to be sent."),
    "under_way": _("It is being sent as number %(number)s."),
    "tries_again": _("Tried %(tries)s times; the last answer was %(code)s. The next try is at %(at)s."),
    "client_suspended": _("It waits, because the client is suspended: %(reason)s"),
    "cancelled": _("It was cancelled: %(reason)s"),
    "refused": _("The client refused it: %(reason)s"),
    "rights": _("Rights stopped it: %(reason)s"),
    "in_script": _("The client has the text as %(tag)s."),
    "withheld": _("Pictures left out, by rights or by the subscription: %(number)s."),
}
VERDICTS: Mapping[Verdict, Any] = {
    Verdict.HAS: _("The client has it."),
    Verdict.KILLED: _("The client has its kill."),
    Verdict.WAITS: _("The client will have it."),
    Verdict.STOPPED: _("It is stopped: somebody must look."),
    Verdict.NOT: _("The client does not get it."),
}
_TIMES = ("at", "until", "since")


def sentence(finding: Finding, products: Mapping[str, str] | None = None) -> str:
    """The finding in words; its times in the reader's zone, a product by its name in `products`, which is by slug."""
    params = {name: _moment(value) if name in _TIMES else value for name, value in finding.params}
    if products and "product" in params:
        params["product"] = f"«{products.get(params['product'], params['product'])}»"
    return str(SENTENCES[finding.key]) % params


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return date_format(timezone.localtime(moment), "d.m.Y H:i:s")
