"""What clients get before its embargo ends, where their terms let them have it; and calling it back."""

from __future__ import annotations

from django.utils import timezone

from keshen.house.actions import action
from keshen.house.events import record
from keshen.house.models import User
from keshen.newsroom.models import Story, Text
from keshen.newsroom.workflow import State
from keshen.wire.actions.putting_out import give
from keshen.wire.actions.streams import UNSENT, freeze, line_up, locked, the_service, wake
from keshen.wire.compose import called_back, compose
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.selection import choose_all


def _both(text_id: int) -> tuple[Story, Text]:
    """The story, locked as whoever lets something out locks it, and its text."""
    story_id = Text.objects.values_list("story", flat=True).get(pk=text_id)
    story = Story.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=story_id)
    text = Text.objects.select_related("approved", "head").get(pk=text_id)
    text.story = story
    return story, text


def _waits(text: Text) -> bool:
    """Whether the text is approved and waits for its embargo to end."""
    planned = text.release_at is not None and text.release_at > timezone.now()
    return planned and text.state == State.APPROVED.value and not text.changed_since_approval


@action
def put_ahead(actor: User, text_id: int) -> None:
    """Give what waits for its embargo to the clients whose terms allow it in advance and whose form can say so.

    Nothing happens when the text was published, returned, changed or killed meanwhile. Event: `wire.put_ahead`.
    """
    story, text = _both(text_id)
    version = text.approved
    if story.killed_at or version is None or not _waits(text):
        return
    version.text = text
    chosen = {
        subscriber: choice
        for subscriber, choice in choose_all(version, ahead=True).items()
        if choice.terms.advance and subscriber.form.carries_embargo and subscriber.channel != Subscriber.Channel.OPEN
    }
    give(actor, version, the_service(), chosen, ahead=True)
    names = sorted(subscriber.slug for subscriber in chosen)
    after = {"version": version.urn, "clients": names}
    record(actor, "wire.put_ahead", story.urn or "", organisation=story.organisation, after=after)
    wake()


@action
def call_back(actor: User, text_id: int, reason: str) -> None:
    """Tell those who were sent a text ahead that it is withheld, now that it is not to be published as it was; what of
    it still waits is not sent. Whoever gets its next version has that lifted. Event: `wire.called_back`.
    """
    story, text = _both(text_id)
    if story.killed_at or text.published_id is not None or _waits(text):
        return
    theirs = Delivery.objects.filter(version__text=text, is_kill=False)
    service = the_service()
    told = 0
    for subscriber in locked(list(Subscriber.objects.filter(pk__in=theirs.values("subscriber")))):
        rows = theirs.filter(subscriber=subscriber)
        rows.filter(state__in=UNSENT).update(state=Delivery.State.BLOCKED, reason=reason, next_at=None)
        last = rows.exclude(sequence=None).order_by("-sequence").select_related("version").first()
        if last is None or last.called_back:
            continue
        version = last.version
        version.text = text
        number = (rows.filter(version=version).order_by("-round").values_list("round", flat=True).first() or 0) + 1
        item = called_back(compose(version, service, last.tag or None), reason)
        made = Delivery(
            subscriber=subscriber,
            story=story,
            version=version,
            tag=last.tag,
            round=number,
            called_back=True,
            publication=freeze(actor, version, service, item, f"back{number}"),
        )
        line_up(subscriber, made)
        told += 1
    record(
        actor, "wire.called_back", story.urn or "", organisation=story.organisation, after={"told": told}, reason=reason
    )
    wake()
