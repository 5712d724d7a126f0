"""Search, without a script."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from keshen.house.models import Edition
from keshen.site import search as searching
from keshen.site.context import alternatives
from keshen.site.editions import all_editions
from keshen.site.numbers import page_number
from keshen.site.responses import in_edition, page, public


@public()
@in_edition
def search(request: HttpRequest, edition: Edition) -> HttpResponse:
    asked = request.GET.get("q", "").replace("\x00", "").strip()
    found = searching.search(edition, asked, page_number(request))
    others = {other.tag: f"/{other.tag}/search" for other in all_editions()}
    return page(
        request,
        edition,
        "search",
        {"asked": asked, "found": found, "alternatives": alternatives(all_editions(), edition, others)},
    )
