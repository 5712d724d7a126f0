"""What the air keeps of variants: rulings for each audience, what a service offers instead, what was prepared."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from keshen.house.models import Service
from keshen.media.models import Asset
from keshen.rights.models import Decision


class Ruling(models.Model):
    """What rights allow one audience of a service (`variants.audience`) of an asset, from a tick on. Append-only.

    `spans` are the stretches of ticks in which it may not be shown, edges to come included (see `denials`). `terms` are
    those it was decided under, `decision` the one of the first moment.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="rulings")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="rulings")
    audience = models.CharField(max_length=20)
    tick = models.BigIntegerField()
    spans = models.JSONField(default=list)
    terms = ArrayField(models.BigIntegerField(), default=list)
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["service", "asset"])]

    def __str__(self) -> str:
        return f"{self.asset} {self.audience}"


class Offer(models.Model):
    """What a service's variants show instead of what is denied, and which language stands in for one that is missing.

    `body` is as `offers.parse` reads it.
    """

    service = models.OneToOneField(Service, models.CASCADE, related_name="offer")
    body = models.JSONField()
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.service)


class Substitute(models.Model):
    """What an audience is shown in place of an entry: one asset with the entry's own cut list. Append-only.

    It holds for segments that end after `tick`, when it was ready; before that the standby was shown. `decision` is
    that the audience may have it.
    """

    entry = models.ForeignKey("air.Entry", models.PROTECT, related_name="substitutes")
    audience = models.CharField(max_length=20)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="substitutes")
    titles = models.JSONField(default=dict)
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="+")
    tick = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["entry", "audience"], name="one_substitute_an_audience")]

    def __str__(self) -> str:
        return f"{self.asset} {self.audience}"
