"""The wire desk's screens: what comes in with its triage, and sources with how they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.core.paginator import Paginator
from django.db.models.fields.json import KT
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from keshen.house.gate import needs, part
from keshen.house.models import Desk, User
from keshen.house.permissions import Denied
from keshen.house.words import spoken
from keshen.media.store import StoreError, house_store
from keshen.newsroom import body as bodies
from keshen.newsroom import diff, listing
from keshen.newsroom.content import ContentError
from keshen.newsroom.models import Quarantine, Story, Text
from keshen.newsroom.reading import direction_of
from keshen.newsroom.views.editing import said
from keshen.wire.actions.mistaken import Mistaken
from keshen.wire.agenda import verbs as agenda
from keshen.wire.agenda.queries import announced
from keshen.wire.intake import queries, sourcing, triage
from keshen.wire.intake.channels import CHANNELS
from keshen.wire.intake.facts import facts, when
from keshen.wire.intake.models import IncomingItem, Source
from keshen.wire.intake.pictures import of_item
from keshen.wire.intake.receive import ORIGIN
from keshen.wire.intake.words import HEALTH, PART_LABELS, STATE_MARKS

PAGE = 60
RECENT = timedelta(days=3)
CANDIDATES = 5
REFUSALS = (triage.Settled, Mistaken, ContentError, bodies.BodyError)
FILTERS = ("q", "state", "source", "language", "desk")


@require_safe
@needs("wire.see")
def incoming(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """What came in, newest first; with `pk`, that item beside it. Its parts can be asked for alone."""
    visible = queries.seen_by(request.user)
    item = get_object_or_404(visible, pk=pk) if pk else None
    asked = part(request)
    if item and asked == "detail":
        whole = "HX-Request" in request.headers
        return render(request, f"wire/intake/{'pane' if whole else 'item'}.html", _detail(request, item))
    found = queries.filtered(visible, request.GET).defer("content", "words", "why", "beside")
    page = Paginator(found.annotate(starts=KT("beside__occasion__starts")), PAGE).get_page(request.GET.get("page"))
    for each in page:
        each.begins = when(each.starts or "")
    context: dict[str, Any] = {
        "page": page,
        "current": item.pk if item else None,
        "query": _query(request),
        "filtering": any(request.GET.get(name) for name in FILTERS),
        "marks": STATE_MARKS,
    }
    if asked == "incoming":
        return render(request, "wire/intake/rows.html", context)
    context |= {
        "here": "wire-control:incoming",
        "tab": "incoming",
        "wanted": request.GET,
        "states": IncomingItem.State.choices,
        "sources": queries.sources_seen_by(request.user),
        "desks": Desk.objects.order_by("slug"),
        "tags": listing.languages(),
        "waiting": queries.waiting_by_desk(queries.seen_by(request.user)),
    }
    if item:
        context |= _detail(request, item)
    return render(request, "wire/intake/incoming.html", context)


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    return kept.urlencode()


def _detail(request: HttpRequest, item: IncomingItem) -> dict[str, Any]:
    content = item.understood
    before = item.updates
    changes = None
    if before is not None:
        changes = diff.paragraphs(_lines(before), _lines(item))
    mark, kind = STATE_MARKS[item.state]
    return {
        "item": item,
        "content": content,
        "html": SafeString(bodies.to_html(content.body, _no_picture)),
        "direction": direction_of(item.language),
        "changes": changes,
        "mark": mark,
        "mark_class": kind,
        "query": _query(request),
        "facts": facts(item.beside),
        "parts": PART_LABELS,
        "desks": Desk.objects.order_by("slug"),
        "may_triage": request.user.may("wire.triage", item) and item.state == IncomingItem.State.NEW,
        "may_put_back": request.user.may("wire.triage", item) and item.state == IncomingItem.State.DROPPED,
        "announceable": item.kind in agenda.KINDS,
        "goes_into": triage.story_before(item),
        "announced": announced(item) if item.withdrawn else None,
        "candidates": _candidates(request.user, item) if item.state == IncomingItem.State.NEW else [],
        "shown": [(each, quote(each.asset, safe=":")) for each in of_item(item)],
    }


def _lines(item: IncomingItem) -> list[str]:
    content = item.understood
    return [line for line in (content.headline, content.standfirst, *bodies.paragraphs(content.body)) if line]


def _no_picture(node: bodies.Node) -> str:
    return ""


def _candidates(person: User, item: IncomingItem) -> list[tuple[Story, str]]:
    """Recent stories that speak of the same: those with most of the headline's words, best first."""
    stems = ["".join(filter(str.isalnum, stem)) for stem in item.words.split()[:12]]
    wanted = " | ".join(sorted({stem for stem in stems if len(stem) > 2}))
    if not wanted:
        return []
    search = SearchQuery(wanted, config="simple", search_type="raw")
    vector = SearchVector("search", config="simple")
    texts = (
        Text.objects.filter(story__in=listing.seen_by(person), story__killed_at=None)
        .filter(story__changed_at__gt=timezone.now() - RECENT)
        .annotate(said=vector, rank=SearchRank(vector, search))
        .filter(said=search)
        .select_related("story")
        .order_by("-rank", "-pk")[: CANDIDATES * 3]
    )
    found: dict[int, tuple[Story, str]] = {}
    for text in texts:
        found.setdefault(text.story_id, (text.story, str(text.draft.get("headline", ""))))
    return list(found.values())[:CANDIDATES]


@require_POST
@needs("wire.triage")
def item_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Take, merge, route, drop, put back; answers with what to say, and where to go next."""
    if verb not in VERBS:
        raise Http404
    item = get_object_or_404(queries.seen_by(request.user), pk=pk)
    try:
        return VERBS[verb](request, item)
    except Denied as denied:
        return said(str(denied), 403)
    except REFUSALS as refusal:
        return said(spoken(refusal), 409)


def _take(request: HttpRequest, item: IncomingItem) -> HttpResponse:
    text = triage.take(request.user, item)
    if request.POST.get("open"):
        return said(_("Taken."), to=reverse("newsroom:edit", args=[text.story_id, text.language]))
    return said(_("Taken as story %(id)d.") % {"id": text.story_id})


def _merge(request: HttpRequest, item: IncomingItem) -> HttpResponse:
    number = request.POST.get("number", "").strip().lstrip("№").strip() or request.POST.get("story", "")
    known = listing.seen_by(request.user)
    story = known.filter(pk=int(number)).first() if number.isascii() and number.isdigit() and len(number) < 19 else None
    if story is None and number:
        return said(
            _("There is no story %(number)s that you may see. Look its number up in the list of stories.")
            % {"number": number[:20]},
            422,
        )
    if story is None:
        return said(_("Choose a story, or give its number."), 422)
    triage.merge(request.user, item, story)
    return said(_("Merged into story %(id)d.") % {"id": story.pk})


def _route(request: HttpRequest, item: IncomingItem) -> HttpResponse:
    slug = request.POST.get("desk", "")
    desk = get_object_or_404(Desk, slug=slug) if slug else None
    triage.route(request.user, item, desk)
    return said(_("Sent to %(desk)s.") % {"desk": desk} if desk else _("Sent to no desk."))


def _drop(request: HttpRequest, item: IncomingItem) -> HttpResponse:
    triage.drop(request.user, item, request.POST.get("reason", "").strip())
    return said(_("Dropped. Its bytes are kept."))


def _put_back(request: HttpRequest, item: IncomingItem) -> HttpResponse:
    triage.put_back(request.user, item)
    return said(_("Back among what waits."))


def _announce(request: HttpRequest, item: IncomingItem) -> HttpResponse:
    agenda.announce(request.user, item)
    return said(_("Announced. It stands in clients' agenda."))


VERBS: dict[str, Callable[[HttpRequest, IncomingItem], HttpResponse]] = {
    "take": _take,
    "merge": _merge,
    "route": _route,
    "drop": _drop,
    "put-back": _put_back,
    "announce": _announce,
}


@require_safe
@needs("wire.see")
def item_original(request: HttpRequest, pk: int) -> HttpResponse:
    """The message as it came, always as a download: nothing in it may run here."""
    item = get_object_or_404(queries.seen_by(request.user), pk=pk)
    try:
        data = house_store().read(item.sha256)
    except StoreError as error:
        raise Http404 from error
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="item-{item.pk}"'
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@require_safe
@needs("wire.see")
def sources(request: HttpRequest) -> HttpResponse:
    """Where items come from and how looking there goes; the part `sources` can be asked for alone."""
    found = queries.sources_seen_by(request.user)
    context: dict[str, Any] = {"sources": found, "today": queries.today_by_source(found), "health": HEALTH}
    if part(request) == "sources":
        return render(request, "wire/intake/source_rows.html", context)
    context |= {
        "here": "wire-control:incoming",
        "tab": "sources",
        "channels": [(name, channel.label) for name, channel in CHANNELS.items()],
        "known_settings": _known_settings(),
        "desks": Desk.objects.order_by("slug"),
        "tags": listing.languages(),
        "may_manage": request.user.may("wire.sources"),
    }
    return render(request, "wire/intake/sources.html", context)


@require_POST
@needs("wire.sources")
def add_source(request: HttpRequest) -> HttpResponse:
    try:
        made, key = sourcing.add_source(
            request.user, request.POST.get("name", ""), request.POST.get("channel", ""), **_values(request)
        )
    except sourcing.Mistaken as problem:
        messages.error(request, spoken(problem))
        return redirect("wire-control:sources")
    return _show(request, made, key=key) if key else redirect("wire-control:source", slug=made.slug)


def _known_settings(channel: str = "") -> str:
    """The names of the settings there are, of one way in or of all."""
    names = CHANNELS[channel].settings if channel else [name for each in CHANNELS.values() for name in each.settings]
    return ", ".join(names)


def _values(request: HttpRequest) -> dict[str, Any]:
    """A source's values from the form. A secret left empty stays as it is. Raises Mistaken."""
    slug = request.POST.get("desk", "")
    try:
        every = int(request.POST.get("every") or 60)
    except ValueError as error:
        raise sourcing.Mistaken(_("Seconds between looks are a number.")) from error
    values: dict[str, Any] = {
        "address": request.POST.get("address", "").strip(),
        "username": request.POST.get("username", "").strip(),
        "desk": get_object_or_404(Desk, slug=slug) if slug else None,
        "language": request.POST.get("language", ""),
        "restrictions": [line.strip() for line in request.POST.get("restrictions", "").splitlines() if line.strip()],
        "every": every,
    }
    if secret := request.POST.get("secret", ""):
        values["secret"] = secret
    lines = [line.partition("=") for line in request.POST.get("settings", "").splitlines() if line.strip()]
    values["settings"] = {name.strip(): value.strip() for name, _equals, value in lines}
    return values


@require_safe
@needs("wire.see")
def source(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(queries.sources_seen_by(request.user), slug=slug)
    return _show(request, found)


def _show(request: HttpRequest, found: Source, *, key: str = "") -> HttpResponse:
    context = {
        "here": "wire-control:incoming",
        "tab": "sources",
        "source": found,
        "key": key,
        "state_of": HEALTH[found.health],
        "items": queries.seen_by(request.user).filter(source=found).defer("content", "words", "why", "beside")[:30],
        "held": Quarantine.objects.filter(origin=f"{ORIGIN}:{found.slug}", state=Quarantine.State.OPEN).count(),
        "marks": STATE_MARKS,
        "desks": Desk.objects.order_by("slug"),
        "tags": listing.languages(),
        "known_settings": _known_settings(found.channel),
        "may_manage": request.user.may("wire.sources", found),
        "may_look": request.user.may("wire.look", found),
    }
    if part(request) == "source-state":
        return render(request, "wire/intake/source_state.html", context)
    response = render(request, "wire/intake/source.html", context)
    if key:
        response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@needs("wire.see")
def source_verb(request: HttpRequest, slug: str) -> HttpResponse:
    """Look now, pause, resume, a new key, or other values."""
    found = get_object_or_404(queries.sources_seen_by(request.user), slug=slug)
    verb = request.POST.get("verb")
    try:
        if verb == "look":
            sourcing.look_soon(request.user, found)
        elif verb == "pause":
            sourcing.pause(request.user, found, request.POST.get("reason", ""))
        elif verb == "resume":
            sourcing.resume(request.user, found)
        elif verb == "change":
            sourcing.change(request.user, found, name=request.POST.get("name", "").strip(), **_values(request))
        elif verb == "key":
            return _show(request, found, key=sourcing.new_key(request.user, found))
        else:
            raise Http404
    except sourcing.Mistaken as problem:
        messages.error(request, spoken(problem))
    return redirect("wire-control:source", slug=slug)
