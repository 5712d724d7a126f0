"""The demo's own durable jobs: a reel made and put on its shelves, the next story published."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from keshen.air import actions as air
from keshen.config.demo import making, services, stories
from keshen.house.jobs import JobContext, defer, job
from keshen.house.models import Job, User
from keshen.media.actions import RENDER

REEL, STORY = "demo.reel", "demo.story"
PAUSE = timedelta(seconds=20)
FEW = 1
"""While more packages than this wait to be rendered, no further story of the demo goes out: newcomers' come first."""


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
def publish_story(context: JobContext, *, key: str, waited: int) -> None:
    """Publish a story of the demo when the renders before it are done, and ask for the one after it."""
    system = User.objects.system()
    told = stories.stories()
    index = next(number for number, story in enumerate(told) if story.key == key)
    ahead = Job.objects.filter(name=RENDER, state__in=(Job.State.WAITING, Job.State.RUNNING)).count()
    if ahead > FEW:
        _ask(system, key, waited + 1)
        return
    pictures = making.keep_pictures(User.objects.get(username="reporter"), told[index].pictures, context.log)
    stories.publish(told[index], pictures)
    if index + 1 < len(told):
        _ask(system, told[index + 1].key, 0)


def _ask(system: User, key: str, waited: int) -> None:
    args = {"key": key, "waited": waited}
    defer(STORY, key=f"{STORY}:{key}:{waited}", actor=system, args=args, at=timezone.now() + PAUSE, priority=-5)
