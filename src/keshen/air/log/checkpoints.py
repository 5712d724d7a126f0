"""Where the counting of each service stands, written down once an hour for good."""

from __future__ import annotations

from keshen.air import clock, queries
from keshen.air.models import Checkpoint
from keshen.air.timeline import Timeline
from keshen.house.actions import action, permit
from keshen.house.models import Service, User
from keshen.media.houseformat import TICKS_PER_HOUR


@action
def keep_checkpoint(actor: User, service: Service) -> Checkpoint | None:
    """Write down the numbers of the first segment of this hour; None when that is done, or nothing was laid then."""
    permit(actor, "air.lay", service)
    hour = clock.tick() // TICKS_PER_HOUR * TICKS_PER_HOUR
    last = Checkpoint.objects.filter(service=service).last()
    if last is not None and last.tick >= hour:
        return None
    counted = Timeline([entry.timed() for entry in queries.laid(service, hour)]).checkpoint(hour)
    if counted is None or counted.tick > clock.tick():
        return None
    return Checkpoint.objects.create(
        service=service, tick=counted.tick, sequence=counted.sequence, discontinuity=counted.discontinuity
    )
