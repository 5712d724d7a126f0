"""What the site keeps for fast reading. Everything here can be made again from publications and events."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from keshen.house.models import Edition, Service
from keshen.newsroom.models import Publication, Story


class Page(models.Model):
    """A story as it stands in one edition: what lists, feeds and search need, and the publication that is shown.

    `section` is a first-level Media Topic code; `picture` is the lead picture as the payload has it.
    """

    class State(models.TextChoices):
        LIVE = "live", _("Live")
        BLOCKED = "blocked", _("Blocked")
        HELD = "held", _("Held until it is revised")
        GONE = "gone", _("Gone")

    story = models.ForeignKey(Story, models.PROTECT, related_name="pages")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="pages")
    service = models.ForeignKey(Service, models.PROTECT, related_name="pages")
    publication = models.ForeignKey(Publication, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State)
    reason = models.TextField(blank=True, help_text="Why it is blocked, or what it goes without")
    slug = models.CharField(max_length=120)
    headline = models.CharField(max_length=400)
    standfirst = models.TextField(blank=True)
    section = models.CharField(max_length=40, blank=True)
    topics = ArrayField(models.CharField(max_length=40), default=list)
    urgency = models.PositiveSmallIntegerField(default=5)
    picture = models.JSONField(null=True)
    machine = models.BooleanField(default=False)
    published_at = models.DateTimeField(help_text="When readers first had it in this edition")
    changed_at = models.DateTimeField(help_text="When what they have now came out")
    search = SearchVectorField(null=True)

    class Meta:
        ordering = ["-published_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["story", "edition"], name="one_page_an_edition")]
        indexes = [
            models.Index(fields=["edition", "state", "-published_at"]),
            models.Index(fields=["edition", "section", "state", "-published_at"]),
            GinIndex(fields=["topics"], name="site_page_topics"),
            GinIndex(fields=["search"], name="site_page_search"),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def address(self) -> str:
        """The public path of the story in this edition."""
        return f"/{self.edition.tag}/{self.published_at:%Y/%m}/{self.slug}-{self.story_id}"


class Pulse(models.Model):
    """One row that counts every change of the site: a page rendered at a number is good while the number stands."""

    number = models.BigIntegerField(default=0)
    at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.number)
