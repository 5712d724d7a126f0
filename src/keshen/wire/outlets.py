"""The wire as a way out of the house."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from keshen.house.jobs import defer, inherited_priority
from keshen.house.models import User
from keshen.house.outlets import Leaving, Receipt
from keshen.newsroom.models import Story, Version
from keshen.wire.compose import compose, wire_service
from keshen.wire.formats import ninjs
from keshen.wire.receipts import receipts_of

KILL_PRIORITY = 100
BEFORE_AIR = 2
"""Clients wait for the wire; what is to be rendered for the air takes its time anyway."""


class WireOutlet:
    """News agency: feeds that anybody or a client fetches, and pushes to clients."""

    name = "wire"
    label: Any = _("Wire")

    def preview(self, version_id: int) -> Mapping[str, Any]:
        """The ninjs object that would go out."""
        version = Version.objects.select_related("text__story__organisation").get(pk=version_id)
        return ninjs.document(compose(version, wire_service()))

    def publish(self, leaving: Leaving) -> None:
        defer(
            "wire.put_out",
            key=f"wire.put_out:{leaving.version}",
            actor=leaving.actor,
            subject=leaving.subject,
            args={"version_id": leaving.version, "actor_id": leaving.actor.pk},
            priority=inherited_priority() + BEFORE_AIR,
        )

    correct = publish

    def packages(self, story_id: int) -> bool:
        return False

    def kill(self, story_id: int, actor_id: int) -> None:
        defer(
            "wire.kill",
            key=f"wire.kill:{story_id}",
            actor=User.objects.get(pk=actor_id),
            subject=Story.objects.values_list("urn", flat=True).get(pk=story_id) or "",
            args={"story_id": story_id, "actor_id": actor_id},
            priority=KILL_PRIORITY,
        )

    def receipts(self, story_id: int) -> list[Receipt]:
        return receipts_of(story_id)
