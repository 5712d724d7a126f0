"""When the next digest is due: at the full hour, or at eight in the morning of a zone."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

MORNING_HOUR = 8


def next_digest(pace: str, now: datetime, zone: tzinfo) -> datetime | None:
    """The moment after `now` (aware) at which a digest of that pace goes; None for what goes at once or not at all."""
    here = now.astimezone(zone)
    if pace == "hour":
        return (here + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    if pace == "day":
        today = here.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
        return today if today > here else today + timedelta(days=1)
    return None
