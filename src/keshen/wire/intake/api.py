"""The intake by HTTP: sources send with their key; staff programs do what the screens do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError
from ninja.security import HttpBearer

from keshen.house.models import Desk
from keshen.house.permissions import permit
from keshen.house.words import spoken
from keshen.media.store import StoreError
from keshen.newsroom.listing import seen_by as stories_seen_by
from keshen.wire.actions import agency
from keshen.wire.intake import queries, route, ruling, sourcing, triage
from keshen.wire.intake.channels import MOST_BYTES, Message
from keshen.wire.intake.key_first import SENDER, paused
from keshen.wire.intake.models import IncomingItem, Rule, Source
from keshen.wire.intake.receive import receive
from keshen.wire.intake.routing import RuleError

router = Router(tags=["wire in"])
PAGE = 100
MOST_TRAFFIC = 2000
MAX_ID = 2**63 - 1


class SourceKey(HttpBearer):
    """The key of a source that sends; it was looked up before the body was read, where that stood in front."""

    def authenticate(self, request: HttpRequest, token: str) -> Source | None:
        known: Source | None = getattr(request, "scope", {}).get(SENDER)
        return known or sourcing.source_for_key(token)


class SourceIn(Schema):
    """A new source. `channel` is feed, push, folder or another way in; `every` are seconds between looks."""

    name: str = Field(min_length=1, max_length=200)
    channel: str
    address: str = Field("", max_length=2000)
    username: str = Field("", max_length=200)
    secret: str = Field("", max_length=2000)
    settings: dict[str, str] = {}
    desk: str = ""
    language: str = Field("", max_length=12)
    restrictions: list[str] = []
    every: int = 60


class SourceOut(Schema):
    """A source and how it stands. `key` is given once, when it is made."""

    slug: str
    name: str
    channel: str
    address: str
    desk: str
    language: str
    restrictions: list[str]
    every: int
    state: str
    health: str
    reason: str
    failures: int
    looked_at: datetime | None
    succeeded_at: datetime | None
    item_at: datetime | None
    next_at: datetime | None
    key: str = ""


class ItemOut(Schema):
    """An item that came: what was understood, where it was routed and why, and what became of it.

    `beside` has what a story has no place for, named as readers name it: `occasion`, `coverages`, `members`, `groups`,
    `parts`, `concepts`, `about`, `services`, `contributors`.
    """

    id: int
    urn: str
    source: str
    identifiers: list[str]
    version: str
    format: str
    kind: str
    language: str
    headline: str
    urgency: int
    topics: list[str]
    restrictions: list[str]
    beside: dict[str, Any]
    warnings: list[str]
    withdrawn: bool
    state: str
    desk: str
    why: list[Any]
    updates: int | None
    same_as: int | None
    story: int | None
    received_at: datetime


class ItemsWanted(Schema):
    """Which items: `state` new (unless said), taken, merged, dropped, replaced or all; `before` pages back by id."""

    state: str = "new"
    source: str = ""
    language: str = ""
    desk: str = ""
    q: str = Field("", max_length=200)
    before: int | None = Field(None, ge=1, le=MAX_ID)


class Verb(Schema):
    """`desk` for route, `story` for merge, `reason` for drop."""

    desk: str = ""
    story: int | None = Field(None, ge=1, le=MAX_ID)
    reason: str = Field("", max_length=2000)


class RuleIn(Schema):
    """A routing rule. `conditions` may have sources, languages, topics, places, urgency, words and without."""

    name: str = Field(min_length=1, max_length=200)
    conditions: dict[str, Any] = {}
    act: str = "route"
    desk: str = ""


class RuleOut(RuleIn):
    id: int
    is_on: bool


class DryRun(Schema):
    """Which day's traffic (yesterday unless said), and a rule to try before the others; none tries those in force."""

    day: date | None = None
    rule: RuleIn | None = None


class Refusal(Schema):
    """Why not, and what to do."""

    detail: str


@router.post("/in", response={200: list[Any], 403: Refusal, 413: Refusal, 503: Refusal}, auth=SourceKey())
def send_in(request: HttpRequest, name: str = Query("message", max_length=300)) -> Any:
    """Send a message as the body of the request; `name` may end as its form does (`.xml`, `.json`, `.txt`).

    Each item is answered: new, update, known or quarantined with the reason. Sending the same again changes nothing.
    """
    source: Source = request.auth
    if source.state != Source.State.ACTIVE:
        raise HttpError(403, paused(source))
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise HttpError(413, f"At most {MOST_BYTES >> 20} MB are taken at once.")
    moment = timezone.now()
    try:
        received = receive(source, Message(name, body))
    except StoreError as error:
        Source.objects.filter(pk=source.pk).update(looked_at=moment, reason=str(error))
        raise HttpError(503, f"{error} Send it again later.") from error
    Source.objects.filter(pk=source.pk).update(looked_at=moment, succeeded_at=moment, failures=0, reason="")
    return [each.to_json() for each in received]


@router.get("/sources", response=list[SourceOut])
def sources(request: HttpRequest) -> Any:
    """Where items come from, and how looking there goes."""
    permit(request.user, "wire.see", agency())
    return [_source(source) for source in queries.sources_seen_by(request.user)]


@router.post("/sources", response={201: SourceOut, 422: Refusal})
def add_source(request: HttpRequest, wanted: SourceIn) -> Any:
    """A source; one that sends gets its key here, this once."""
    values = wanted.dict() | {"desk": _desk(wanted.desk)}
    try:
        made, key = sourcing.add_source(request.user, values.pop("name"), values.pop("channel"), **values)
    except sourcing.Mistaken as problem:
        raise HttpError(422, spoken(problem)) from problem
    return Status(201, _source(made) | {"key": key})


@router.post("/sources/{slug}/{verb}", response={200: SourceOut, 404: Refusal, 422: Refusal})
def source_verb(request: HttpRequest, slug: str, verb: Literal["look", "pause", "resume"], given: Verb) -> Any:
    """Look now, pause (with a reason), or resume."""
    source = get_object_or_404(queries.sources_seen_by(request.user), slug=slug)
    try:
        if verb == "pause":
            sourcing.pause(request.user, source, given.reason)
        else:
            {"look": sourcing.look_soon, "resume": sourcing.resume}[verb](request.user, source)
    except sourcing.Mistaken as problem:
        raise HttpError(422, spoken(problem)) from problem
    return _source(source)


@router.get("/incoming", response=list[ItemOut])
def incoming(request: HttpRequest, wanted: Query[ItemsWanted]) -> Any:
    """What came in, newest first, a hundred a page."""
    permit(request.user, "wire.see", agency())
    found = queries.filtered(queries.seen_by(request.user), wanted.dict())
    if wanted.before:
        found = found.filter(pk__lt=wanted.before)
    return [_item(item) for item in found[:PAGE]]


@router.post("/incoming/{item_id}/{verb}", response={200: ItemOut, 404: Refusal, 409: Refusal, 422: Refusal})
def item_verb(
    request: HttpRequest, item_id: int, verb: Literal["take", "merge", "route", "drop", "put-back"], given: Verb
) -> Any:
    """Deal with an item as the desk does."""
    if not 0 < item_id <= MAX_ID:
        raise HttpError(404, "There is no such item.")
    person = request.user
    item = get_object_or_404(queries.seen_by(person), pk=item_id)
    try:
        if verb == "merge":
            triage.merge(person, item, get_object_or_404(stories_seen_by(person), pk=given.story or 0))
        elif verb == "route":
            triage.route(person, item, _desk(given.desk), given.reason)
        elif verb == "drop":
            triage.drop(person, item, given.reason)
        else:
            {"take": triage.take, "put-back": triage.put_back}[verb](person, item)
    except triage.Settled as problem:
        raise HttpError(409, spoken(problem)) from problem
    return _item(queries.seen_by(person).get(pk=item_id))


@router.get("/rules", response=list[RuleOut])
def rules(request: HttpRequest) -> Any:
    """The routing rules in their order; the first that fits an item decides."""
    permit(request.user, "wire.see", agency())
    return [_rule(rule) for rule in Rule.objects.select_related("desk")]


@router.post("/rules", response={201: RuleOut, 422: Refusal})
def add_rule(request: HttpRequest, wanted: RuleIn) -> Any:
    """A rule, asked after all others."""
    return Status(201, _rule(ruling.keep(request.user, _drafted(wanted))))


@router.post("/rules/dry-run", response={200: list[Any], 422: Refusal})
def dry_run(request: HttpRequest, wanted: DryRun) -> Any:
    """Where a day's items would go, and why, rule by rule. Nothing changes."""
    permit(request.user, "wire.see", agency())
    start, end = queries.day(wanted.day or timezone.localdate() - timedelta(days=1))
    kept = [*([_drafted(wanted.rule)] if wanted.rule else []), *route.rules_on()]
    items = queries.traffic(queries.seen_by(request.user), start, end, MOST_TRAFFIC)
    return [
        {
            "item": tried.item.pk,
            "headline": tried.item.headline,
            "went": tried.item.desk.slug if tried.item.desk else "",
            "would_go": tried.rule.desk.slug if tried.rule and tried.rule.desk else "",
            "act": tried.rule.act if tried.rule else "",
            "rule": tried.rule.name if tried.rule else "",
            "changes": tried.changes,
            "why": tried.why,
        }
        for tried in route.dry_run([(rule, rule.rule) for rule in kept], items)
    ]


def _drafted(wanted: RuleIn) -> Rule:
    try:
        return ruling.drafted(wanted.name, wanted.conditions, wanted.act, _desk(wanted.desk))
    except RuleError as problem:
        raise HttpError(422, spoken(problem)) from problem


def _desk(slug: str) -> Desk | None:
    if not slug:
        return None
    found = Desk.objects.filter(slug=slug).first()
    if found is None:
        raise HttpError(
            422, f"There is no desk {slug}. There are: {', '.join(Desk.objects.values_list('slug', flat=True))}."
        )
    return found


def _source(source: Source) -> dict[str, Any]:
    names = ("slug", "name", "channel", "address", "language", "restrictions", "every", "state", "health", "reason")
    more = ("failures", "looked_at", "succeeded_at", "item_at", "next_at")
    return {name: getattr(source, name) for name in (*names, *more)} | {"desk": source.desk.slug if source.desk else ""}


def _item(item: IncomingItem) -> dict[str, Any]:
    names = ("urn", "identifiers", "version", "format", "kind", "language", "headline", "beside", "withdrawn")
    made = {name: getattr(item, name) for name in (*names, "state", "why", "received_at")}
    made |= {name: item.content.get(name) for name in ("urgency", "topics", "restrictions")}
    made |= {"warnings": item.warned, "updates": item.updates_id, "same_as": item.same_as_id, "story": item.story_id}
    return made | {"id": item.pk, "source": item.source.slug, "desk": item.desk.slug if item.desk else ""}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.pk,
        "name": rule.name,
        "conditions": rule.conditions,
        "act": rule.act,
        "desk": rule.desk.slug if rule.desk else "",
        "is_on": rule.is_on,
    }
