"""What waits for a person: updates of senders that met a text worked on here; and what came in and is no story."""

from __future__ import annotations

import json

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from keshen.house.gate import needs, part
from keshen.house.permissions import Denied
from keshen.media.store import StoreError, house_store
from keshen.newsroom import body as bodies
from keshen.newsroom import diff, listing, updates
from keshen.newsroom.content import Content, ContentError
from keshen.newsroom.models import Kept, Original
from keshen.newsroom.readers import Unreadable
from keshen.newsroom.views.editing import said
from keshen.newsroom.workflow import NotLegal

PAGE = 50
SHOWN = 100


@require_safe
@needs("newsroom.ingest")
def waiting(request: HttpRequest) -> HttpResponse:
    """The updates that wait, each with what it would change; the part `updates` can be asked for alone."""
    rows = Original.objects.filter(waits=True, story__in=listing.seen_by(request.user), story__killed_at=None)
    rows = rows.select_related("text__story", "text__head").order_by("-pk")[:SHOWN]
    context = {"here": "newsroom:updates", "rows": [(row, *_compared(row)) for row in rows]}
    screen = "updates_rows" if part(request) == "updates" else "updates"
    return render(request, f"newsroom/{screen}.html", context)


def _compared(row: Original) -> tuple[list[diff.Paragraph], str]:
    """What the sender's version would change in the working copy, or why it cannot be told."""
    try:
        new = updates.theirs(row)
    except (Unreadable, StoreError, ContentError, bodies.BodyError) as problem:
        return [], str(problem)
    return diff.paragraphs(_lines(row.text.working), _lines(new)), ""


def _lines(content: Content) -> list[str]:
    return [line for line in (content.headline, content.standfirst, *bodies.paragraphs(content.body)) if line]


@require_POST
@needs("newsroom.ingest")
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the sender's version, or keep ours."""
    row = get_object_or_404(Original.objects.filter(story__in=listing.seen_by(request.user)), pk=pk)
    try:
        if request.POST.get("verb") == "take":
            text = updates.take(request.user, row)
            address = reverse("newsroom:edit", args=[text.story_id, text.language])
            return said(_("Taken. What stood is the version before it."), to=address)
        updates.keep_ours(request.user, row, request.POST.get("reason", ""))
        return said(_("Kept as it is."))
    except Denied as denied:
        return said(str(denied), 403)
    except (NotLegal, Unreadable, StoreError, ContentError, bodies.BodyError) as refusal:
        return said(str(refusal), 409)


@require_safe
@needs("newsroom.ingest")
def kept(request: HttpRequest) -> HttpResponse:
    """What came in, was understood and is no story: plans, events, concepts, packages, media."""
    rows = Kept.objects.select_related("received_by", "organisation")
    if not request.user.is_of_the_house:
        rows = rows.filter(organisation=request.user.organisation_id)
    kinds = sorted(rows.order_by().values_list("kind", flat=True).distinct())
    kind = request.GET.get("kind", "")
    if kind in kinds:
        rows = rows.filter(kind=kind)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = [(row, json.dumps(row.understood, ensure_ascii=False, indent=2)) for row in page]
    context = {"here": "newsroom:kept", "page": page, "rows": shown, "kinds": kinds, "kind": kind}
    return render(request, "newsroom/kept.html", context)


@require_safe
@needs("newsroom.ingest")
def kept_original(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes as they came, always as a download: nothing in them may run here."""
    row = get_object_or_404(Kept, pk=pk)
    if not request.user.is_of_the_house and row.organisation_id != request.user.organisation_id:
        raise Http404
    try:
        data = house_store().read(row.sha256)
    except StoreError as error:
        raise Http404 from error
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="kept-{row.pk}"'
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
