"""The story page, in each edition; a killed story's notice."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.encoding import iri_to_uri
from django.utils.translation import get_language

from keshen.house.models import Edition, in_language
from keshen.site import queries
from keshen.site.context import alternatives
from keshen.site.editions import all_editions
from keshen.site.linked_data import news_article
from keshen.site.models import Page
from keshen.site.programmes import airings
from keshen.site.responses import in_edition, page, public

AIRINGS_SECONDS = 30


@public(seconds=AIRINGS_SECONDS)
@in_edition
def story(
    request: HttpRequest, edition: Edition, year: str, month: str, story_id: str, slug: str | None = None
) -> HttpResponse:
    found = queries.page_of(int(story_id), edition)
    if found is None or found.state == Page.State.BLOCKED:
        return _elsewhere(request, int(story_id), edition)
    if found.state == Page.State.GONE or found.story.killed_at is not None:
        return page(request, edition, "gone", {"killed_at": found.story.killed_at}, status=410)
    if found.address != request.path:
        return HttpResponsePermanentRedirect(iri_to_uri(found.address))
    publication = found.publication
    if publication is None:
        return _elsewhere(request, int(story_id), edition)
    editions = queries.everywhere(int(story_id))
    article = publication.payload
    if found.state == Page.State.HELD:
        others = alternatives(all_editions(), edition, {one.edition.tag: one.address for one in editions})
        context = {"note": article["note"], "held_at": found.changed_at, "elsewhere": others}
        return page(request, edition, "held", context)
    return page(
        request,
        edition,
        "story",
        {
            "page": found,
            "article": article,
            "corrections": [
                {"at": datetime.fromisoformat(one["at"]), "note": one["note"]} for one in article["corrections"]
            ],
            "responsible": in_language(publication.responsible.title, (get_language() or "").partition("-")[0]),
            "alternatives": alternatives(all_editions(), edition, {one.edition.tag: one.address for one in editions}),
            "x_default": next((one.address for one in editions if one.edition.derived_from_id is None), found.address),
            "related": queries.related(found),
            "airings": airings(found.story.urn or "", edition),
            "linked_data": news_article(found, article),
        },
    )


def _elsewhere(request: HttpRequest, story_id: int, edition: Edition) -> HttpResponse:
    """A story this edition does not have: 404, with the way to the editions that do."""
    others = {one.edition.tag: one.address for one in queries.everywhere(story_id)}
    found = alternatives(all_editions(), edition, others)
    return page(request, edition, "not_found", {"elsewhere": found}, status=404)
