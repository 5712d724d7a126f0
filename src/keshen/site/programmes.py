"""The air as pages show it, asked of the house's guide: the live strip, the day, where a story was on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.utils import timezone

from keshen.house import programmes
from keshen.house.models import Edition, Service
from keshen.house.programmes import Programme, ProgrammeKind
from keshen.site.context import address, aired_services
from keshen.site.words import in_edition

DAYS_BACK = 2
DAYS_AHEAD = 2


@dataclass(frozen=True)
class Part:
    """A story within a programme. `address` plays it again, where that is possible."""

    start: datetime
    title: str
    address: str | None


@dataclass(frozen=True)
class Line:
    """One programme of the guide, in the words of an edition. `address` plays it: live while it runs, else again.

    `on_web` is false where rights keep it from the web: players here show something else.
    """

    start: datetime
    end: datetime
    title: str
    kind: str
    on_now: bool
    past: bool
    address: str | None
    parts: list[Part]
    on_web: bool = True

    @property
    def percent(self) -> int:
        """How much of it is over, 0 to 100."""
        share = (timezone.now() - self.start) / (self.end - self.start)
        return round(min(max(share, 0.0), 1.0) * 100)


@dataclass(frozen=True)
class Aired:
    """A service with what it plays now and next."""

    service: Service
    address: str
    now: Line | None
    next: Line | None


@dataclass(frozen=True)
class Hour:
    """The programmes that begin within an hour of the house's day."""

    start: datetime
    lines: list[Line]

    @property
    def is_now(self) -> bool:
        return self.start <= timezone.now() < self.start + timedelta(hours=1)


def strip(edition: Edition, services: Iterable[Service] | None = None) -> list[Aired]:
    """Every television and radio service, now and next."""
    guide = programmes.guide()
    made = []
    for service in aired_services() if services is None else services:
        found = guide.now_next(service.slug) if guide else programmes.NowNext(None, None)
        made.append(
            Aired(
                service,
                address(service, edition),
                _line(found.now, service, edition) if found.now else None,
                _line(found.next, service, edition) if found.next else None,
            )
        )
    return made


def day(service: Service, edition: Edition, wanted: date, territory: str = "") -> list[Line]:
    """A service's programmes of a day; breaks, and fillers without a name, are left out.

    Raises ValueError, with what there is, for a territory the service does not reach.
    """
    guide = programmes.guide()
    found = guide.day(service.slug, wanted, territory) if guide else []
    return [_line(one, service, edition) for one in found if one.kind is not ProgrammeKind.BREAK and one.titles]


def by_hour(lines: Iterable[Line]) -> list[Hour]:
    """Lines grouped by the hour they begin in, in the house's time zone."""
    hours: dict[datetime, list[Line]] = {}
    for line in lines:
        start = timezone.localtime(line.start).replace(minute=0, second=0, microsecond=0)
        hours.setdefault(start, []).append(line)
    return [Hour(start, found) for start, found in sorted(hours.items())]


def days() -> list[date]:
    """The days the guide offers around today."""
    today = timezone.localdate()
    return [today + timedelta(days=offset) for offset in range(-DAYS_BACK, DAYS_AHEAD + 1)]


def again(service: Service, edition: Edition, moment: datetime) -> str:
    """Where `service` is played from a moment on."""
    return f"{address(service, edition)}&{urlencode({'from': moment.isoformat(timespec='seconds')})}"


def catch_up(service: Service, moment: datetime) -> str | None:
    """The playlist that plays on from a moment; None when it is ahead, forgotten or withdrawn."""
    guide = programmes.guide()
    return guide.catch_up(service.slug, moment) if guide else None


def airings(story_urn: str, edition: Edition) -> list[tuple[Service, datetime, str | None]]:
    """Where a story can be watched or listened to: service, time, and the address that plays it (None: still ahead).

    One for each service: the latest that can be caught up, else the next to come.
    """
    guide = programmes.guide()
    if guide is None or not story_urn:
        return []
    services = {service.slug: service for service in aired_services()}
    found: dict[str, tuple[Service, datetime, str | None]] = {}
    for airing in guide.airings(story_urn):
        service = services.get(airing.service)
        if service is None:
            continue
        playable = again(service, edition, airing.start) if airing.catch_up else None
        if airing.service not in found or (playable and airing.start > found[airing.service][1]):
            found[airing.service] = (service, airing.start, playable)
    order = list(services)
    return [found[slug] for slug in sorted(found, key=order.index)]


def _line(found: Programme, service: Service, edition: Edition) -> Line:
    now = timezone.now()
    on_now = found.start <= now < found.end
    playable = again(service, edition, found.start) if found.catch_up else None
    return Line(
        start=found.start,
        end=found.end,
        title=in_edition(found.titles, edition),
        kind=found.kind,
        on_now=on_now,
        past=found.end <= now,
        address=playable or (address(service, edition) if on_now else None),
        parts=[
            Part(
                item.start,
                in_edition(item.titles, edition),
                again(service, edition, item.start) if found.catch_up and item.start <= now else None,
            )
            for item in found.items
            if item.titles
        ],
        on_web=found.on_web,
    )
