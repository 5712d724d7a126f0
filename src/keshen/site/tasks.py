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
    """Pages of a story that is out are decided anew when its terms change, or those of a picture it has.

    Who changed the terms is not who answers for the story: that stays the editor who published it.
    """
    from keshen.newsroom.publications import out_with, responsible_for
    from keshen.site.actions import defer_put_out

    for version in out_with(event.subject):
        defer_put_out(responsible_for(version), version.pk, version.text.story.urn or "", why=f"event-{event.pk}")
