"""The wire's durable jobs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from keshen.house.events import subscribe
from keshen.house.jobs import JobContext, defer, job
from keshen.house.models import Event, User


@job("wire.put_out", label=_("Sending on the wire"))
def put_out(context: JobContext, *, version_id: int, actor_id: int) -> None:
    from keshen.media import downloads
    from keshen.wire import actions
    from keshen.wire.compose import shown_in

    downloads.make_all(shown_in(version_id))  # outside the transaction: a film takes seconds
    actions.put_out(User.objects.select_related("organisation").get(pk=actor_id), version_id)


@job("wire.kill", label=_("Killing on the wire"), attempts=20)
def kill(context: JobContext, *, story_id: int, actor_id: int) -> None:
    from keshen.wire import actions

    actions.send_kill(User.objects.select_related("organisation").get(pk=actor_id), story_id)


@job("wire.put_ahead", label=_("Sending in advance, under embargo"))
def put_ahead(context: JobContext, *, text_id: int, actor_id: int) -> None:
    from keshen.media import downloads
    from keshen.newsroom.models import Text
    from keshen.wire import actions
    from keshen.wire.compose import shown_in

    approved = Text.objects.values_list("approved", flat=True).get(pk=text_id)
    downloads.make_all(shown_in(approved) if approved else ())
    actions.put_ahead(User.objects.select_related("organisation").get(pk=actor_id), text_id)


@job("wire.call_back", label=_("Calling back what was sent in advance"), attempts=20)
def call_back(context: JobContext, *, text_id: int, actor_id: int, reason: str) -> None:
    from keshen.wire import actions

    actions.call_back(User.objects.select_related("organisation").get(pk=actor_id), text_id, reason)


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


@subscribe("text.release_planned")
def planned(event: Event) -> None:
    """What waits for its embargo goes ahead to whoever may have it then."""
    from keshen.wire.models import Subscription

    if event.after and Subscription.objects.filter(terms__advance=True).exists():
        _of_text("wire.put_ahead", event, event.after["text"])


@subscribe("text.returned")
def returned(event: Event) -> None:
    """What was sent ahead and is not to be published as it was is called back."""
    from keshen.wire.models import Delivery

    if event.after and Delivery.objects.filter(version__text=event.after["text"], sequence__isnull=False).exists():
        _of_text("wire.call_back", event, event.after["text"], reason=event.reason)


def _of_text(job_name: str, event: Event, text_id: int, **more: str) -> None:
    args = {"text_id": text_id, "actor_id": event.actor_id, **more}
    defer(job_name, key=f"{job_name}:{text_id}:{event.pk}", actor=event.actor, subject=event.subject, args=args)


@subscribe("terms.attached", "terms.clarified", "terms.withdrawn")
def terms_changed(event: Event) -> None:
    """Stories that are out are decided anew when their terms change, or those of a picture they have."""
    from keshen.newsroom.publications import out_with
    from keshen.wire import actions

    for story in {version.text.story for version in out_with(event.subject)}:
        actions.defer_decision(story, f"event-{event.pk}")
