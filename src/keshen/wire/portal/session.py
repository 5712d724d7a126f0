"""Who stands at the door. A client comes in with the key of its feed, posted once and never in an address; the session
remembers the key's hash, so that a new key ends every session of the old."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from keshen.wire.models import Delivery, Subscriber
from keshen.wire.queries import standing

SESSION = "wire_client"

type View = Callable[..., HttpResponseBase]


def answering(view: View) -> View:
    """What is not there is said on the client's own page, and nothing is kept in between."""

    @never_cache
    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            return render(request, "wire/portal/missing.html", {"subscriber": client_of(request)}, status=404)

    return run


def client_of(request: HttpRequest) -> Subscriber | None:
    """Whose session this is; None when nobody signed in, or the key was replaced since."""
    digest = request.session.get(SESSION, "")
    return Subscriber.objects.select_related("product").filter(key_sha256=digest).first() if digest else None


def ours(request: HttpRequest, *, items: bool = False) -> Subscriber:
    """Whose session this is; with `items`, only who may have them now. Raises Http404."""
    found = client_of(request)
    if found is None or (items and not may_fetch(found)):
        raise Http404
    return found


def may_fetch(found: Subscriber) -> bool:
    """As with the feeds: who fetches and is suspended gets nothing; one whose server was at fault may still look."""
    return found.state == Subscriber.State.ACTIVE or found.channel != Subscriber.Channel.PULL


def stands(found: Subscriber) -> QuerySet[Delivery]:
    """What stands in the client's stream, if it may have it now."""
    return standing(found) if may_fetch(found) else Delivery.objects.none()
