"""Rights: terms that wait for a person to say what they mean, and every decision with its reasons."""

from __future__ import annotations

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from keshen.control.subjects import named
from keshen.house.gate import needs, part
from keshen.house.models import Territory
from keshen.newsroom import listing
from keshen.newsroom.models import Story
from keshen.newsroom.views.editing import said
from keshen.rights import actions
from keshen.rights.models import Decision, Terms
from keshen.rights.queries import unclear_terms
from keshen.rights.terms import PLATFORMS

PAGE = 60
_PLATFORMS = sorted(PLATFORMS)


@require_safe
@needs("house.see_control")
def rights(request: HttpRequest) -> HttpResponse:
    """What waits for clarity first, then decisions, newest first; the part `decisions` can be asked for alone."""
    mine = listing.seen_by(request.user).exclude(urn=None)
    decisions = Decision.objects.all()
    unclear = unclear_terms()
    if not request.user.is_of_the_house:
        urns = list(mine.values_list("urn", flat=True))
        decisions, unclear = decisions.filter(subjects__overlap=urns), unclear.filter(subject__in=urns)
    outcome = request.GET.get("outcome", "")
    if outcome in Decision.Outcome.values:
        decisions = decisions.filter(outcome=outcome)
    if subject := request.GET.get("subject", "").strip():
        decisions = decisions.filter(subjects__contains=[subject])
    page = Paginator(decisions, PAGE).get_page(request.GET.get("page"))
    waiting = list(unclear[:40])
    subjects = {urn for decision in page.object_list for urn in decision.subjects} | {row.subject for row in waiting}
    context = {
        "here": "control:rights",
        "unclear": waiting,
        "decisions": page.object_list,
        "page": page,
        "wanted": request.GET,
        "outcomes": Decision.Outcome.choices,
        "subjects": named(subjects),
        "stories": {story.urn: story for story in Story.objects.filter(urn__in=subjects)},
        "platforms": _PLATFORMS,
        "territories": Territory.objects.order_by("code"),
    }
    return render(request, "control/decisions.html" if part(request) == "decisions" else "control/rights.html", context)


@require_POST
@needs("rights.clarify")
def clarify(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what unclear terms mean: where and on what they forbid use, or that they forbid nothing."""
    terms = get_object_or_404(Terms, pk=pk)
    meaning = replace(
        terms.terms,
        platforms_denied=frozenset(request.POST.getlist("platforms_denied")) & PLATFORMS,
        territories_denied=frozenset(request.POST.getlist("territories_denied")),
        resale=False if request.POST.get("no_resale") else None,
        archive=False if request.POST.get("no_archive") else None,
        unclear=(),
    )
    try:
        actions.clarify(request.user, terms, meaning, request.POST.get("reason", ""))
    except ValidationError as error:
        return said(" ".join(error.messages), 422)
    return said(_("Settled. What waited for it is decided anew."))
