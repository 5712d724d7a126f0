"""When there is nothing to show, or we failed: said in the reader's language, with a way on.

While the house is being made, or its database is away, that is no failure of the page: 503, and when to come again.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import Error, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from django.utils import translation

from keshen.house.models import Edition
from keshen.site.editions import all_editions, edition_named, edition_wanted, locale
from keshen.site.responses import page

log = logging.getLogger(__name__)

RETRY_SECONDS = 3


def _edition(request: HttpRequest) -> Edition:
    """The edition the address begins with, else the one the reader's browser asks for."""
    editions = all_editions()
    return edition_named(request.path.split("/")[1], editions) or edition_wanted(request, editions)


def _opening() -> HttpResponse:
    """The page that is shown before the house is open, too; it comes again by itself."""
    found = finders.find("house/opening.html")
    response = HttpResponse(Path(str(found)).read_bytes(), status=503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    try:
        edition = _edition(request)
    except (OperationalError, InterfaceError):
        return _opening()
    except (Http404, Error) as problem:  # without editions, or a database, there is no page to say it with
        if settings.KESHEN_BEING_MADE.exists():
            return _opening()
        log.info("404 without an edition: %s", problem)
        return HttpResponse(render_to_string("site/bare.html", {"status": 404}), status=404)
    with translation.override(locale(edition)):
        return page(request, edition, "not_found", {}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Said without the database, which may be what failed."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        log.warning("the database is away: %s", sys.exception())
        return _opening()
    language = translation.get_language() or settings.LANGUAGE_CODE
    try:
        language = _edition(request).tag
    except (Http404, Error) as problem:
        log.warning("500 without an edition or the database: %s", problem)
    with translation.override(language.lower()):
        return HttpResponseServerError(render_to_string("site/bare.html", {"status": 500, "language": language}))
