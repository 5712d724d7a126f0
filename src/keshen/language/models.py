"""What the house decided about spelling in the derived scripts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from keshen.house.models import User


class LexiconEntry(models.Model):
    """A word that does not follow the rules of the scripts: a foreign name or an abbreviation, for the whole house.

    An empty spelling leaves that script to the rules. A trailing `*` in `source` lets endings follow.
    """

    source = models.CharField(max_length=120, unique=True, help_text=_("In Cyrillic; a trailing * lets endings follow"))
    latin = models.CharField(max_length=200, blank=True)
    arabic = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["source"]

    def __str__(self) -> str:
        return self.source


class ScriptOverride(models.Model):
    """What an editor wants instead of what the rules give, in one story and one script, whatever is edited later."""

    class Tag(models.TextChoices):
        LATIN = "kk-Latn", _("Kazakh (Latin)")
        ARABIC = "kk-Arab", _("Kazakh (Arabic script)")

    subject = models.CharField(max_length=200, help_text="URN")
    tag = models.CharField(max_length=12, choices=Tag)
    source = models.CharField(max_length=500)
    replacement = models.CharField(max_length=500)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["subject", "tag", "source"], name="one_override_a_fragment"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.replacement}"
