"""Reads of terms and decisions."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from keshen.rights.models import Decision, Terms


def terms_of(subjects: Iterable[str]) -> QuerySet[Terms]:
    """The terms in force on `subjects` (URNs): neither superseded nor withdrawn."""
    return Terms.objects.filter(subject__in=list(subjects), superseded_by=None, withdrawn=False)


def unclear_terms() -> QuerySet[Terms]:
    """Everything that waits for a person to say what it means, oldest first."""
    return Terms.objects.filter(superseded_by=None, withdrawn=False, clear=False)


def decisions_on(subject: str) -> QuerySet[Decision]:
    """Every decision about `subject` (a URN), newest first."""
    return Decision.objects.filter(subjects__contains=[subject])
