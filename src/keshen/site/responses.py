"""How the site answers: in an edition's language, with a validator, marked for the page cache."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any, Concatenate

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from keshen.house.models import Edition
from keshen.site import pulse
from keshen.site.context import frame
from keshen.site.editions import all_editions, edition_named, edition_wanted, locale

MARK = "X-Keshen-Page"
CACHEABLE = (200, 410)

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def public[**P](*, seconds: int | None = None, vary: str = "") -> Callable[[View[P]], View[P]]:
    """Make a view's answer one that is kept: good until the site changes, or for `seconds` at most.

    `vary` names the request header the answer depends on besides the address.
    """

    def wrap(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            number = pulse.number()
            response = view(request, *args, **kwargs)
            if response.status_code not in CACHEABLE or "no-store" in response.get("Cache-Control", ""):
                return response
            response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
            response["Cache-Control"] = "public, max-age=0, must-revalidate"
            response[MARK] = f"{number};{'' if seconds is None else seconds};{vary.lower()}"
            if request.headers.get("X-Keshen-Page-Cache") or response.status_code != 200:
                return response
            return get_conditional_response(request, etag=response["ETag"], response=response)

        return require_safe(answer)

    return wrap


def in_edition[**P](view: Callable[Concatenate[HttpRequest, Edition, P], HttpResponseBase]) -> View[Any]:
    """Give the view the edition its address names, and let the page speak its language.

    A tag in other letter case is redirected to its own address; an unknown one is Http404.
    """

    @functools.wraps(view)
    def answer(request: HttpRequest, /, tag: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        edition = edition_named(tag, all_editions())
        if edition is None:
            raise Http404(f"there is no edition {tag}")
        if edition.tag != tag:
            return HttpResponsePermanentRedirect(request.get_full_path().replace(f"/{tag}/", f"/{edition.tag}/", 1))
        with translation.override(locale(edition)):
            return view(request, edition, *args, **kwargs)

    return answer


def in_wanted_edition[**P](view: Callable[Concatenate[HttpRequest, Edition, P], HttpResponseBase]) -> View[Any]:
    """Give the view the edition the reader asks for by `?edition=` or by the browser's languages."""

    @functools.wraps(view)
    def answer(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
        edition = edition_wanted(request, all_editions())
        with translation.override(locale(edition)):
            return view(request, edition, *args, **kwargs)

    return answer


def page(
    request: HttpRequest, edition: Edition, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of an edition, within the frame all pages share."""
    response = render(request, f"site/{template}.html", {**frame(edition, request.path), **context}, status=status)
    response["Content-Language"] = edition.tag
    return response
