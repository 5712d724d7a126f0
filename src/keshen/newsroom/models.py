"""What the newsroom keeps: stories, their texts, immutable versions, and every publication that left the house."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from keshen.house.models import Desk, Edition, Organisation, Service, User
from keshen.house.phrases import Phrase, as_phrase
from keshen.house.words import spoken
from keshen.newsroom.content import MAX_KEYWORD, MAX_TOPIC, Content, Picture
from keshen.newsroom.workflow import OUT, STATE_LABELS, State

STATES = [(state.value, label) for state, label in STATE_LABELS.items()]


class Story(models.Model):
    """One story, in every language it is told in. A kill is of the story."""

    urn = models.CharField(max_length=200, unique=True, null=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="stories")
    desk = models.ForeignKey(Desk, models.PROTECT, null=True, blank=True, related_name="stories")
    slugline = models.CharField(max_length=500, blank=True)
    urgency = models.PositiveSmallIntegerField(default=5)
    source = models.CharField(max_length=200, blank=True, help_text="Who sent it, as credited")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    killed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-changed_at"]
        indexes = [models.Index(fields=["-changed_at"])]

    def __str__(self) -> str:
        return self.slugline or self.urn or "-"


class Text(models.Model):
    """A story in one language: its state, its working copy, and the version that stands."""

    story = models.ForeignKey(Story, models.PROTECT, related_name="texts")
    language = models.CharField(max_length=12, help_text="BCP 47")
    state = models.CharField(max_length=10, choices=STATES, default=State.DRAFT.value)
    is_source = models.BooleanField(default=False, help_text="The text the others are translated from")
    stale = models.BooleanField(default=False, help_text="The source has changed since this was translated")
    head = models.ForeignKey("Version", models.PROTECT, null=True, related_name="+")
    approved = models.ForeignKey("Version", models.PROTECT, null=True, related_name="+")
    published = models.ForeignKey("Version", models.PROTECT, null=True, related_name="+")
    release_at = models.DateTimeField(null=True, help_text="Published by the house at this time, the embargo's")
    draft = models.JSONField(default=dict, help_text="The working copy")
    draft_revision = models.PositiveIntegerField(default=0)
    draft_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    draft_at = models.DateTimeField(null=True)
    search = models.TextField(blank=True, help_text="Stems of headline and body, separated by spaces")

    class Meta:
        ordering = ["-is_source", "id"]
        constraints = [
            models.UniqueConstraint(fields=["story", "language"], name="one_text_a_language"),
            models.UniqueConstraint(fields=["story"], condition=models.Q(is_source=True), name="one_source_text"),
        ]

    def __str__(self) -> str:
        return f"{self.story} [{self.language}]"

    @property
    def organisation_id(self) -> int:
        return self.story.organisation_id

    @property
    def working(self) -> Content:
        """The working copy."""
        return Content.from_json(self.draft)

    @property
    def is_out(self) -> bool:
        """Whether readers have it."""
        return State(self.state) in OUT

    @property
    def changed_since_approval(self) -> bool:
        """Whether somebody wrote on after an editor approved the text: what would go out is not what was approved."""
        approved = self.approved if self.state == State.APPROVED else None
        return approved is not None and approved.digest != self.working.digest()

    @property
    def has_changes(self) -> bool:
        """Whether the working copy differs from the last version."""
        return self.head is None or self.head.digest != self.working.digest()


class Version(models.Model):
    """A text as it stood at a moment. The database refuses to change or delete it."""

    class Kind(models.TextChoices):
        EDIT = "edit", _("Edit")
        CORRECTION = "correction", _("Correction")
        HOLD = "hold", _("Hold")
        KILL = "kill", _("Kill")

    text = models.ForeignKey(Text, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.EDIT)
    headline = models.CharField(max_length=300)
    standfirst = models.TextField(blank=True)
    body = models.JSONField()
    byline = models.CharField(max_length=500, blank=True)
    dateline = models.CharField(max_length=500, blank=True)
    slugline = models.CharField(max_length=500, blank=True)
    urgency = models.PositiveSmallIntegerField(default=5)
    topics = ArrayField(models.CharField(max_length=MAX_TOPIC), default=list)
    keywords = ArrayField(models.CharField(max_length=MAX_KEYWORD), default=list)
    ednote = models.TextField(blank=True)
    embargo = models.DateTimeField(null=True)
    restrictions = ArrayField(models.TextField(), default=list)
    pictures = models.JSONField(default=list)
    note = models.TextField(
        blank=True, help_text="What a correction corrects, why a hold holds or a kill kills: readers see it"
    )
    machine = models.BooleanField(default=False, help_text="Made by a machine and not yet revised by a person")
    source_version = models.ForeignKey("self", models.PROTECT, null=True, related_name="translations")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["text", "number"], name="one_version_a_number")]

    def __str__(self) -> str:
        return f"{self.text} v{self.number}"

    @property
    def language(self) -> str:
        return self.text.language

    @property
    def urn(self) -> str:
        from keshen.house.urns import urn

        return urn("version", f"{self.text.story_id}-{self.text.language}-{self.number}", self.created_at)

    @property
    def content(self) -> Content:
        return Content(
            headline=self.headline,
            standfirst=self.standfirst,
            body=self.body,
            byline=self.byline,
            dateline=self.dateline,
            slugline=self.slugline,
            urgency=self.urgency,
            topics=tuple(self.topics),
            keywords=tuple(self.keywords),
            ednote=self.ednote,
            embargo=self.embargo.astimezone(UTC) if self.embargo else None,
            restrictions=tuple(self.restrictions),
            pictures=tuple(Picture(**picture) for picture in self.pictures),
        )


class Publication(models.Model):
    """A version that left the house through an outlet, in a form: what exactly, when, and who answers for it."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="publications")
    outlet = models.CharField(max_length=20)
    service = models.ForeignKey(Service, models.PROTECT, related_name="publications")
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="publications")
    form = models.CharField(max_length=200, help_text="ninjs, newsml, page, or the URN of an asset")
    payload = models.JSONField(help_text="What was sent, frozen")
    sha256 = models.CharField(max_length=64)
    responsible = models.ForeignKey(User, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(auto_now_add=True)
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, related_name="superseded_by")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "outlet", "service", "edition", "form"],
                nulls_distinct=False,
                name="one_publication_a_form",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} → {self.outlet} {self.form}"


class Original(models.Model):
    """What came in, byte for byte, kept under its SHA-256 in the media store."""

    story = models.ForeignKey(Story, models.PROTECT, related_name="originals")
    text = models.ForeignKey(Text, models.PROTECT, related_name="originals")
    sha256 = models.CharField(max_length=64)
    part = models.PositiveIntegerField(default=0, help_text="Which item of the file, from 0")
    filename = models.CharField(max_length=300)
    format = models.CharField(max_length=30)
    warnings = ArrayField(models.TextField(), default=list)
    fingerprint = models.CharField(max_length=64, db_index=True)
    digest = models.CharField(max_length=64, blank=True, help_text="Of the working copy as it was taken in")
    identifier = models.CharField(max_length=500, blank=True, db_index=True, help_text="The sender's name for it")
    sender_version = models.CharField(max_length=60, blank=True)
    sent_at = models.DateTimeField(null=True, help_text="When the sender made this version")
    waits = models.BooleanField(default=False, help_text="An update for a person to compare: the text was changed here")
    received_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["sha256", "part"])]

    def __str__(self) -> str:
        return self.filename


class Kept(models.Model):
    """What came in, was understood and is no story: plans, events, concepts, packages; media files with their asset."""

    kind = models.CharField(max_length=20, help_text="planning, event, concept, knowledge, package, picture, …")
    headline = models.TextField(blank=True)
    identifier = models.CharField(max_length=500, blank=True, db_index=True)
    sender_version = models.CharField(max_length=60, blank=True)
    asset = models.CharField(max_length=200, blank=True, help_text="URN of the asset that a media file became")
    understood = models.JSONField(help_text="Every field that was understood, with warnings")
    sha256 = models.CharField(max_length=64)
    part = models.PositiveIntegerField(default=0, help_text="Which item of the file, from 0")
    filename = models.CharField(max_length=300)
    format = models.CharField(max_length=30)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    received_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["sha256", "part"])]

    def __str__(self) -> str:
        return self.headline or self.filename


class Quarantine(models.Model):
    """What came in and could not be read: the bytes are kept, the reason is said, a person decides."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for a person")
        TAKEN = "taken", _("Read at another try")
        DROPPED = "dropped", _("Dropped")

    filename = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64, blank=True)
    part = models.PositiveIntegerField(null=True, help_text="Which item of the file, from 0; empty: the whole file")
    size = models.BigIntegerField()
    origin = models.CharField(
        max_length=100, blank=True, help_text="Kind and name of what brought it, e.g. source:tass"
    )
    key = models.CharField(max_length=64, blank=True, help_text="What comes again from the same origin is the same")
    times = models.PositiveIntegerField(default=1, help_text="How often it came")
    reason = models.TextField()
    remedy = models.TextField()
    said: Any = models.JSONField(default=dict, help_text="Reason and remedy as phrases, for any language")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    received_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["origin", "key"], condition=~models.Q(key=""), name="one_quarantine_a_key")
        ]

    def __str__(self) -> str:
        return self.filename

    def say(self, reason: Phrase | str | Exception, remedy: Phrase | str) -> None:
        """Keep why it could not be read and what to do, in English and for every language."""
        phrases = {"reason": as_phrase(reason), "remedy": as_phrase(remedy)}
        self.reason, self.remedy = str(phrases["reason"]), str(phrases["remedy"])
        self.said = {name: said.to_json() for name, said in phrases.items()}

    @property
    def why(self) -> str:
        """The reason, in the person's language."""
        return spoken(Phrase.from_json(self.said["reason"])) if self.said else self.reason

    @property
    def what_to_do(self) -> str:
        """The remedy, in the person's language."""
        return spoken(Phrase.from_json(self.said["remedy"])) if self.said else self.remedy


class Identifier(models.Model):
    """A name somebody else has for the story: the sender's guid, an agency's number."""

    story = models.ForeignKey(Story, models.PROTECT, related_name="identifiers")
    value = models.CharField(max_length=500, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["story", "value"], name="one_name_a_story_and_value")]

    def __str__(self) -> str:
        return self.value


class Link(models.Model):
    """How one story stands to another."""

    class Kind(models.TextChoices):
        UPDATES = "updates", _("Updates")
        SUPPLEMENTS = "supplements", _("Supplements")
        REWRITES = "rewrites", _("Rewrites")
        TRANSLATES = "translates", _("Translates")
        PACKAGES = "packages", _("Packages")
        RELATES = "relates", _("Relates to")

    story = models.ForeignKey(Story, models.PROTECT, related_name="links")
    target = models.ForeignKey(Story, models.PROTECT, related_name="linked_from")
    kind = models.CharField(max_length=12, choices=Kind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["story", "target", "kind"], name="one_link_a_kind")]

    def __str__(self) -> str:
        return f"{self.story} {self.kind} {self.target}"


def content_values(content: Content) -> dict[str, Any]:
    """Content as the columns of a version."""
    values = content.to_json()
    values["embargo"] = content.embargo
    return values
