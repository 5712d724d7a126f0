"""What the client is told of in advance, as a page and as a calendar."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from keshen.wire import feeds
from keshen.wire.agenda.queries import entries_for, occasions_for
from keshen.wire.formats import icalendar
from keshen.wire.models import Subscriber
from keshen.wire.plans import plans_for
from keshen.wire.portal.session import answering, ours


@answering
@require_safe
def agenda(request: HttpRequest) -> HttpResponse:
    """Events that were announced, and our own items that wait for their time: of these no words are told."""
    found = ours(request, items=True)
    context = {
        "subscriber": found,
        "place": "agenda",
        "occasions": occasions_for(found),
        "plans": plans_for(found),
        "now": timezone.now(),
    }
    return render(request, "wire/portal/agenda.html", context)


@answering
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The same as a file for a calendar program."""
    return _calendar(ours(request, items=True))


@feeds.answering
def fetched(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The same for programs that subscribe, with the client's key."""
    found = feeds.reader(request, slug)
    if found.channel == Subscriber.Channel.OPEN:
        raise feeds.Turned(401, "What is to come is told to clients only: Authorization: Bearer KEY.")
    return _calendar(found)


def _calendar(found: Subscriber) -> HttpResponse:
    answer = HttpResponse(
        icalendar.render(str(found.product), entries_for(found)), content_type=f"{icalendar.MEDIA_TYPE}; charset=utf-8"
    )
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = f'inline; filename="{found.slug}.ics"'
    return answer
