"""Feeds and sitemaps."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from keshen.house.models import Edition, in_language
from keshen.site import feeds
from keshen.site.editions import site_service
from keshen.site.responses import in_edition, public

XML = "application/xml; charset=utf-8"
TYPES = {"feed.xml": "application/rss+xml; charset=utf-8", "feed.atom": "application/atom+xml; charset=utf-8"}


@public()
@in_edition
def feed(request: HttpRequest, edition: Edition, name: str) -> HttpResponse:
    made = feeds.feed(edition, site_service(), name).writeString("utf-8")
    response = HttpResponse(made, content_type=TYPES[name])
    response["Content-Language"] = edition.tag
    return response


@public()
def sitemap_index(request: HttpRequest) -> HttpResponse:
    return HttpResponse(feeds.sitemap_index(), content_type=XML)


@public()
def sitemap(request: HttpRequest, number: int) -> HttpResponse:
    made = feeds.sitemap(number)
    if made is None:
        raise Http404(f"there is no sitemap {number}")
    return HttpResponse(made, content_type=XML)


@public(seconds=300)
def news_sitemap(request: HttpRequest) -> HttpResponse:
    masthead = site_service()
    name = in_language(masthead.name, "kk") if masthead else ""
    return HttpResponse(feeds.news_sitemap(name), content_type=XML)
