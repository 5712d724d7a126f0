"""Reads of terms and decisions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from keshen.rights.models import Decision, Terms


def terms_of(subjects: Iterable[str]) -> QuerySet[Terms]:
    """The terms in force on `subjects` (URNs): neither superseded nor withdrawn."""
    return Terms.objects.filter(subject__in=list(subjects), superseded_by=None, withdrawn=False)


def unclear_terms() -> QuerySet[Terms]:
    """Everything that waits for a person to say what it means, oldest first."""
    return Terms.objects.filter(superseded_by=None, withdrawn=False, clear=False)


def moments_after(subjects: Iterable[str], now: datetime) -> list[datetime]:
    """When the terms in force on `subjects` say something else by themselves: embargoes and edges of windows."""
    found = set()
    for terms in (row.terms for row in terms_of(subjects)):
        found |= {terms.embargo, *(edge for window in terms.windows for edge in (window.start, window.end))}
    return sorted(moment for moment in found if moment is not None and moment > now)


def decisions_on(subject: str) -> QuerySet[Decision]:
    """Every decision about `subject` (a URN), newest first."""
    return Decision.objects.filter(subjects__contains=[subject])
