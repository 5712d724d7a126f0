"""The client's alerts: saved searches, what they found, and the addresses in mails that confirm or end one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keshen.house.gate import part
from keshen.house.models import User
from keshen.wire.actions.mistaken import Mistaken
from keshen.wire.alerts import verbs
from keshen.wire.alerts.models import Alert, AlertHit
from keshen.wire.portal.session import answering, ours, stands
from keshen.wire.portal.stream import choices
from keshen.wire.products import Filter

SHOWN = 50


@answering
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """The alerts, and the newest items they found that stand."""
    found = ours(request)
    hits = AlertHit.objects.filter(alert__subscriber=found, withdrawn=False, delivery__in=stands(found).values("pk"))
    context = {
        "subscriber": found,
        "place": "alerts",
        "alerts": found.alerts.filter(ended_at=None),
        "hits": hits.select_related("alert", "delivery__version__text").order_by("-id")[:SHOWN],
        "paces": Alert.Pace.choices,
        "given": request.GET,
        **choices(Filter()),
    }
    screen = "_hits" if part(request) == "hit-rows" else "alerts"
    return render(request, f"wire/portal/{screen}.html", context)


@answering
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Save a search, from the form of alerts or from what is being looked at."""
    found = ours(request)
    given = request.POST
    try:
        made = verbs.add_alert(
            User.objects.system(),
            found,
            given.get("name", ""),
            words=given.get("words", ""),
            selection=verbs.saved_search(dict(given.lists())),
            pace=given.get("pace", Alert.Pace.LIVE),
            address=given.get("address", "").strip(),
            language=get_language() or "kk",
        )
    except Mistaken as problem:
        messages.error(request, str(problem))
    else:
        if made.is_mailed:
            said = _("A mail went to %(address)s: confirm the alert there.") % {"address": made.address}
            messages.success(request, said)
        else:
            messages.success(request, _("The alert is set. What it finds appears here."))
    return redirect("wire:client-alerts")


@answering
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    verbs.end_alert(User.objects.system(), get_object_or_404(ours(request).alerts, pk=pk))
    return redirect("wire:client-alerts")


@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """From the mail that asks: a page with a button, since programs that look at mails follow addresses too."""
    return _by_mail(request, "confirm")


@never_cache
@csrf_exempt  # the address is the proof; mail programs post here without a session (RFC 8058)
@require_http_methods(["GET", "POST"])
def end_by_mail(request: HttpRequest) -> HttpResponse:
    """From any mail of an alert: end it."""
    return _by_mail(request, "end")


def _by_mail(request: HttpRequest, verb: str) -> HttpResponse:
    alert = verbs.of_token(request.GET.get("t", ""), verb)
    if alert is None:
        return render(request, "wire/portal/by_mail.html", {"verb": verb, "alert": None}, status=404)
    if request.method == "POST":
        act = verbs.confirm_alert if verb == "confirm" else verbs.end_alert
        act(User.objects.system(), alert)
        alert.refresh_from_db()
    return render(request, "wire/portal/by_mail.html", {"verb": verb, "alert": alert})
