"""What is kept of the agenda."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from keshen.house.models import Organisation, User


class Occasion(models.Model):
    """Something that will happen, announced to clients. Its terms are the rights room's, by `urn`.

    `starts` and `ends` are ISO 8601, as exact as is known: an instant with its zone, a day or a month. Taken back, it
    stays in calendars as cancelled.
    """

    headline = models.CharField(max_length=300)
    starts = models.CharField(max_length=32)
    ends = models.CharField(max_length=32, blank=True)
    begins_at = models.DateTimeField(help_text="`starts` as a moment, to sort and to forget by")
    place = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)
    language = models.CharField(max_length=12)
    topics = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    item = models.OneToOneField(
        "wire.IncomingItem", models.PROTECT, null=True, related_name="occasion", help_text="What it was made of"
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    announced_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["begins_at", "id"]

    def __str__(self) -> str:
        return self.headline

    @property
    def urn(self) -> str:
        from keshen.house.urns import urn

        return urn("occasion", self.pk, self.created_at)

    def log_values(self) -> dict[str, Any]:
        """What the event log says of it."""
        return {"occasion": self.pk, "headline": self.headline, "starts": self.starts}


def moment_of(text: str) -> datetime:
    """The moment an ISO 8601 date, month or time begins; what has no zone counts in UTC. Raises ValueError."""
    if len(text) == 7:
        text += "-01"
    if len(text) == 10:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
