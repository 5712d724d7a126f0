"""Slow down guessing at sign-in. Failures are events, so the audit log is also the counter, for every process alike."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from keshen.house.events import record
from keshen.house.models import Event, User
from keshen.house.urns import urn

FAILED = "person.sign_in_failed"
WINDOW = timedelta(minutes=5)
BY_NAME_AND_ADDRESS = 8
BY_NAME = 60
BY_ADDRESS = 60


def _subject(username: str) -> str:
    """A stable name for whoever tried, without writing what was typed (it may be a password) into the log."""
    return urn("signin", sha256(username.strip().lower().encode()).hexdigest()[:24], timezone.now())


def blocked(username: str, address: str) -> bool:
    """Whether this name, or this address, has failed too often within the window."""
    recent = Event.objects.filter(kind=FAILED, at__gt=timezone.now() - WINDOW)
    named = recent.filter(subject__endswith=_subject(username).rpartition(":")[2])
    return (
        named.filter(after__address=address).count() >= BY_NAME_AND_ADDRESS
        or named.count() >= BY_NAME
        or recent.filter(after__address=address).count() >= BY_ADDRESS
    )


def failed(username: str, address: str) -> None:
    """Record one failure."""
    with transaction.atomic():
        record(User.objects.system(), FAILED, _subject(username), after={"address": address})
