"""What stands in the client's stream: searched, read, and fetched in any form; and the stream again from a number."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keshen.house.gate import part
from keshen.newsroom import body as bodies
from keshen.newsroom import mediatopics
from keshen.newsroom.reading import direction_of
from keshen.wire import feeds
from keshen.wire.actions.mistaken import Mistaken
from keshen.wire.alerts.searching import searched
from keshen.wire.alerts.verbs import saved_search
from keshen.wire.compose import item_of
from keshen.wire.formats.item import WireItem
from keshen.wire.formats.registry import BY_SUFFIX, FORMATS
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.portal.session import SESSION, answering, client_of, ours, stands
from keshen.wire.products import Filter
from keshen.wire.queries import LARGEST_PAGE, Slice, for_client, standing, subscriber_for_key

PAGE = 30
LANGUAGES = ("kk", "ru", "en", "ar")


@sensitive_post_parameters("key")
@never_cache
@require_http_methods(["GET", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """With the key, or the session that it began: what stands, by words and by what it is about."""
    wrong = False
    if request.method == "POST":
        known = subscriber_for_key(request.POST.get("key", ""))
        wrong = known is None
        if known is not None:
            request.session[SESSION] = known.key_sha256
    found = client_of(request)
    if found is None:
        return render(request, "wire/portal/door.html", {"wrong": wrong}, status=403 if wrong else 200)
    query, problem = request.GET.get("q", "").strip(), ""
    try:
        wanted = saved_search(dict(request.GET.lists()))
    except Mistaken as mistake:
        wanted, problem = Filter(), str(mistake)
    page = Paginator(searched(stands(found), query, wanted), PAGE).get_page(request.GET.get("page"))
    given = [(name, value) for name, values in request.GET.lists() for value in values if name != "page" and value]
    context = {
        "subscriber": found,
        "place": "stands",
        "page": page,
        "query": query,
        "problem": problem,
        "given": urlencode(given),
        "narrowed": any(name != "q" for name, _value in given),
        "formats": FORMATS.values(),
        "waiting": found.deliveries.filter(state__in=[Delivery.State.QUEUED, Delivery.State.SENDING]).count(),
        **choices(wanted),
    }
    screen = "_stands" if part(request) == "stand-rows" else "home"
    return render(request, f"wire/portal/{screen}.html", context)


def choices(wanted: Filter) -> dict[str, Any]:
    """What a search form offers, and what of it is chosen."""
    tongue = get_language() or "kk"
    return {
        "wanted": wanted,
        "chosen_topic": next(iter(wanted.topics), ""),
        "chosen_language": next(iter(wanted.languages), ""),
        "topics": mediatopics.choices(tongue),
        "languages": LANGUAGES,
        "urgencies": range(1, 9),
    }


@answering
@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """What stands, counted by topic."""
    found = ours(request)
    tongue = get_language() or "kk"
    counts: dict[str, int] = {}
    for codes in stands(found).filter(is_kill=False).values_list("version__topics", flat=True)[:5000]:
        for code in set(codes):
            bare = code.removeprefix(f"{mediatopics.ALIAS}:")
            counts[bare] = counts.get(bare, 0) + 1
    rows = [(code, mediatopics.label(code, tongue), counts[code]) for code in counts if code in mediatopics.topics()]
    rows.sort(key=lambda row: (-row[2], row[1]))
    return render(request, "wire/portal/topics.html", {"subscriber": found, "place": "topics", "rows": rows})


@answering
@require_safe
def item(request: HttpRequest, number: int, suffix: str = "") -> HttpResponse:
    """One item of the stream as it reads; with a suffix, its bytes in that form."""
    found = ours(request, items=True)
    delivery = get_object_or_404(
        standing(found).select_related("publication", "subscriber", "version__text"), sequence=number
    )
    if delivery.publication is None:
        raise Http404
    made = for_client(item_of(delivery.publication), delivery)
    if suffix:
        return _file(found, made, number, suffix)
    version = delivery.version
    context = {
        "subscriber": found,
        "place": "stands",
        "delivery": delivery,
        "version": version,
        # by the address the page itself was reached at, whatever the house is called outside
        "item": made.addressed(lambda href: href.removeprefix(settings.KESHEN_URL)),
        "direction": direction_of(version.text.language),
        "html": SafeString(bodies.to_html(version.body, lambda _node: "")),
        "formats": FORMATS.values(),
    }
    return render(request, "wire/portal/item.html", context)


def _file(found: Subscriber, made: WireItem, number: int, suffix: str) -> HttpResponse:
    entry = BY_SUFFIX.get(suffix)
    if entry is None or (made.is_embargoed(timezone.now()) and not entry.carries_embargo):
        raise Http404
    answer = HttpResponse(entry.write(made, found.encoding), content_type=entry.content_type(found.encoding))
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.slug}-{number}.{suffix}"'
    return answer


@answering
@require_safe
def replay(request: HttpRequest) -> HttpResponseBase:
    """The stream again from a number, as a download in the client's form or the one asked for."""
    found = ours(request, items=True)
    start = request.GET.get("from", "")
    entry = FORMATS.get(request.GET.get("format", ""), found.form)
    if not (start.isascii() and start.isdigit() and len(start) < 19):
        messages.error(request, _("Say from which number."))
        return redirect("wire:client-account")
    part = Slice(after=max(int(start) - 1, -1), limit=LARGEST_PAGE, replay=True)
    answer = feeds.respond(request, found, entry, part)
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.slug}-from-{start}.{entry.suffix}"'
    return answer


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    return redirect("wire:client")
