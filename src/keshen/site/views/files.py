"""Small files beside the pages: the services' accents, and what robots are told."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from keshen.house.models import Service
from keshen.site.accents import stylesheet
from keshen.site.linked_data import absolute
from keshen.site.responses import public

ROBOTS = """User-agent: *
Disallow: /control/
Disallow: /api/
Disallow: /*/search

Sitemap: {sitemap}
Sitemap: {news}
"""


@public(seconds=60)
def accents(request: HttpRequest) -> HttpResponse:
    """Each service's accent as CSS custom properties (`accents.py` says which)."""
    chosen = dict(Service.objects.values_list("slug", "accent"))
    return HttpResponse(stylesheet(chosen), content_type="text/css; charset=utf-8")


@public(seconds=3600)
def robots(request: HttpRequest) -> HttpResponse:
    text = ROBOTS.format(sitemap=absolute("/sitemap.xml"), news=absolute("/sitemap-news.xml"))
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
