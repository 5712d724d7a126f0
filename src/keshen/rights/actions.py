"""Attaching terms, clarifying them, and deciding uses. Every decision is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import User
from keshen.rights import policy
from keshen.rights.models import Decision, Terms
from keshen.rights.policy import Use
from keshen.rights.queries import terms_of
from keshen.rights.wording import parse

__all__ = ["Use", "attach", "carry", "clarify", "decide", "decide_all", "set_terms", "withdraw"]


@action
def attach(actor: User, subject: str, wording: str, *, language: str = "", reason: str = "") -> Terms:
    """Restrict `subject` (a URN) by `wording`, which is kept as it is. What is not understood makes it unclear."""
    permit(actor, "rights.attach")
    understood = parse(wording, language, zone=timezone.get_default_timezone())
    row = Terms.objects.create(
        subject=subject,
        wording=wording,
        language=language,
        policy=understood.to_json(),
        clear=understood.is_clear,
        set_by=actor,
        reason=reason,
    )
    record(actor, "terms.attached", subject, after={"terms": row.pk, "wording": wording, "clear": row.clear})
    return row


@action
def set_terms(actor: User, subject: str, wordings: Sequence[str], *, language: str = "") -> list[Terms]:
    """Make the terms on `subject` that came with the text in `language` exactly `wordings`; return those in force.

    A wording that was there stays, with what a person clarified about it; one that is gone is withdrawn.
    """
    permit(actor, "rights.attach")
    wanted = list(dict.fromkeys(wording.strip() for wording in wordings if wording.strip()))
    present = {row.wording: row for row in terms_of([subject]).filter(language=language)}
    for wording, row in present.items():
        if wording not in wanted:
            _withdraw(actor, row, reason=_("No longer among the restrictions of the text."))
    return [present.get(wording) or attach(actor, subject, wording, language=language) for wording in wanted]


@action
def carry(actor: User, made: str, sources: Iterable[str], reason: str) -> list[Terms]:
    """Put the terms in force on `sources` (URNs) on what was made of them too, as they are understood now.

    What is there already is not put there again. Event: `terms.attached` for each.
    """
    permit(actor, "rights.attach")
    held = {(row.wording, str(row.policy)) for row in terms_of([made])}
    fresh = []
    for row in terms_of(sources):
        if (key := (row.wording, str(row.policy))) in held:
            continue
        held.add(key)
        fresh.append(
            Terms.objects.create(
                subject=made,
                wording=row.wording,
                language=row.language,
                policy=row.policy,
                clear=row.clear,
                set_by=actor,
                reason=reason,
            )
        )
        after = {"terms": fresh[-1].pk, "wording": row.wording, "clear": row.clear, "from": row.subject}
        record(actor, "terms.attached", made, after=after, reason=reason)
    return fresh


@action
def clarify(actor: User, terms: Terms, meaning: policy.Terms, reason: str) -> Terms:
    """Say what `terms` mean: a new row with the same wording and `meaning` supersedes it.

    Raises ValidationError without a reason, or when the row was superseded meanwhile; Denied without `rights.clarify`.
    """
    permit(actor, "rights.clarify", terms.set_by)
    if not reason.strip():
        raise ValidationError(_("Say how you know what these terms mean."))
    settled = replace(meaning, wording=terms.wording, unclear=())
    row = _supersede(actor, terms, settled, withdrawn=False, reason=reason)
    record(
        actor,
        "terms.clarified",
        terms.subject,
        before={"terms": terms.pk, "policy": terms.policy},
        after={"terms": row.pk, "policy": row.policy},
        reason=reason,
    )
    return row


@action
def withdraw(actor: User, terms: Terms, *, reason: str) -> Terms:
    """End `terms`; the row that says so is kept. Raises ValidationError without a reason."""
    permit(actor, "rights.clarify", terms.set_by)
    if not reason.strip():
        raise ValidationError(_("Say why these terms no longer hold."))
    return _withdraw(actor, terms, reason=reason)


def decide(subjects: Iterable[str], use: Use) -> Decision:
    """Decide and store whether `use` of all `subjects` (URNs of stories and assets together) is allowed."""
    return decide_all([(subjects, use)])[0]


def decide_all(asked: Iterable[tuple[Iterable[str], Use]]) -> list[Decision]:
    """Decide and store several uses, each of its own subjects; one look at the terms, one statement to store."""
    wanted = [(list(dict.fromkeys(subjects)), use) for subjects, use in asked]
    if not wanted:
        return []
    terms: dict[str, list[Terms]] = defaultdict(list)
    for row in terms_of({subject for subjects, _use in wanted for subject in subjects}):
        terms[row.subject].append(row)
    made = []
    for subjects, use in wanted:
        rows = sorted((row for subject in subjects for row in terms[subject]), key=lambda row: row.pk)
        verdict = policy.decide([row.terms for row in rows], use)
        made.append(
            Decision(
                subjects=subjects,
                use=use.to_json(),
                outcome=verdict.outcome.value,
                reasons=[reason.to_json() for reason in verdict.reasons],
                terms=[row.pk for row in rows],
            )
        )
    return Decision.objects.bulk_create(made)


def _withdraw(actor: User, terms: Terms, *, reason: str) -> Terms:
    row = _supersede(actor, terms, terms.terms, withdrawn=True, reason=reason)
    record(
        actor,
        "terms.withdrawn",
        terms.subject,
        before={"terms": terms.pk, "wording": terms.wording},
        after={"terms": row.pk},
        reason=reason,
    )
    return row


def _supersede(actor: User, terms: Terms, meaning: policy.Terms, *, withdrawn: bool, reason: str) -> Terms:
    # the row is locked, so that two people cannot supersede it at once
    current = Terms.objects.select_for_update().get(pk=terms.pk)
    if Terms.objects.filter(supersedes=current).exists():
        raise ValidationError(_("Somebody else changed these terms meanwhile. Reload and look again."))
    return Terms.objects.create(
        subject=current.subject,
        wording=current.wording,
        language=current.language,
        policy=meaning.to_json(),
        clear=meaning.is_clear,
        withdrawn=withdrawn,
        supersedes=current,
        set_by=actor,
        reason=reason,
    )
