"""The wire's durable jobs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from keshen.house.events import subscribe
from keshen.house.jobs import JobContext, job
from keshen.house.models import Event, User


@job("wire.put_out", label=_("Sending on the wire"))
def put_out(context: JobContext, *, version_id: int, actor_id: int) -> None:
    from keshen.wire import actions

    actions.put_out(User.objects.select_related("organisation").get(pk=actor_id), version_id)


@job("wire.kill", label=_("Killing on the wire"), attempts=20)
def kill(context: JobContext, *, story_id: int, actor_id: int) -> None:
    from keshen.wire import actions

    actions.send_kill(User.objects.select_related("organisation").get(pk=actor_id), story_id)


@job("wire.confirm_kill", label=_("Looking whether a kill was confirmed"))
def confirm_kill(context: JobContext, *, story_id: int, look: int) -> None:
    from keshen.wire import kills

    kills.confirm(User.objects.system(), story_id, look)


@job("wire.verify_hub", label=_("Asking whether a WebSub subscription is meant"))
def verify_hub(context: JobContext, *, mode: str, topic: str, callback: str, secret: str, lease: int) -> None:
    from keshen.wire import hub

    hub.verify(mode, topic, callback, secret, lease)


@job("wire.decide", label=_("Asking the rights again for the wire"))
def decide(context: JobContext, *, story_id: int) -> None:
    from keshen.wire import actions

    actions.decide_anew(User.objects.system(), story_id)


@subscribe("terms.attached", "terms.clarified", "terms.withdrawn")
def terms_changed(event: Event) -> None:
    """Stories that are out are decided anew when their terms change, or those of a picture they have."""
    from keshen.newsroom.publications import out_with
    from keshen.wire import actions

    for story in {version.text.story for version in out_with(event.subject)}:
        actions.defer_decision(story, f"event-{event.pk}")
