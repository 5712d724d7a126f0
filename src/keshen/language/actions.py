"""Deciding how words are written in the derived scripts."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import User
from keshen.language.derive import TAGS
from keshen.language.models import LexiconEntry, ScriptOverride

LEXICON = "urn:keshen:lexicon"
"""The subject of events about the lexicon: it belongs to no story."""


@action
def override_script(actor: User, subject: str, tag: str, source: str, replacement: str) -> ScriptOverride:
    """Write `source` as `replacement` in the script `tag` of `subject` (a URN), now and after every later edit.

    Raises ValidationError for an unknown script or an empty fragment, Denied without `language.override`.
    """
    permit(actor, "language.override")
    source, replacement = source.strip(), replacement.strip()
    if tag not in TAGS:
        raise ValidationError(_("%(tag)s is not a derived script.") % {"tag": tag})
    if not source or not replacement:
        raise ValidationError(_("Give both the words of the source and how to write them."))
    before = ScriptOverride.objects.filter(subject=subject, tag=tag, source=source).first()
    made, _created = ScriptOverride.objects.update_or_create(
        subject=subject, tag=tag, source=source, defaults={"replacement": replacement, "created_by": actor}
    )
    record(
        actor,
        "script.overridden",
        subject,
        before={"tag": tag, "source": source, "replacement": before.replacement} if before else None,
        after={"tag": tag, "source": source, "replacement": replacement},
    )
    return made


@action
def remove_override(actor: User, override: ScriptOverride) -> None:
    """Return a fragment to the rules."""
    permit(actor, "language.override")
    before = {"tag": override.tag, "source": override.source, "replacement": override.replacement}
    override.delete()
    record(actor, "script.override_removed", override.subject, before=before)


@action
def set_lexicon_entry(actor: User, source: str, *, latin: str = "", arabic: str = "", note: str = "") -> LexiconEntry:
    """Add or change a word of the house's lexicon. Raises ValidationError when there is nothing to write instead."""
    permit(actor, "language.change_lexicon")
    if not source.strip(" *") or not (latin or arabic):
        raise ValidationError(_("Give the word in Cyrillic and at least one spelling."))
    before = LexiconEntry.objects.filter(source=source).values("source", "latin", "arabic", "note").first()
    entry, _created = LexiconEntry.objects.update_or_create(
        source=source, defaults={"latin": latin, "arabic": arabic, "note": note}
    )
    after = {"source": source, "latin": latin, "arabic": arabic, "note": note}
    record(actor, "lexicon.changed", LEXICON, before=before, after=after)
    return entry


@action
def remove_lexicon_entry(actor: User, entry: LexiconEntry) -> None:
    """Return a word to the rules."""
    permit(actor, "language.change_lexicon")
    before = {"source": entry.source, "latin": entry.latin, "arabic": entry.arabic, "note": entry.note}
    entry.delete()
    record(actor, "lexicon.changed", LEXICON, before=before)
