"""What entries count more since they were laid: the rows that say so, and entries read with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from keshen.house.models import Service

if TYPE_CHECKING:
    from keshen.air.models import Entry


class Renumbering(models.Model):
    """From `tick` on, what was laid before (entries up to the id `entry`) counts so many segments and breaks more.

    An edit in the middle of the log writes one of these instead of every entry that follows. Append-only.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="renumberings")
    tick = models.BigIntegerField()
    entry = models.BigIntegerField()
    segments = models.BigIntegerField()
    breaks = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["service", "entry"])]

    def __str__(self) -> str:
        return f"{self.service}: {self.segments:+}"


def _moved(field: str) -> Coalesce:
    later = Renumbering.objects.filter(
        service=OuterRef("service"), tick__lte=OuterRef("start_tick"), entry__gte=OuterRef("pk")
    )
    summed = later.order_by().values("service").annotate(total=Sum(field, output_field=models.BigIntegerField()))
    return Coalesce(Subquery(summed.values("total")), Value(0), output_field=models.BigIntegerField())


class CountedEntries(models.Manager["Entry"]):
    """Entries with what they count more since they were laid, as `moved` and `moved_breaks`."""

    def get_queryset(self) -> models.QuerySet[Entry]:
        return super().get_queryset().annotate(moved=_moved("segments"), moved_breaks=_moved("breaks"))
