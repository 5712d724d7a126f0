"""Times as the readers of an edition write them."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone, translation
from django.utils.dateformat import format as write
from django.utils.translation import gettext as _

from keshen.house.models import Edition
from keshen.site.words import in_script

DAY = {"kk": "Y жылғы j E", "ru": "j E Y", "en": "j F Y", "ar": "j F Y"}
DAY_OF_YEAR = {"kk": "j E", "ru": "j E", "en": "j F", "ar": "j F"}
CLOCK = "H:i"


def written(local: datetime, edition: Edition, style: str) -> str:
    """A local time in the words of an edition. Styles: `full` (day, clock and zone), `day`, `clock`, and `short`, the
    clock of today and the day of any other. Raises KeyError for another style.
    """
    today = local.date() == timezone.localdate()
    match style:
        case "clock":
            return write(local, CLOCK)
        case "short":
            return write(local, CLOCK) if today else _in_words(local, DAY_OF_YEAR, edition)
        case "day":
            return _in_words(local, DAY, edition)
        case "full":
            return _("%(day)s, %(clock)s (Astana time)") % {
                "day": _in_words(local, DAY, edition),
                "clock": write(local, CLOCK),
            }
    raise KeyError(f"no style {style!r} of writing a time")


def weekday(on: date, edition: Edition) -> str:
    """The weekday and the day of the month, as tabs of a guide name a day."""
    return _in_words(on, {tag: f"l, {day}" for tag, day in DAY_OF_YEAR.items()}, edition)


def _in_words(when: date | datetime, styles: dict[str, str], edition: Edition) -> str:
    source = edition.derived_from.tag if edition.derived_from else edition.language
    with translation.override(source):
        return in_script(write(when, styles.get(source, styles["en"])), edition)
