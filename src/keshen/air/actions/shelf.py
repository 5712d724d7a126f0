"""What a service may play: its week and its shelf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keshen.air.actions.locking import service_urn
from keshen.air.models import Stock, Week
from keshen.air.scheduling import template
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Service, User
from keshen.media.models import Asset


@action
def set_week(actor: User, service: Service, body: Mapping[str, Any]) -> Week:
    """Give a service its weekly template. Event: `air.week_set`. Raises template.TemplateError."""
    permit(actor, "air.lay", service)
    template.parse(body)
    before = Week.objects.filter(service=service).first()
    week, _made = Week.objects.update_or_create(service=service, defaults={"body": dict(body)})
    if before is None or before.body != week.body:
        record(
            actor,
            "air.week_set",
            service_urn(service),
            organisation=service.organisation,
            before=before and {"week": before.body},
            after={"week": week.body},
        )
    return week


@action
def stock(
    actor: User,
    asset: Asset,
    role: Stock.Role,
    *,
    service: Service | None = None,
    titles: Mapping[str, str] | None = None,
    key: str = "",
    position: int = 0,
    artist: str = "",
    series: str = "",
    episode: int = 0,
) -> Stock:
    """Put an asset on the shelf of a service, or of all. Doing it again changes nothing. Event: `air.stocked`."""
    permit(actor, "air.stock", service)
    row, made = Stock.objects.get_or_create(
        service=service,
        role=role,
        asset=asset,
        defaults={
            "titles": dict(titles or {}),
            "key": key,
            "position": position,
            "artist": artist,
            "series": series,
            "episode": episode,
        },
    )
    if made:
        after = {"role": role.value, "service": service.slug if service else None, "key": key}
        record(actor, "air.stocked", asset.urn, organisation=asset.organisation, after=after)
    return row
