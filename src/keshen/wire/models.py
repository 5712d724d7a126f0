"""What the wire keeps: products, who receives them, and every delivery with its receipt."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from keshen.house.models import Named
from keshen.house.words import spoken
from keshen.newsroom.models import Publication, Story, Version
from keshen.wire.agenda.models import Occasion
from keshen.wire.alerts.models import Alert, AlertHit, AlertMail
from keshen.wire.channels.registry import CHANNELS
from keshen.wire.entitlements import Choice, Entitlement
from keshen.wire.formats.alphabets import ENCODINGS
from keshen.wire.formats.registry import FORMATS, Format, choices
from keshen.wire.intake.models import IncomingItem, Listening, Rule, Source
from keshen.wire.products import Filter

__all__ = [
    "Alert",
    "AlertHit",
    "AlertMail",
    "Delivery",
    "EarlierCopy",
    "IncomingItem",
    "Listening",
    "Occasion",
    "Product",
    "Rule",
    "Source",
    "Subscriber",
]


def encodings() -> list[tuple[str, str]]:
    """The character encodings there are, for a picker."""
    return [(name, name) for name in ENCODINGS]


class Product(Named):
    """A selection of what the agency sends. An open product's feeds need no key."""

    slug = models.SlugField(unique=True)
    filter = models.JSONField(default=dict, blank=True)
    is_open = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    @property
    def selection(self) -> Filter:
        return Filter.from_json(self.filter)


class Subscriber(models.Model):
    """Who receives a product, and their numbered stream. An open product's public feed is a subscriber too.

    Only the SHA-256 of the key for fetching is kept; the secret that signs pushes must be kept itself. A pump that
    holds the lease writes only while `fence` is the number it was given.
    """

    class Channel(models.TextChoices):
        """The two that fetch, and the first of those sent to; `wire/channels` has the others."""

        PUSH = "push", _("Sent to the client")
        PULL = "pull", _("Fetched by the client")
        OPEN = "open", _("Public feed")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")

    class Script(models.TextChoices):
        CYRILLIC = "Cyrl", _("Cyrillic")
        LATIN = "Latn", _("Latin")
        ARABIC = "Arab", _("Arabic script")

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    product = models.ForeignKey(Product, models.PROTECT, related_name="subscribers")
    channel = models.CharField(max_length=10)
    format = models.CharField(max_length=20, choices=choices)
    script = models.CharField(
        max_length=4, choices=Script, blank=True, help_text="Texts that can be had in it are sent in it (ISO 15924)"
    )
    encoding = models.CharField(
        max_length=20, choices=encodings, blank=True, help_text="Of plain text; UTF-8 when empty"
    )
    push_url = models.CharField(max_length=2000, blank=True)
    secret = models.CharField(max_length=100, blank=True)
    options = models.JSONField(default=dict, blank=True, help_text="What its channel needs besides: passwords, keys")
    key_sha256 = models.CharField(max_length=64, unique=True, null=True)
    state = models.CharField(max_length=9, choices=State, default=State.ACTIVE)
    reason = models.TextField(blank=True, help_text="Why it is suspended")
    last_sequence = models.BigIntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    paused_by_client = models.BooleanField(default=False, help_text="The client named the time itself")
    failures = models.PositiveIntegerField(default=0, help_text="Tries without success since the last success")
    last_success_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product"], condition=models.Q(channel="open"), name="one_public_feed_a_product"
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=["pull", "open"], push_url="")
                | (~models.Q(channel__in=["pull", "open"]) & ~models.Q(push_url="")),
                name="a_push_has_an_address",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sent_to(self) -> bool:
        """Whether a pump sends to it; the others fetch."""
        return bool(self.push_url)

    def get_channel_display(self) -> str:
        if self.channel in CHANNELS:
            return str(CHANNELS[self.channel].label)
        return str(self.Channel(self.channel).label)

    @property
    def form(self) -> Format:
        return FORMATS[self.format]

    @property
    def urn(self) -> str:
        from keshen.house.urns import urn

        return urn("subscriber", self.slug, self.created_at)

    @property
    def health(self) -> str:
        """How it stands, in a word: suspended, waiting (in back-off), good or idle."""
        if self.state == self.State.SUSPENDED:
            return "suspended"
        if self.failures:
            return "waiting"
        return "good" if self.last_success_at or not self.is_sent_to else "idle"


class Subscription(models.Model):
    """A product a client takes, and on which terms. A client without any takes its own product without limits."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="subscriptions")
    product = models.ForeignKey(Product, models.PROTECT, related_name="subscriptions")
    terms = models.JSONField(default=dict, blank=True, help_text="entitlements.Entitlement as JSON")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["subscriber", "product"], name="one_subscription_a_product")]

    def __str__(self) -> str:
        return f"{self.subscriber} ← {self.product}"

    @property
    def entitlement(self) -> Entitlement:
        return Entitlement.from_json(self.terms)


class Selection(models.Model):
    """Who was considered for a version when it went out, and what was chosen for each and why: kept as it was found.

    `choices` maps a subscriber's id to `entitlements.Choice` as JSON. Asking again later adds a row.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    choices = models.JSONField()
    ahead = models.BooleanField(default=False, help_text="Asked before the embargo ended, for those who get it then")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.version}: {len(self.choices)}"

    def choice(self, subscriber: Subscriber) -> Choice | None:
        """What was chosen for this subscriber; None when it was not among those considered."""
        found = self.choices.get(str(subscriber.pk))
        return Choice.from_json(found) if found else None


class Delivery(models.Model):
    """One version for one subscriber: the queue's row while it waits, the receipt ever after.

    `sequence` is the number in the subscriber's stream, given when it is first sent. `payload` holds the very bytes.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")
        SUSPENDED = "suspended", _("Suspended")
        BLOCKED = "blocked", _("Stopped by rights")

    subscriber = models.ForeignKey(Subscriber, models.PROTECT, related_name="deliveries")
    story = models.ForeignKey(Story, models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    publication = models.ForeignKey(Publication, models.PROTECT, null=True, related_name="deliveries")
    decision = models.ForeignKey("rights.Decision", models.PROTECT, null=True, related_name="+")
    is_kill = models.BooleanField(default=False)
    ahead = models.BooleanField(default=False, help_text="Sent before its embargo ended")
    called_back = models.BooleanField(default=False, help_text="Only says that what was sent ahead is withheld")
    round = models.PositiveSmallIntegerField(default=0, help_text="Counts how often the version was called back")
    tag = models.CharField(max_length=12, blank=True, help_text="BCP 47 tag it goes out under; empty: the text's own")
    withheld = models.JSONField(default=list, help_text="URNs of pictures rights keep from this subscriber")
    sequence = models.BigIntegerField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    response_code = models.PositiveSmallIntegerField(null=True)
    tail = models.TextField(blank=True, help_text="The beginning of the client's last answer, or what went wrong")
    reason = models.TextField(blank=True, help_text="Why it is blocked, cancelled or suspended")
    payload = models.BinaryField(null=True)
    payload_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, help_text="First try")
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["subscriber", "-is_kill", "-state", "attempts", "id"],
                name="wire_head",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
            models.Index(fields=["story", "subscriber"]),
            models.Index(fields=["subscriber", "-sequence"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "version", "round"], name="one_delivery_a_version_and_round"),
            models.UniqueConstraint(fields=["subscriber", "sequence"], name="one_delivery_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.version}"

    @property
    def message_id(self) -> str:
        """What makes a repeated push the same one."""
        return f"{self.subscriber.slug}-{self.sequence}"

    @property
    def told(self) -> str:
        """The reason in the reader's language, where it is one of the house's own sentences."""
        if self.state == self.State.BLOCKED and self.decision is not None:
            return " ".join(self.decision.explanation)
        return spoken(self.reason)

    @property
    def seconds(self) -> float | None:
        """From being due to being taken by the client; what both happened in one transaction took none."""
        return max(0.0, (self.delivered_at - self.created_at).total_seconds()) if self.delivered_at else None

    def log_values(self) -> dict[str, Any]:
        """What the event log says of it."""
        return {"delivery": self.pk, "subscriber": self.subscriber.slug, "state": self.state, "sequence": self.sequence}


class EarlierCopy(models.Model):
    """Bytes that went out under a number before the rights changed what the client may have. Its delivery goes on
    under a number of its own; what was sent before, and what the client said to it, stays here."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="earlier")
    sequence = models.BigIntegerField()
    payload = models.BinaryField()
    payload_sha256 = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    attempts = models.PositiveIntegerField()
    response_code = models.PositiveSmallIntegerField(null=True)
    tail = models.TextField(blank=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["sequence"]
        constraints = [models.UniqueConstraint(fields=["delivery", "sequence"], name="one_copy_a_number")]

    def __str__(self) -> str:
        return f"{self.delivery} {self.sequence}"
