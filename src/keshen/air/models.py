"""What the air keeps: each service's week, what it may play, the plan, the laid log, and what went otherwise."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from keshen.air import timeline
from keshen.air.log.renumbering import CountedEntries
from keshen.air.log.renumbering import Renumbering as Renumbering
from keshen.air.scheduling import schedule
from keshen.house.models import Service, User, in_language
from keshen.media import houseformat
from keshen.media.houseformat import MIN_ENTRY_TICKS
from keshen.media.marks import marks_of
from keshen.media.models import Asset
from keshen.newsroom.models import Story
from keshen.rights.models import Decision


def _range(start: str, end: str, bounds: str) -> Func:
    return Func(F(start), F(end), Value(bounds), function="int8range")


def _no_overlap(name: str, condition: Q | None = None) -> ExclusionConstraint:
    """No two rows of one service share a tick. The service is a range too, so that no extension is needed."""
    return ExclusionConstraint(
        name=name,
        expressions=[(_range("service", "service", "[]"), "&&"), (_range("start_tick", "end_tick", "[)"), "&&")],
        condition=condition,
    )


class Week(models.Model):
    """The weekly template of a service, as `air.template.parse` reads it."""

    service = models.OneToOneField(Service, models.CASCADE, related_name="week")
    body = models.JSONField()
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.service)


class Stock(models.Model):
    """Something a service may play, and as what. Without a service it is every service's.

    The standby fills any length: its own segments have 12 ticks, a tail of every other length that a cut list can end
    with stands beside it.
    """

    class Role(models.TextChoices):
        PROGRAMME = "programme", _("Programme")
        FILLER = "filler", _("Filler")
        IDENT = "ident", _("Ident")
        CLOSE = "close", _("Bulletin close")
        STANDBY = "standby", _("Standby")
        TAIL = "tail", _("Standby tail")

    service = models.ForeignKey(Service, models.CASCADE, null=True, blank=True, related_name="stock")
    role = models.CharField(max_length=10, choices=Role)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="stock")
    titles = models.JSONField(default=dict, help_text="By language tag, for the guide")
    key = models.CharField(max_length=40, blank=True, help_text="Which blocks of the week play it")
    artist = models.CharField(max_length=120, blank=True, help_text="Who must not follow too soon upon themselves")
    series = models.CharField(max_length=120, blank=True)
    episode = models.PositiveIntegerField(default=0, help_text="Its place in the series")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "role", "asset"], nulls_distinct=False, name="one_stock_row_a_role"
            )
        ]

    def __str__(self) -> str:
        return in_language(self.titles) or str(self.asset)


class Item(models.Model):
    """A story as bulletins carry it: one rendering for one outlet. Corrections and new languages make new rows.

    `digest` is of the brief it was rendered from: the same words again are the same item. `versions` are the ids of
    the versions told.
    """

    class State(models.TextChoices):
        RENDERING = "rendering", _("Rendering")
        READY = "ready", _("Ready")
        HELD = "held", _("Held for a correction")
        REPLACED = "replaced", _("Replaced")
        BLOCKED = "blocked", _("Blocked by rights")
        FAILED = "failed", _("Failed")
        KILLED = "killed", _("Killed")

    story = models.ForeignKey(Story, models.PROTECT, related_name="air_items")
    outlet = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    versions = ArrayField(models.BigIntegerField(), default=list)
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, related_name="air_items")
    titles = models.JSONField(default=dict, help_text="Headlines by language tag")
    state = models.CharField(max_length=10, choices=State, default=State.RENDERING)
    reason = models.TextField(blank=True)
    responsible = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["outlet", "state", "-id"])]
        constraints = [models.UniqueConstraint(fields=["outlet", "story", "digest"], name="one_item_a_brief")]

    def __str__(self) -> str:
        return in_language(self.titles)


class Line(models.Model):
    """What a person placed on the schedule (see `schedule.Line`); the weekly template fills the time between.

    Without an asset, the time is left to the fillers, or tells the news when its kind is `bulletin`.
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="lines")
    start_tick = models.BigIntegerField()
    end_tick = models.BigIntegerField()
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, related_name="lines")
    asset_tick = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=15)
    titles = models.JSONField(default=dict)
    hard = models.BooleanField(default=False, help_text="Starts when it says, whatever is put before it")
    group = models.BigIntegerField(default=0, help_text="The tick of the break-in it belongs to")
    story_urn = models.CharField(max_length=200, blank=True)
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="lines")
    marks = models.JSONField(default=list, help_text="What is drawn over it, by ticks of the asset")
    placed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["start_tick"]
        indexes = [models.Index(fields=["service", "end_tick"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_tick__gte=F("start_tick") + MIN_ENTRY_TICKS), name="a_line_lasts_three_ticks"
            ),
            _no_overlap("lines_do_not_overlap"),
        ]

    def __str__(self) -> str:
        return in_language(self.titles)

    def timed(self) -> schedule.Line:
        """The line as the schedule knows it."""
        return schedule.Line(
            start=self.start_tick,
            ticks=self.end_tick - self.start_tick,
            asset=self.asset_id or 0,
            asset_tick=self.asset_tick,
            kind=self.kind,
            titles=self.titles,
            hard=self.hard,
            group=self.group,
            story=self.story_urn,
            item=self.item_id or 0,
            marks=marks_of(self.marks),
        )


class Slot(models.Model):
    """One line of the plan, beyond the laid log: what the guide announces. The plan may change at any time.

    `parts` is what it is made of, each as (start, ticks, asset, asset tick, kind, titles).
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="slots")
    start_tick = models.BigIntegerField()
    end_tick = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    titles = models.JSONField(default=dict)
    parts = models.JSONField(default=list)

    class Meta:
        ordering = ["start_tick"]
        indexes = [models.Index(fields=["service", "start_tick"])]
        constraints = [
            models.CheckConstraint(condition=Q(end_tick__gt=F("start_tick")), name="a_slot_has_a_length"),
            _no_overlap("slots_do_not_overlap"),
        ]

    def __str__(self) -> str:
        return in_language(self.titles)


class Entry(models.Model):
    """One entry of the laid log. The database lets it be voided or shortened before it is frozen, and nothing else.

    Laid entries of a service neither overlap nor leave a gap. `sequence` and `discontinuity` count what went before
    (see `timeline.Entry`), as it was when it was laid: `Renumbering` has what came since. `cuts` is null for the house
    cut of the length (see `media.cutlist`); `slot_tick` is where its programme begins.
    """

    class State(models.TextChoices):
        LAID = "laid", _("Laid")
        VOID = "void", _("Taken out before it aired")

    class Kind(models.TextChoices):
        PROGRAMME = "programme", _("Programme")
        ITEM = "bulletin-item", _("Bulletin item")
        IDENT = "ident", _("Ident")
        FILLER = "filler", _("Filler")
        BREAK = "break", _("Break")
        STANDBY = "standby", _("Standby")

    service = models.ForeignKey(Service, models.PROTECT, related_name="entries")
    start_tick = models.BigIntegerField()
    end_tick = models.BigIntegerField()
    cuts = ArrayField(models.PositiveSmallIntegerField(), null=True)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="entries")
    asset_tick = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=15, choices=Kind)
    titles = models.JSONField(default=dict)
    slot_tick = models.BigIntegerField()
    slot_kind = models.CharField(max_length=40)
    slot_titles = models.JSONField(default=dict)
    story_urn = models.CharField(max_length=200, blank=True)
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="entries")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True, help_text="Why a filler stands here")
    restricted = models.BooleanField(
        default=False, db_default=False, help_text="There were terms on it when it was laid"
    )
    barred = models.BooleanField(
        default=False, db_default=False, help_text="Only variants show it: rights keep it from the rest"
    )
    sequence = models.BigIntegerField()
    discontinuity = models.BigIntegerField(default=0)
    breaks = models.BooleanField(default=False)
    marks = models.JSONField(default=list, help_text="What is drawn over it, by ticks of the asset")
    state = models.CharField(max_length=4, choices=State, default=State.LAID)
    laid_at = models.DateTimeField(auto_now_add=True)

    moved: int = 0
    moved_breaks: int = 0
    objects = CountedEntries()

    class Meta:
        ordering = ["start_tick"]
        indexes = [
            models.Index(fields=["service", "start_tick"], condition=Q(state="laid"), name="air_entry_laid"),
            models.Index(fields=["story_urn", "start_tick"], condition=~Q(story_urn=""), name="air_entry_story"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_tick__gte=F("start_tick") + MIN_ENTRY_TICKS), name="an_entry_lasts_three_ticks"
            ),
            _no_overlap("entries_do_not_overlap", Q(state="laid")),
        ]

    def __str__(self) -> str:
        return in_language(self.titles) or in_language(self.slot_titles)

    @property
    def full_cuts(self) -> list[int]:
        """The lengths of its segments, as many as were laid."""
        return list(self.cuts) if self.cuts is not None else houseformat.cut(self.end_tick - self.start_tick)

    def timed(self) -> timeline.Entry:
        """The entry as the timeline knows it."""
        return timeline.Entry(
            id=self.pk,
            start=self.start_tick,
            ticks=self.end_tick - self.start_tick,
            asset=self.asset_id,
            kind=self.kind,
            sequence=self.sequence + self.moved,
            discontinuity=self.discontinuity + self.moved_breaks,
            breaks=self.breaks,
            asset_tick=self.asset_tick,
            cuts=timeline.shortened(self.cuts, self.end_tick - self.start_tick) if self.cuts is not None else None,
            slot=self.slot_tick,
            programme=self.slot_kind,
            story=self.story_urn,
            titles=self.titles,
            slot_titles=self.slot_titles,
            reason=self.reason,
            marks=marks_of(self.marks),
            laid=len(self.cuts) if self.cuts is not None else 0,
            restricted=self.restricted,
            barred=self.barred,
        )


class Checkpoint(models.Model):
    """Where a service's counting stood at a tick that is past (`timeline.Checkpoint`). Append-only, never going back.

    Nothing is laid before the last one, and numbering goes on from it should the log before it be gone.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="checkpoints")
    tick = models.BigIntegerField()
    sequence = models.BigIntegerField()
    discontinuity = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["tick"]
        constraints = [models.UniqueConstraint(fields=["service", "tick"], name="one_checkpoint_a_tick")]

    def __str__(self) -> str:
        return f"{self.service}: {self.sequence}"


class Alarm(models.Model):
    """Something about a service that wants a person, from when it was first seen until it is over.

    `kind` is a rule of `conformance` or one of `alarm_log.KINDS`. One of a kind is open at a time and counts.
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=40)
    detail = models.TextField(blank=True)
    count = models.PositiveIntegerField(default=1)
    raised_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(auto_now_add=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "kind"], condition=Q(cleared_at=None), name="one_open_alarm_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.kind}"


class Watch(models.Model):
    """How often a rule of a service was checked on one day of the house's, and how often it was broken."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="watches")
    day = models.DateField()
    rule = models.CharField(max_length=40)
    checked = models.BigIntegerField(default=0)
    broken = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "day", "rule"], name="one_watch_a_day")]

    def __str__(self) -> str:
        return f"{self.service} {self.day} {self.rule}"


class Incident(models.Model):
    """What went otherwise than laid or planned. Append-only, so that every node computes the same air from it."""

    class Kind(models.TextChoices):
        WITHDRAWN = "withdrawn", _("Withdrawn")
        CUT = "cut", _("Cut short")
        OFF_AIR = "off-air", _("Off the air")
        SUBSTITUTED = "substituted", _("Substituted")
        WITHHELD = "withheld", _("Withheld")
        GIVEN_AGAIN = "given-again", _("Given again")
        LOST = "lost", _("Media lost")
        FOUND = "found", _("Media found again")
        SKIPPED = "skipped", _("Skipped")
        BREAK_IN = "break-in", _("Break-in")
        RETURNED = "returned", _("Returned")

    kind = models.CharField(max_length=12, choices=Kind)
    tick = models.BigIntegerField(help_text="From when it holds")
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="incidents")
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="incidents")
    subject = models.CharField(max_length=200, blank=True, help_text="URN of the story or asset withdrawn")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    detail: Any = models.JSONField(default=dict)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "subject"])]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(kind="withdrawn"), name="withdrawn_once_and_for_all"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.tick}"


# at the end, since rows of variants name rows of the log
from keshen.air.audiences.variant_models import Offer as Offer  # noqa: E402
from keshen.air.audiences.variant_models import Ruling as Ruling  # noqa: E402
from keshen.air.audiences.variant_models import Substitute as Substitute  # noqa: E402
