"""Terms of use and the decisions made under them. Both are append-only: the database refuses change."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from keshen.house.models import User
from keshen.rights import explain, policy


class Terms(models.Model):
    """One restriction on a story, an asset or a work: the original wording, and what it was understood to mean.

    A row is never changed. Clarifying or withdrawing makes a new row that supersedes it.
    """

    subject = models.CharField(max_length=200, db_index=True, help_text="URN")
    wording = models.TextField()
    language = models.CharField(max_length=12, blank=True, help_text="BCP 47 tag of the text it came with")
    policy = models.JSONField(help_text="rights.terms.Terms as JSON")
    clear = models.BooleanField(help_text=_("Everything in the wording is understood"))
    withdrawn = models.BooleanField(default=False)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        verbose_name_plural = _("terms")

    def __str__(self) -> str:
        return self.wording

    @property
    def terms(self) -> policy.Terms:
        return policy.Terms.from_json(self.policy)


class Decision(models.Model):
    """One use that was asked about, and the answer with its reasons."""

    class Outcome(models.TextChoices):
        PERMIT = "permit", _("Permitted")
        UNCLEAR = "unclear", _("Unclear")
        DENY = "deny", _("Denied")

    subjects = ArrayField(models.CharField(max_length=200), help_text="URNs")
    use = models.JSONField()
    outcome = models.CharField(max_length=7, choices=Outcome)
    reasons = models.JSONField()
    terms = ArrayField(models.BigIntegerField(), default=list, help_text="The rows of terms it was decided under")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        indexes = [GinIndex(fields=["subjects"], name="rights_decision_subjects")]

    def __str__(self) -> str:
        return f"{self.outcome}: {', '.join(self.subjects)}"

    @property
    def permits(self) -> bool:
        return self.outcome == self.Outcome.PERMIT

    @property
    def explanation(self) -> list[str]:
        """The reasons as sentences in the interface's language, those that decided first."""
        reasons = [policy.Reason.from_json(reason) for reason in self.reasons]
        deciding = [reason for reason in reasons if reason.outcome == self.outcome]
        others = [reason for reason in reasons if reason.outcome != self.outcome]
        return [explain.sentence(reason) for reason in deciding + others]
