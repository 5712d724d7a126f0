"""Reasons of a decision as sentences for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from keshen.rights.policy import Reason
from keshen.rights.territories import WORLD

SENTENCES: Mapping[str, Any] = {
    "no_terms": _("Nothing restricts this use."),
    "territory_denied": _("Not allowed in: %(territories)s."),
    "territory_not_allowed": _("Allowed only in %(allowed)s, and this use reaches %(outside)s."),
    "platform_denied": _("Not allowed on %(platform)s."),
    "platform_not_allowed": _("Allowed only on %(allowed)s, not on %(platform)s."),
    "client_denied": _("Not allowed for the client %(client)s."),
    "client_not_allowed": _("Only for clients of %(allowed)s; %(client)s is not one."),
    "clients_only_ours": _("Only for clients of %(allowed)s. A person must confirm that we are one."),
    "embargo": _("Under embargo until %(until)s."),
    "embargo_past": _("The embargo ended on %(until)s."),
    "outside_window": _("Outside the time it may be used: %(windows)s."),
    "no_archive": _("May not be kept or used again after its day."),
    "no_resale": _("May not be passed on or sold to others."),
    "credit": _("A credit must be shown: %(credit)s"),
    "editorial_only": _("For editorial use only."),
    "not_understood": _("Nobody has said yet what this means: “%(words)s”."),
}
PLATFORM_NAMES: Mapping[str, Any] = {
    "web": _("the web"),
    "wire": _("the wire"),
    "tv": _("television"),
    "radio": _("radio"),
}


def sentence(reason: Reason) -> str:
    """`reason` in the interface's language. Raises KeyError for a reason that no table knows."""
    params = dict(reason.params)
    if "until" in params:
        params["until"] = date_format(timezone.localtime(datetime.fromisoformat(params["until"])), "DATETIME_FORMAT")
    if "platform" in params:
        params["platform"] = str(PLATFORM_NAMES[params["platform"]])
        if "allowed" in params:
            params["allowed"] = ", ".join(str(PLATFORM_NAMES[name]) for name in params["allowed"].split(", ") if name)
    for name in ("territories", "allowed", "outside"):
        if WORLD in params.get(name, ""):
            params[name] = params[name].replace(WORLD, str(_("the whole world")))
    return str(SENTENCES[reason.key]) % params
