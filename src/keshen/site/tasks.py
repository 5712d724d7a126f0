"""The site's durable jobs, and the events that ask for them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from keshen.house.events import subscribe
from keshen.house.jobs import JobContext, job
from keshen.house.models import Event, User


@job("site.put_out", label=_("Publishing on the site"))
def put_out(context: JobContext, *, version_id: int, actor_id: int) -> None:
    from keshen.site import actions

    actions.put_out(User.objects.select_related("organisation").get(pk=actor_id), version_id)


@job("site.take_down", label=_("Taking down from the site"))
def take_down(context: JobContext, *, story_id: int, actor_id: int) -> None:
    from keshen.site import actions

    actions.take_down(User.objects.select_related("organisation").get(pk=actor_id), story_id)


@subscribe("terms.attached", "terms.clarified", "terms.withdrawn")
def terms_changed(event: Event) -> None:
    """Pages of a story that is out are decided anew when its terms change."""
    from keshen.newsroom.models import Text
    from keshen.site.actions import defer_put_out

    out = Text.objects.filter(story__urn=event.subject, story__killed_at=None).exclude(published=None)
    for text in out.select_related("published__text__story"):
        if text.published is not None:
            defer_put_out(event.actor, text.published, why=f"event-{event.pk}")
