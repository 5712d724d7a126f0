"""The demo's own durable jobs: a reel made and put on its shelves, a later story published."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from keshen.air import actions as air
from keshen.config.demo import making, services, stories
from keshen.house.jobs import JobContext, job
from keshen.house.models import User

REEL, STORY = "demo.reel", "demo.story"


@job(REEL, label=_("Making a filler of the demo house"), queue="render")
def make_reel(context: JobContext, *, key: str) -> None:
    """Encode a reel and put it on its shelves."""
    system = User.objects.system()
    asset = making.make(
        system, key, check=context.check, on_share=lambda share: context.progress(100 * share, 100, key)
    )
    making.shelve(system, key, asset)
    for service in making.services_of(key):
        if not services.WEEKS[service.slug].get("bulletin"):
            # Where news comes, the log is laid anew with every story; elsewhere the new reel would wait an hour.
            air.lay_anew(system, service)


@job(STORY, label=_("Publishing a story of the demo house"))
def publish_story(context: JobContext, *, key: str) -> None:
    """Publish a story of the demo; what follows from it inherits this job's low priority, newcomers' come first."""
    story = next(story for story in stories.stories() if story.key == key)
    pictures = making.keep_pictures(User.objects.get(username="reporter"), story.pictures, context.log)
    stories.publish(story, pictures)
