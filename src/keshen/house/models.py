"""What the house keeps: who we are, what we broadcast, who works here, what happened, and the work under way."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class CurrentTransaction(models.Func):
    """The 64-bit id of the writing transaction, `pg_current_xact_id()`."""

    template = "(pg_current_xact_id()::text::bigint)"
    arity = 0
    output_field = models.BigIntegerField()


def in_language(names: dict[str, str], language: str | None = None) -> str:
    """The name in `language` (default: the interface's), else in Kazakh, else in English, else any."""
    wanted = (language or get_language() or "kk").split("-")[0]
    for tag in (language or "", wanted, "kk", "en"):
        if names.get(tag):
            return names[tag]
    return next(iter(names.values()), "")


class Named(models.Model):
    """Something with a name in several languages: `name` maps a BCP 47 tag to text."""

    name = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return in_language(self.name)


class Organisation(Named):
    """An owner of stories and assets: the house itself, one of its parts, or a partner."""

    class Kind(models.TextChoices):
        HOUSE = "house", _("House")
        UNIT = "unit", _("Part of the house")
        PARTNER = "partner", _("Partner")

    slug = models.SlugField(unique=True)
    kind = models.CharField(max_length=10, choices=Kind)


class Territory(Named):
    """A place rights speak of: an ISO 3166-1 alpha-2 code, or WORLD."""

    code = models.CharField(max_length=8, unique=True)


class Service(Named):
    """A television or radio channel, a site or a wire (DVB's word): a row, never code."""

    class Kind(models.TextChoices):
        TV = "tv", _("Television")
        RADIO = "radio", _("Radio")
        WEB = "web", _("Site")
        WIRE = "wire", _("Wire")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="services")
    slug = models.SlugField()
    kind = models.CharField(max_length=5, choices=Kind)
    accent = models.CharField(max_length=7, help_text="#rrggbb")
    languages = ArrayField(models.CharField(max_length=12), default=list)
    settings = models.JSONField(default=dict, blank=True)
    territories = models.ManyToManyField(Territory, related_name="services")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["slug", "kind"], name="one_service_a_slug_and_kind")]


class Edition(Named):
    """A language and script readers choose; derived ones are computed from another's texts."""

    class Direction(models.TextChoices):
        LTR = "ltr", _("Left to right")
        RTL = "rtl", _("Right to left")

    tag = models.CharField(max_length=12, unique=True, help_text="BCP 47")
    language = models.CharField(max_length=3)
    script = models.CharField(max_length=4, help_text="ISO 15924")
    direction = models.CharField(max_length=3, choices=Direction, default=Direction.LTR)
    derived_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="derived")
    is_default = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    @property
    def source_tag(self) -> str:
        """The language tag of the texts this edition is made from."""
        return self.derived_from.tag if self.derived_from else self.tag


class Desk(Named):
    """Where stories are handled: politics, culture, translation."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="desks")
    slug = models.SlugField(unique=True)


class Bureau(Named):
    """A place the house reports from."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="bureaux")
    slug = models.SlugField(unique=True)
    territory = models.ForeignKey(Territory, models.PROTECT)


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)

    def system(self) -> User:
        """The house acting by itself: its changes are audited like anybody's."""
        return self.get(is_system=True)


class User(AbstractBaseUser):
    """A person who works here, or the system itself. Roles are data; what a role may do is in `permissions`."""

    username = models.CharField(max_length=60, unique=True)
    title = models.JSONField(default=dict, help_text="What they are called, by language")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people")
    desk = models.ForeignKey(Desk, models.SET_NULL, null=True, blank=True, related_name="people")
    roles = ArrayField(models.CharField(max_length=20), default=list)
    interface_language = models.CharField(max_length=12, default="kk")
    theme = models.CharField(max_length=5, default="dark", choices=[("dark", _("Dark")), ("light", _("Light"))])
    is_active = models.BooleanField(default=True)
    is_system = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []
    objects = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_system"], condition=models.Q(is_system=True), name="one_system_user")
        ]

    def __str__(self) -> str:
        return in_language(self.title) or self.username

    @property
    def is_of_the_house(self) -> bool:
        """Whether this person belongs to the house itself and so sees what every organisation owns."""
        return self.is_system or self.organisation.kind == Organisation.Kind.HOUSE

    @property
    def is_partner(self) -> bool:
        """Whether this person works for a partner, who gives material and does not publish in the house's name."""
        return not self.is_system and self.organisation.kind == Organisation.Kind.PARTNER

    def may(self, verb: str, obj: object = None) -> bool:
        from keshen.house.permissions import allowed

        return allowed(self, verb, obj)


class Event(models.Model):
    """Who did what to what, when, before and after. Append-only: the database refuses change.

    `xid` is the writing transaction: a reader that follows the log stops below the oldest transaction still open,
    so that it never skips a row that commits late.
    """

    at = models.DateTimeField(db_default=Now())
    xid = models.BigIntegerField(editable=False, db_default=CurrentTransaction())
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, help_text="URN")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject", "-id"]),
            models.Index(fields=["kind", "-id"]),
            models.Index(fields=["xid", "id"], name="house_event_by_xid"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class ApiToken(models.Model):
    """A key for programs. Only its SHA-256 is kept; the key itself is shown once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Job(models.Model):
    """A durable piece of work as people see it: what for, how far, why it failed. The queue runs it at least once."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    key = models.CharField(max_length=200, unique=True, help_text="The same key is the same work")
    name = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, blank=True, db_index=True, help_text="URN")
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done = models.FloatField(default=0)
    total = models.FloatField(default=0)
    note = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    tail = models.TextField(blank=True, help_text="The last lines the work printed")
    priority = models.SmallIntegerField(default=0, help_text="Higher runs first")
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "-id"])]

    def __str__(self) -> str:
        return self.key

    @property
    def label(self) -> Any:
        """What people call this work, in the interface's language."""
        from keshen.house.jobs import kinds

        return kinds[self.name].label if self.name in kinds else self.name

    @property
    def fraction(self) -> float:
        """How far it is, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0
