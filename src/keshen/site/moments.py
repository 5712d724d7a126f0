"""Times as the readers of an edition write them."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.house.models import Edition
from keshen.language.dates import format_date, format_time


def written(local: datetime, edition: Edition, style: str) -> str:
    """A local time in the words of an edition. Styles: `full` (day, clock and zone), `day`, `clock`, and `short`, the
    clock of today and the day of any other. Raises KeyError for another style.
    """
    today = timezone.localdate()
    match style:
        case "clock":
            return format_time(local.time())
        case "short" if local.date() == today:
            return format_time(local.time())
        case "short":
            return format_date(local.date(), edition.tag, year=local.year != today.year)
        case "day":
            return format_date(local.date(), edition.tag)
        case "full":
            return _("%(day)s, %(clock)s (Astana time)") % {
                "day": format_date(local.date(), edition.tag),
                "clock": format_time(local.time()),
            }
    raise KeyError(f"no style {style!r} of writing a time")


def weekday(on: date, edition: Edition) -> str:
    """The weekday and the day of the month, as tabs of a guide name a day."""
    return format_date(on, edition.tag, year=False, weekday=True)
