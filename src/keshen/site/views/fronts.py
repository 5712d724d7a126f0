"""The way in, fronts and sections."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from keshen.house.models import Edition
from keshen.newsroom.mediatopics import topics
from keshen.site import queries
from keshen.site.context import alternatives
from keshen.site.editions import all_editions, default_edition
from keshen.site.numbers import page_number
from keshen.site.programmes import strip
from keshen.site.responses import in_edition, page, public

STRIP_SECONDS = 10


def home(request: HttpRequest) -> HttpResponse:
    """`/` leads to the default edition."""
    return HttpResponseRedirect(f"/{default_edition(all_editions()).tag}/")


@public(seconds=STRIP_SECONDS)
@in_edition
def front(request: HttpRequest, edition: Edition) -> HttpResponse:
    return page(request, edition, "front", {"front": queries.front(edition), "strip": strip(edition)})


@public()
@in_edition
def section(request: HttpRequest, edition: Edition, code: str) -> HttpResponse:
    if code not in topics():
        raise Http404(f"there is no topic {code}")
    number = page_number(request)
    pages, more = queries.in_section(edition, code, number)
    if number > 1 and not pages:
        raise Http404(f"the section has no page {number}")
    others = {other.tag: f"/{other.tag}/section/{code}/" for other in all_editions()}
    return page(
        request,
        edition,
        "section",
        {
            "code": code,
            "pages": pages,
            "number": number,
            "more": more,
            "alternatives": alternatives(all_editions(), edition, others),
        },
    )
