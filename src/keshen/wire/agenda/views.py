"""The desk's screen of the agenda."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from keshen.house.gate import needs
from keshen.wire.actions.mistaken import Mistaken
from keshen.wire.agenda import verbs
from keshen.wire.agenda.models import Occasion
from keshen.wire.agenda.queries import KEPT, MOST
from keshen.wire.compose import agency

LANGUAGES = ("kk", "ru", "en", "ar")


@require_safe
@needs("wire.see")
def agenda(request: HttpRequest) -> HttpResponse:
    """What is announced, and the form for more."""
    coming = Occasion.objects.filter(begins_at__gt=timezone.now() - KEPT).select_related("announced_by")[:MOST]
    context = {
        "here": "wire-control:overview",
        "occasions": coming,
        "languages": LANGUAGES,
        "may_triage": request.user.may("wire.triage", agency()),
    }
    return render(request, "wire/agenda/agenda.html", context)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    given = request.POST
    try:
        verbs.announce_own(
            request.user,
            given.get("headline", ""),
            _here(given.get("starts", "")),
            ends=_here(given.get("ends", "")),
            place=given.get("place", ""),
            note=given.get("note", ""),
            language=given.get("language", "") if given.get("language") in LANGUAGES else LANGUAGES[0],
        )
    except Mistaken as problem:
        messages.error(request, str(problem))
    return redirect("wire-control:agenda")


def _here(text: str) -> str:
    """A time of the form, which has no zone, in the house's. Raises Mistaken."""
    if not text:
        return ""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Mistaken(_("%(time)s is no day or time.") % {"time": text[:40]}) from error
    return (at if at.tzinfo else timezone.make_aware(at, timezone.get_default_timezone())).isoformat()


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    verbs.withdraw(request.user, get_object_or_404(Occasion, pk=pk))
    return redirect("wire-control:agenda")
