"""What the intake keeps: sources and how they are, every item that came with what became of it, and routing rules."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from keshen.house.models import Desk, Organisation, User
from keshen.house.phrases import Phrase
from keshen.house.words import spoken
from keshen.newsroom.content import Content
from keshen.newsroom.models import Story
from keshen.wire.intake.channels import CHANNELS, Spec
from keshen.wire.intake.routing import Facts
from keshen.wire.intake.routing import Rule as RoutingRule

FAILING_AFTER = 3


class Source(models.Model):
    """Where items come from, and how looking there goes.

    `cursor` is the channel's own memory of what it has seen. Whoever looks raises `fence` and writes only while it is
    unchanged; `next_at` is when it is due, and while somebody looks, when another may.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    channel = models.CharField(max_length=10, help_text="One of `channels.CHANNELS`")
    address = models.CharField(max_length=2000, blank=True)
    username = models.CharField(max_length=200, blank=True)
    secret = models.CharField(max_length=2000, blank=True, help_text="What the house shows the source to be let in")
    settings = models.JSONField(default=dict, blank=True)
    key_sha256 = models.CharField(max_length=64, unique=True, null=True, help_text="Of the key it sends with")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    desk = models.ForeignKey(Desk, models.PROTECT, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=12, blank=True, help_text="BCP 47; empty: told from the words")
    restrictions = ArrayField(models.TextField(), default=list, blank=True, help_text="Terms on all that comes")
    every = models.PositiveIntegerField(default=60, help_text="Seconds between looks")
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    reason = models.TextField(blank=True, help_text="Why it is paused, or what went wrong at the last look")
    cursor = models.JSONField(default=dict, blank=True)
    next_at = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text="Looks without success since the last success")
    looked_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    item_at = models.DateTimeField(null=True, help_text="When something new last came")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["next_at"], name="wire_source_due", condition=models.Q(state="active")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def urn(self) -> str:
        from keshen.house.urns import urn

        return urn("source", self.slug, self.created_at)

    @property
    def way_in(self) -> Any:
        """What people call the channel."""
        return CHANNELS[self.channel].label

    @property
    def is_looked_at(self) -> bool:
        """Whether the house goes and looks; otherwise the source sends."""
        return CHANNELS[self.channel].look is not None

    @property
    def health(self) -> str:
        """How it stands, in a word: paused, failing, waiting (in back-off), good or idle."""
        if self.state == self.State.PAUSED:
            return "paused"
        if self.failures >= FAILING_AFTER:
            return "failing"
        if self.failures:
            return "waiting"
        return "good" if self.succeeded_at else "idle"

    @property
    def spec(self) -> Spec:
        """What a channel may know of the source."""
        return Spec(
            slug=self.slug,
            address=self.address,
            username=self.username,
            secret=self.secret,
            settings=dict(self.settings),
            cursor=dict(self.cursor),
        )


class Listening(models.Model):
    """What a source's hub was asked to send us (WebSub), and until when it agreed to.

    `token` is the callback's secret part, `secret` signs what comes.
    """

    source = models.OneToOneField(Source, models.CASCADE, related_name="listening")
    hub = models.CharField(max_length=2000)
    topic = models.CharField(max_length=2000)
    token = models.CharField(max_length=43, unique=True)
    secret = models.CharField(max_length=64)
    asked_at = models.DateTimeField(null=True)
    agreed_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True, help_text="When it last sent something that was ours to take")
    reason = models.TextField(blank=True, help_text="Why it does not send")

    def __str__(self) -> str:
        return f"{self.hub} → {self.source}"


class Rule(models.Model):
    """One routing rule: what it looks for, and what is done with what fits. The first that fits decides."""

    class Act(models.TextChoices):
        ROUTE = "route", _("To the desk")
        TAKE = "take", _("To the desk, as a draft at once")
        DROP = "drop", _("Drop")

    name = models.CharField(max_length=200)
    position = models.PositiveIntegerField(default=0)
    conditions = models.JSONField(default=dict, blank=True)
    act = models.CharField(max_length=5, choices=Act, default=Act.ROUTE)
    desk = models.ForeignKey(Desk, models.PROTECT, null=True, blank=True, related_name="+")
    is_on = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(act="drop") | models.Q(desk__isnull=False), name="a_rule_leads")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> RoutingRule:
        return RoutingRule.from_json(self.conditions, name=self.name, key=self.pk or 0)


class IncomingItem(models.Model):
    """One item as it was understood, and what became of it. The bytes it came in are kept under `sha256`."""

    class State(models.TextChoices):
        NEW = "new", _("New")
        TAKEN = "taken", _("Taken")
        MERGED = "merged", _("Merged")
        DROPPED = "dropped", _("Dropped")
        REPLACED = "replaced", _("Replaced by a newer one")

    source = models.ForeignKey(Source, models.PROTECT, related_name="items")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    part = models.PositiveIntegerField(default=0, help_text="Which item of the message, from 0")
    piece = models.CharField(max_length=64, help_text="SHA-256 of the item's own part of the message")
    filename = models.CharField(max_length=300)
    format = models.CharField(max_length=30)
    kind = models.CharField(max_length=20, default="text", help_text="The nature of the item: text, picture, event")
    identifiers = ArrayField(models.CharField(max_length=500), default=list)
    version = models.CharField(max_length=100, blank=True, help_text="As the sender counts")
    sent_at = models.DateTimeField(null=True, help_text="The sender's date")
    fingerprint = models.CharField(max_length=64)
    language = models.CharField(max_length=12)
    headline = models.CharField(max_length=300)
    content = models.JSONField()
    words = models.TextField(blank=True, help_text="Stems of headline and body, separated by spaces")
    credit = models.CharField(max_length=200, blank=True)
    places = ArrayField(models.CharField(max_length=200), default=list)
    beside = models.JSONField(default=dict, help_text="What it says that a story has no place for, as understood")
    pictures = models.JSONField(default=list)
    warnings = ArrayField(models.TextField(), default=list)
    said = models.JSONField(default=list, help_text="The warnings as phrases, for every language")
    withdrawn = models.BooleanField(default=False, help_text="The sender took it back")
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    desk = models.ForeignKey(Desk, models.PROTECT, null=True, related_name="+")
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, related_name="+")
    why = models.JSONField(default=list, help_text="How routing decided, rule by rule")
    updates = models.ForeignKey("self", models.PROTECT, null=True, related_name="updated_by")
    same_as = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    story = models.ForeignKey(Story, models.PROTECT, null=True, related_name="+")
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["source", "piece"]),
            models.Index(fields=["fingerprint"]),
            models.Index(fields=["state", "-id"]),
            models.Index(fields=["-received_at"]),
            GinIndex(fields=["identifiers"], name="wire_item_identifiers"),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def urn(self) -> str:
        from keshen.house.urns import urn

        return urn("item", self.pk, self.received_at)

    @property
    def warned(self) -> list[str]:
        """The warnings in the language that is active; those from before phrases were kept, in English."""
        return [spoken(Phrase.from_json(said)) for said in self.said] or self.warnings

    @property
    def understood(self) -> Content:
        return Content.from_json(self.content)

    @property
    def facts(self) -> Facts:
        """What routing may ask of the item."""
        content: dict[str, Any] = self.content
        return Facts(
            source=self.source.slug,
            language=self.language,
            topics=tuple(content.get("topics", ())),
            places=tuple(self.places),
            urgency=int(content.get("urgency", 5)),
            words=tuple(self.words.split()),
        )
