"""What is kept of alerts: the saved search, each item it found, and each mail that told of some."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from keshen.wire.products import Filter


class Alert(models.Model):
    """A saved search in a client's stream. `reached` is the last number it looked at.

    Mail goes only to an address whose owner confirmed it. An alert that ended finds nothing more, but whoever was told
    of an item is still told when it is killed.
    """

    class Pace(models.TextChoices):
        LIVE = "live", _("On this page, as it comes")
        ONCE = "once", _("By mail, at once")
        HOUR = "hour", _("By mail, once an hour")
        DAY = "day", _("By mail, once a day")

    subscriber = models.ForeignKey("wire.Subscriber", models.CASCADE, related_name="alerts")
    name = models.CharField(max_length=100)
    words = models.CharField(max_length=200, blank=True)
    filter = models.JSONField(default=dict, blank=True, help_text="products.Filter as JSON")
    pace = models.CharField(max_length=4, choices=Pace, default=Pace.LIVE)
    address = models.EmailField(blank=True)
    language = models.CharField(max_length=12, default="kk", help_text="Of what the house itself says in its mails")
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reached = models.BigIntegerField(default=0)
    next_at = models.DateTimeField(null=True, help_text="When the next digest is due")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def selection(self) -> Filter:
        return Filter.from_json(self.filter)

    @property
    def is_mailed(self) -> bool:
        return self.pace != self.Pace.LIVE


class AlertMail(models.Model):
    """One mail: queued with what it tells of, sent once in effect. Its Message-ID is the same at every try.

    Whoever sends it holds it until `claimed_until`; a sender that died is followed by another after that.
    """

    class Kind(models.TextChoices):
        CONFIRM = "confirm", _("Asks whether the address is meant")
        ITEMS = "items", _("Tells of items")
        WITHDRAWN = "withdrawn", _("Takes back what was told")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        DROPPED = "dropped", _("Nothing was left to tell")
        FAILED = "failed", _("Failed")

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="mails")
    kind = models.CharField(max_length=9, choices=Kind)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["id"], name="wire_alert_due", condition=models.Q(state__in=["waiting", "sending"]))
        ]

    def __str__(self) -> str:
        return f"{self.alert}: {self.kind} {self.pk}"


class AlertHit(models.Model):
    """An item an alert found, or a notice that one it told of is dead or withheld; told of by one mail at most."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="hits")
    delivery = models.ForeignKey("wire.Delivery", models.PROTECT, related_name="+")
    withdrawn = models.BooleanField(default=False)
    mail = models.ForeignKey(AlertMail, models.SET_NULL, null=True, related_name="hits")
    told = models.BooleanField(default=False, help_text="A mail with it was on its way: it may have arrived")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["alert", "delivery"], name="one_hit_a_delivery")]

    def __str__(self) -> str:
        return f"{self.alert}: {self.delivery}"
