"""What came in and could not be read: why, the bytes themselves, and another try."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from keshen.house.gate import needs, part
from keshen.house.models import User
from keshen.house.words import spoken
from keshen.media.store import StoreError, house_store
from keshen.newsroom import listing
from keshen.newsroom import quarantine as verbs
from keshen.newsroom.models import Quarantine
from keshen.newsroom.views.editing import said


def _held(person: User) -> QuerySet[Quarantine]:
    rows = Quarantine.objects.select_related("received_by", "organisation")
    return rows if person.is_of_the_house else rows.filter(organisation=person.organisation_id)


@require_safe
@needs("newsroom.ingest")
def quarantine(request: HttpRequest) -> HttpResponse:
    """The list, what waits first; the part `held` can be asked for alone."""
    found = _held(request.user)
    if origin := request.GET.get("origin"):
        found = found.filter(origin=origin)
    context = {
        "held": found.annotate(waits=Q(state=Quarantine.State.OPEN)).order_by("-waits", "-id")[:200],
        "origin": origin,
        "here": "newsroom:quarantine",
        "tags": listing.languages(),
    }
    template = "held" if part(request) == "held" else "quarantine"
    return render(request, f"newsroom/{template}.html", context)


@require_safe
@needs("newsroom.ingest")
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes as they came, always as a download: nothing in them may run here."""
    held = get_object_or_404(_held(request.user), pk=pk)
    try:
        data = house_store().read(held.sha256) if held.sha256 else b""
    except StoreError as error:
        raise Http404 from error
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="quarantine-{held.pk}"'
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@require_POST
@needs("newsroom.ingest")
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it once more, perhaps with its language said; or drop it with a reason."""
    held = get_object_or_404(_held(request.user), pk=pk, state=Quarantine.State.OPEN)
    if request.POST.get("drop"):
        verbs.drop(request.user, held, request.POST.get("reason", ""))
        return said(_("Dropped. Its bytes are kept."))
    try:
        results = verbs.try_again(request.user, held, language=request.POST.get("language") or None)
    except StoreError as error:
        return said(spoken(error), 409)
    refused = [result for result in results if isinstance(result, verbs.Held)]
    if refused:
        return said(refused[0].quarantine.reason, 409)
    return said(ngettext("%(n)d item taken in.", "%(n)d items taken in.", len(results)) % {"n": len(results)})
