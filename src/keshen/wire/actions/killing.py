"""A kill into the streams of everybody who was ever sent the story."""

from __future__ import annotations

from keshen.house.actions import action
from keshen.house.events import record
from keshen.house.models import User
from keshen.newsroom.models import Publication, Story, Version
from keshen.wire import kills as kills_after
from keshen.wire.actions.streams import UNSENT, freeze, line_up, the_service, wake
from keshen.wire.cancelling import KILLED
from keshen.wire.compose import compose
from keshen.wire.models import Delivery, Subscriber


@action
def send_kill(actor: User, story_id: int) -> None:
    """Cancel what of the story still waits, and put its kill at the head of every stream that ever carried it.

    Rights are not asked: whoever was sent a text must hear that it is dead. Event: `wire.kill_lined_up`.
    """
    story = Story.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=story_id)
    if not story.killed_at:
        return
    kills = {
        version.text_id: version
        for version in Version.objects.filter(text__story=story, kind=Version.Kind.KILL)
        .select_related("text")
        .order_by("number")
    }
    service = the_service()
    reached = Subscriber.objects.filter(pk__in=Delivery.objects.filter(story=story).values("subscriber"))
    cancelled = lined_up = 0
    made_of: dict[tuple[int, str], Publication] = {}
    for subscriber in reached.select_for_update(no_key=True).order_by("pk"):
        theirs = Delivery.objects.filter(story=story, subscriber=subscriber)
        was_sent = dict(theirs.exclude(sequence=None).order_by("id").values_list("version__text", "tag"))
        waiting = theirs.filter(is_kill=False, state__in=(*UNSENT, Delivery.State.BLOCKED))
        cancelled += waiting.update(state=Delivery.State.CANCELLED, reason=KILLED, next_at=None)
        due = set(was_sent) & set(kills) - set(theirs.filter(is_kill=True).values_list("version__text", flat=True))
        for text_id in sorted(due):
            version, tag = kills[text_id], was_sent[text_id]
            version.text.story = story
            if (text_id, tag) not in made_of:
                made_of[text_id, tag] = freeze(actor, version, service, compose(version, service, tag or None))
            publication = made_of[text_id, tag]
            made = Delivery(
                subscriber=subscriber, story=story, version=version, publication=publication, is_kill=True, tag=tag
            )
            line_up(subscriber, made)
        lined_up += len(due)
        if due and subscriber.paused_until and not subscriber.paused_by_client:
            Subscriber.objects.filter(pk=subscriber.pk).update(paused_until=None)
    record(
        actor,
        "wire.kill_lined_up",
        story.urn or "",
        organisation=story.organisation,
        after={"cancelled": cancelled, "kills": lined_up},
    )
    if lined_up:
        kills_after.defer_look(User.objects.system(), story)
    wake()
