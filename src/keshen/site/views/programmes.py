"""Watching, listening, and the guide."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date, datetime
from typing import cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from keshen.house import admission
from keshen.house.models import Edition, Service, User
from keshen.house.permissions import allowed
from keshen.site import programmes
from keshen.site.context import AIRED, aired_services, alternatives
from keshen.site.editions import all_editions
from keshen.site.responses import in_wanted_edition, page, public

SECONDS = 5
WEB = "platform=web"
"""What the site's players are to rights; an address that is signed for another platform says so itself."""


def _service(slug: str, kind: str) -> Service:
    found = Service.objects.filter(slug=slug, kind=kind).first()
    if found is None:
        raise Http404(f"there is no service {slug}")
    return found


def _moment(request: HttpRequest) -> datetime | None:
    """The instant of `?from=` (ISO 8601); None when there is none or it is not a time."""
    try:
        moment = parse_datetime(request.GET.get("from", "").replace(" ", "+"))
    except ValueError:
        return None
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment


def _day(request: HttpRequest) -> date:
    """The day of `?day=`; today when there is none or it is not a day."""
    try:
        return parse_date(request.GET.get("day", "")) or timezone.localdate()
    except ValueError:
        return timezone.localdate()


def _admission(request: HttpRequest, service: Service) -> tuple[str | None, bool]:
    """Where a restricted channel's addresses begin for whoever asks: with a pass, or as staff; None for others.

    And whether they are bound to a platform.
    """
    key, now = settings.SECRET_KEY, int(time.time())
    signed = f"{admission.PREFIX}{request.GET.get('pass', '')}/{service.slug}"
    with suppress(admission.NotAdmitted):
        _, bound = admission.admitted(key, signed, now)
        return signed, "platform=" in bound
    if allowed(cast(User, request.user), "air.see", service):
        return admission.sign(key, service.slug, now + admission.LOOK_SECONDS), False
    return None, False


def _player(request: HttpRequest, edition: Edition, service: Service) -> HttpResponse:
    restricted = service.slug in settings.KESHEN_RESTRICTED
    air, bound = _admission(request, service) if restricted else (f"/air/{service.slug}", False)
    response = _shown(request, edition, service, air, "" if bound else WEB)
    if restricted:
        response["Cache-Control"] = "private, no-store"
    return response


def _shown(request: HttpRequest, edition: Edition, service: Service, air: str | None, audience: str) -> HttpResponse:
    moment = _moment(request)
    again = programmes.catch_up(service, moment) if moment else None
    wanted = timezone.localdate(moment) if moment and "day" not in request.GET else _day(request)
    lines = programmes.day(service, edition, wanted)
    path = f"/{AIRED[Service.Kind(service.kind)]}/{service.slug}"
    asked = f"?{audience}" if audience else ""
    live = f"{air}/index.m3u8{asked}"
    past = again.replace(f"/air/{service.slug}", air or "", 1) if again else ""
    past += f"{'&' if '?' in past else '?'}{audience}" if past and audience else ""
    on = programmes.strip(edition, [service])[0]
    played = next((line for line in lines if line.start <= moment < line.end), None) if moment and again else on.now
    return page(
        request,
        edition,
        AIRED[Service.Kind(service.kind)],
        {
            "service": service,
            "air": air,
            "live": live,
            "poster": f"{air}/poster.jpg{asked}",
            "source": past or live,
            # an encrypted channel has no stream without end
            "stream": "" if again or service.settings.get("protection") else f"{air}/listen.aac{asked}",
            "moment": moment if again else None,
            "refused": moment is not None and again is None,
            "on": on,
            "off_web": audience == WEB and played is not None and not played.on_web,
            "others": [one for one in programmes.strip(edition) if one.service.pk != service.pk],
            "hours": programmes.by_hour(lines),
            "day": wanted,
            "today": timezone.localdate(),
            "days": programmes.days(),
            "alternatives": alternatives(
                all_editions(), edition, {other.tag: f"{path}?edition={other.tag}" for other in all_editions()}
            ),
        },
    )


@public(seconds=SECONDS, vary="Accept-Language")
@in_wanted_edition
def watch(request: HttpRequest, edition: Edition, slug: str) -> HttpResponse:
    return _player(request, edition, _service(slug, Service.Kind.TV))


@public(seconds=SECONDS, vary="Accept-Language")
@in_wanted_edition
def listen(request: HttpRequest, edition: Edition, slug: str) -> HttpResponse:
    return _player(request, edition, _service(slug, Service.Kind.RADIO))


@public(seconds=SECONDS, vary="Accept-Language")
@in_wanted_edition
def guide(request: HttpRequest, edition: Edition) -> HttpResponse:
    services = aired_services()
    chosen = next(
        (one for one in services if one.slug == request.GET.get("service")), services[0] if services else None
    )
    wanted = _day(request)
    try:
        lines = programmes.day(chosen, edition, wanted, request.GET.get("territory", "")) if chosen else []
    except ValueError as problem:
        return HttpResponseBadRequest(str(problem), content_type="text/plain; charset=utf-8")
    return page(
        request,
        edition,
        "guide",
        {
            "strip": programmes.strip(edition),
            "chosen": chosen,
            "hours": programmes.by_hour(lines),
            "day": wanted,
            "today": timezone.localdate(),
            "days": programmes.days(),
            "alternatives": alternatives(
                all_editions(), edition, {other.tag: f"/guide?edition={other.tag}" for other in all_editions()}
            ),
        },
    )
