"""The one field for search and commands."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from keshen.house.gate import needs
from keshen.house.menu import places_for
from keshen.newsroom import listing

STORIES = 8


@require_safe
@needs("house.see_control")
def find(request: HttpRequest) -> HttpResponse:
    """Places whose name begins a word of what was typed, then stories that fit; without words, all places."""
    query = request.GET.get("q", "").strip()
    places = [place for place in places_for(request.user) if query.casefold() in str(place.label).casefold()]
    rows = []
    if query and request.user.may("newsroom.see"):
        found = listing.filtered(listing.seen_by(request.user), {"q": query})
        rows = listing.rows(found[:STORIES], ())
    return render(request, "control/found.html", {"places": places, "rows": rows, "query": query})
