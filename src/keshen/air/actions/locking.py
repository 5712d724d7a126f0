"""The frame of every edit of a service's air: its lock, the instant it is made at, its end within two seconds."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.air import clock
from keshen.house.models import Service
from keshen.house.urns import urn
from keshen.media.houseformat import TICKS_PER_HOUR

LOCK = 0x4B41
"""First half of the advisory lock of a service; the second is its id."""
EDIT_MS = 2000
LAID_TICKS = TICKS_PER_HOUR * 5 // 4
"""How far ahead the log is laid: never less than an hour."""
PLANNED_TICKS = 26 * TICKS_PER_HOUR


class TooSlow(Exception):
    """The edit took so long that what it checked may be frozen by now. Nothing was changed; try again."""


class Locked:
    """The service's lock for the rest of the transaction; `tick` is the instant the edit is made at."""

    def __init__(self, service: Service) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{EDIT_MS}ms"])
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, service.pk])
            self._began = clock.milliseconds()
            self.tick = clock.tick()
            cursor.execute("SELECT set_config('keshen.tick', %s, true)", [str(self.tick)])

    def finish(self) -> None:
        """Last thing before the commit. Raises TooSlow."""
        if clock.milliseconds() - self._began > EDIT_MS:
            raise TooSlow(_("The schedule was busy. Nothing was changed; try again."))


def service_urn(service: Service) -> str:
    """The URN of a service; it has no day of making, so it carries its organisation's."""
    return urn("service", f"{service.slug}-{service.kind}", timezone.now().replace(year=1970, month=1, day=1))
