"""Taking something off the air for good."""

from __future__ import annotations

from keshen.air import clock
from keshen.air.models import Incident
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import User


@action
def withdraw(actor: User, subject: str, reason: str) -> Incident:
    """Take a story or an asset (by URN) off the air for good: every segment of it answers 410 from now on.

    Doing it again changes nothing. Event: `air.withdrawn`.
    """
    permit(actor, "air.withdraw")
    held = Incident.objects.filter(kind=Incident.Kind.WITHDRAWN, subject=subject).first()
    if held is not None:
        return held
    made = Incident.objects.create(
        kind=Incident.Kind.WITHDRAWN, tick=clock.tick(), subject=subject, reason=reason, actor=actor
    )
    record(actor, "air.withdrawn", subject, after={"tick": made.tick}, reason=reason)
    return made
