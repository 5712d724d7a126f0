"""After a kill: who has confirmed it, and saying so until everybody has."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from keshen.house.actions import action
from keshen.house.events import record
from keshen.house.jobs import defer
from keshen.house.models import User
from keshen.newsroom.models import Story
from keshen.wire.alarms import KILL_SECONDS, unconfirmed

LONGEST_SECONDS = 3600
LOOKS = 24


def defer_look(actor: User, story: Story, look: int = 0) -> None:
    """Have it looked after: a minute after the kill, then less and less often."""
    wait = timedelta(seconds=min(KILL_SECONDS * 2**look, LONGEST_SECONDS))
    defer(
        "wire.confirm_kill",
        key=f"wire.confirm_kill:{story.pk}:{look}",
        actor=actor,
        subject=story.urn or "",
        args={"story_id": story.pk, "look": look},
        at=timezone.now() + wait,
    )


@action
def confirm(actor: User, story_id: int, look: int) -> None:
    """Write down whether every client who was sent the story has taken its kill; while some have not, look again.

    Events: `wire.kill_confirmed`, or `wire.kill_unconfirmed` with who has not.
    """
    story = Story.objects.select_related("organisation").get(pk=story_id)
    missing = sorted(set(unconfirmed(story_id).values_list("subscriber__slug", flat=True)))
    kind = "wire.kill_unconfirmed" if missing else "wire.kill_confirmed"
    record(actor, kind, story.urn or "", organisation=story.organisation, after={"not_confirmed": missing})
    if missing and look < LOOKS:
        defer_look(actor, story, look + 1)
