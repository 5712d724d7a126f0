"""The schedule by HTTP, for programs with a key: what the operator's screen does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from keshen.air import actions, board, branding, clips, clock
from keshen.air.audiences import readiness, substitutes
from keshen.air.exchange import exporting, interchange
from keshen.air.saying import REFUSALS, refusal
from keshen.air.scheduling.merging import Overlap
from keshen.air.serving import load
from keshen.house.models import Service
from keshen.house.permissions import permit
from keshen.media.houseformat import TICKS_PER_HOUR, datetime_at, seconds, tick_at
from keshen.media.marks import BadMark

router = Router(tags=["air"])
LONGEST_TICKS = 8 * 24 * TICKS_PER_HOUR
MAX_ID = 2**63 - 1


class DoneOut(Schema):
    """What an edit did, and what to know about it. Times are exact to the tick of 320 ms."""

    start: datetime
    end: datetime
    warnings: list[str]
    event: int


class InsertIn(Schema):
    """A placement: an asset from `first` to `last` seconds of it; without an asset, `last` is a length for fillers."""

    start: datetime
    asset: int = Field(0, ge=0, le=MAX_ID)
    first: float = Field(0, ge=0, le=10**6)
    last: float | None = Field(None, ge=0, le=10**6)
    kind: str = Field("programme", pattern="^(programme|filler|ident|break|bulletin)$")
    titles: dict[str, str] = {}
    hard: bool = False


class MoveIn(Schema):
    """What begins at `start`, and where it should."""

    start: datetime
    to: datetime
    asset: int | None = None


class TrimIn(Schema):
    """What begins at `start`, from `first` to `last` seconds of its asset."""

    start: datetime
    first: float = Field(ge=0, le=10**6)
    last: float = Field(ge=0, le=10**6)
    asset: int | None = None


class AtIn(Schema):
    """What begins at `start`; `asset` is what the caller believes is there."""

    start: datetime
    asset: int | None = None


class FixIn(AtIn):
    """Whether it starts hard."""

    hard: bool = True


class MarkIn(Schema):
    """Something drawn over an entry, from `first` to `last` seconds of it; without these, over all of it."""

    kind: str = Field(pattern="^(logo|lower-third|age|repeat|sponsor)$")
    text: str = Field("", max_length=120)
    second: str = Field("", max_length=120)
    first: float = Field(0, ge=0, le=10**6)
    last: float | None = Field(None, ge=0, le=10**6)


class MarksIn(AtIn):
    """Everything that is to be drawn over what begins at `start`; an empty list takes all away."""

    marks: list[MarkIn] = Field(max_length=20)


class LogoIn(Schema):
    """How a service's logo looks and what it is drawn over; what is left out stays. Size and opacity in per cent."""

    text: str | None = Field(None, max_length=120)
    corner: str | None = Field(None, pattern="^(top|bottom)-(left|right)$")
    size: int | None = Field(None, ge=3, le=40)
    opacity: int | None = Field(None, ge=10, le=100)
    burn: str | None = Field(None, pattern="^(never|named|always)$")


class BreakInIn(Schema):
    """Clips in their order, or the news; afterwards the schedule is joined, or with `resume` goes on where it was."""

    assets: list[int] = Field([], max_length=50)
    news: bool = False
    resume: bool = False
    reason: str = Field("", max_length=500)


class ClipIn(Schema):
    """What aired from one instant to another."""

    start: datetime
    end: datetime
    title: str = Field("", max_length=200)


class ClipOut(Schema):
    """The asset a clip becomes; `state` is `preparing` until it is made."""

    asset: int
    urn: str
    title: str
    state: str


class WhyIn(Schema):
    reason: str = Field("", max_length=500)


def _service(slug: str) -> Service:
    return get_object_or_404(Service, slug=slug, kind__in=load.ON_AIR)


def _ticks(given: float) -> int:
    return round(given / seconds(1))


def _done(act: Callable[[], actions.Done]) -> dict[str, Any]:
    try:
        done = act()
    except REFUSALS as problem:
        raise HttpError(409, refusal(problem)) from problem
    return {
        "start": datetime_at(done.start),
        "end": datetime_at(done.end),
        "warnings": list(done.warnings),
        "event": done.event,
    }


def _tick(moment: datetime) -> int:
    try:
        return tick_at(moment)
    except (ValueError, OverflowError) as problem:
        raise HttpError(422, f"{moment.isoformat()} has no time zone: write 2026-11-23T14:05:00+05:00") from problem


@router.get("/{slug}/schedule", response=dict[str, Any], summary="What is laid, placed and planned")
def schedule(
    request: HttpRequest, slug: str, start: datetime | None = None, end: datetime | None = None
) -> dict[str, Any]:
    permit(request.user, "air.see")
    service = _service(slug)
    first = _tick(start) if start else clock.tick()
    last = _tick(end) if end else first + 24 * TICKS_PER_HOUR
    if not first < last <= first + LONGEST_TICKS:
        raise HttpError(422, "the interval must be longer than nothing and at most eight days")
    return board.board(service, first, last)


@router.post("/{slug}/schedule", response=DoneOut, summary="Place an asset")
def insert(request: HttpRequest, slug: str, given: InsertIn) -> dict[str, Any]:
    return _done(
        lambda: actions.insert(
            request.user,
            _service(slug),
            start=_tick(given.start),
            asset=given.asset,
            first=_ticks(given.first),
            last=None if given.last is None else _ticks(given.last),
            kind=given.kind,
            titles=given.titles,
            hard=given.hard,
        )
    )


@router.get("/{slug}/export/{form}", summary="The schedule as json, csv, m3u, xmltv or bxf; the as-run as as-run.bxf")
def export(request: HttpRequest, slug: str, form: str, start: datetime, end: datetime) -> HttpResponse:
    permit(request.user, "air.see")
    if form not in exporting.MEDIA_TYPES:
        raise HttpError(404, f"{form} is none of {', '.join(exporting.MEDIA_TYPES)}")
    first, last = _tick(start), _tick(end)
    if not first < last <= first + LONGEST_TICKS:
        raise HttpError(422, "the interval must be longer than nothing and at most eight days")
    made = exporting.export(_service(slug), form, first, last)
    return HttpResponse(made, content_type=exporting.MEDIA_TYPES[form])


@router.post("/{slug}/import/{form}", response=DoneOut, summary="Place what a json, csv, m3u or xmltv file lists")
def import_(
    request: HttpRequest,
    slug: str,
    form: str,
    start: datetime | None = None,
    overlap: Overlap = Overlap.REFUSE,
    over: bool = False,
) -> dict[str, Any]:
    """The body is the file. All of it is placed, or nothing, and the answer names the lines that are in the way.

    `overlap` says what becomes of a row that begins before the one above it has ended: it is refused, follows it, or
    cuts it. With `over`, what was placed in that time makes way.
    """
    body = request.body
    at = _tick(start) if start else None
    rules = actions.Rules(overlap, over)
    return _done(
        lambda: actions.import_lines(request.user, _service(slug), interchange.read(body, form), start=at, rules=rules)
    )


@router.post("/{slug}/schedule/move", response=DoneOut, summary="Move what begins at a time")
def move(request: HttpRequest, slug: str, given: MoveIn) -> dict[str, Any]:
    start, to = _tick(given.start), _tick(given.to)
    return _done(lambda: actions.move(request.user, _service(slug), start=start, to=to, asset=given.asset))


@router.post("/{slug}/schedule/trim", response=DoneOut, summary="Change in and out points")
def trim(request: HttpRequest, slug: str, given: TrimIn) -> dict[str, Any]:
    start, first, last = _tick(given.start), _ticks(given.first), _ticks(given.last)
    return _done(
        lambda: actions.trim(request.user, _service(slug), start=start, first=first, last=last, asset=given.asset)
    )


@router.post("/{slug}/schedule/remove", response=DoneOut, summary="Take out what begins at a time")
def remove(request: HttpRequest, slug: str, given: AtIn) -> dict[str, Any]:
    start = _tick(given.start)
    return _done(lambda: actions.remove(request.user, _service(slug), start=start, asset=given.asset))


@router.post("/{slug}/schedule/fix", response=DoneOut, summary="Make a start hard or soft")
def fix(request: HttpRequest, slug: str, given: FixIn) -> dict[str, Any]:
    start = _tick(given.start)
    return _done(lambda: actions.fix(request.user, _service(slug), start=start, hard=given.hard, asset=given.asset))


@router.post("/{slug}/schedule/mark", response=DoneOut, summary="Draw over what begins at a time")
def mark(request: HttpRequest, slug: str, given: MarksIn) -> dict[str, Any]:
    start, asset = _tick(given.start), given.asset
    rows: list[dict[str, Any]] = []
    for one in given.marks:
        ticks = {"first": _ticks(one.first), "last": None if one.last is None else _ticks(one.last)}
        rows.append({"kind": one.kind, "text": one.text or None, "second": one.second, **ticks})
    return _done(lambda: actions.mark(request.user, _service(slug), start=start, marks=rows, asset=asset))


@router.post("/{slug}/logo", response=dict[str, Any], summary="Set the service's logo")
def logo(request: HttpRequest, slug: str, given: LogoIn) -> dict[str, Any]:
    try:
        return branding.settings_of(actions.set_logo(request.user, _service(slug), given.dict()))
    except BadMark as problem:
        raise HttpError(422, str(problem)) from problem


@router.post("/{slug}/schedule/undo", response=DoneOut, summary="Take back one's own last edit")
def undo(request: HttpRequest, slug: str) -> dict[str, Any]:
    return _done(lambda: actions.undo(request.user, _service(slug)))


@router.post("/{slug}/schedule/redo", response=DoneOut, summary="Do again what was taken back")
def redo(request: HttpRequest, slug: str) -> dict[str, Any]:
    return _done(lambda: actions.redo(request.user, _service(slug)))


@router.get("/{slug}/languages", response=list[dict[str, Any]], summary="Which languages are there for what comes")
def languages(request: HttpRequest, slug: str, hours: float = 24) -> list[dict[str, Any]]:
    permit(request.user, "air.see")
    if not 0 < hours <= 48:
        raise HttpError(422, "hours is from 0 to 48")
    return [row.to_json() for row in readiness.board(_service(slug), hours)]


@router.get("/{slug}/variants", response=list[dict[str, Any]], summary="Who may not see what is laid, and sees instead")
def variants(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    permit(request.user, "air.see")
    return substitutes.listed(_service(slug), clock.tick())


@router.post("/{slug}/clips", response=ClipOut, summary="Keep what aired as an asset")
def clip(request: HttpRequest, slug: str, given: ClipIn) -> dict[str, Any]:
    start, end = _tick(given.start), _tick(given.end)
    try:
        made = clips.request(request.user, _service(slug), start, end, title=given.title)
    except clips.NotKept as problem:
        raise HttpError(409, str(problem)) from problem
    return {"asset": made.pk, "urn": made.urn, "title": made.title, "state": made.state}


@router.post("/{slug}/skip", response=DoneOut, summary="End what is on the air")
def skip(request: HttpRequest, slug: str, given: WhyIn) -> dict[str, Any]:
    return _done(lambda: actions.skip(request.user, _service(slug), given.reason))


@router.post("/{slug}/break-in", response=DoneOut, summary="Break in with clips or the news")
def break_in(request: HttpRequest, slug: str, given: BreakInIn) -> dict[str, Any]:
    return _done(
        lambda: actions.break_in(
            request.user,
            _service(slug),
            assets=given.assets,
            news=given.news,
            resume=given.resume,
            reason=given.reason,
        )
    )


@router.post("/{slug}/return", response=DoneOut, summary="Return from a break-in")
def return_(request: HttpRequest, slug: str, given: WhyIn) -> dict[str, Any]:
    return _done(lambda: actions.return_(request.user, _service(slug), given.reason))
