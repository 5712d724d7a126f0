"""A screen's permission, said once at its view."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from keshen.house.permissions import permit

type View = Callable[..., HttpResponse]


def needs(verb: str) -> Callable[[View], View]:
    """Let only people through who may do `verb`; others get 403 with what is missing."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            permit(request.user, verb)
            return view(request, *args, **kwargs)

        return guarded

    return wrap


def part(request: HttpRequest) -> str:
    """The part of a screen that is asked for, by the live regions (`X-Part`) or by htmx; empty for the whole."""
    return request.headers.get("X-Part") or request.headers.get("HX-Target") or ""
