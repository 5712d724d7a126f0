"""A published version, or a hold, into the streams of everybody it is for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from keshen.house.actions import action
from keshen.house.jobs import defer
from keshen.house.models import Service, User
from keshen.newsroom.models import Publication, Story, Text, Version
from keshen.rights.actions import decide_all
from keshen.rights.policy import Outcome
from keshen.rights.queries import moments_after
from keshen.wire.actions.streams import (
    UNSENT,
    freeze,
    line_up,
    locked,
    put_by,
    territories_of,
    the_service,
    use_of,
    wake,
    withheld_from,
)
from keshen.wire.actions.withdrawing import withdrawal
from keshen.wire.cancelling import HELD
from keshen.wire.compose import compose
from keshen.wire.entitlements import Choice
from keshen.wire.entitlements import Outcome as Choosing
from keshen.wire.formats.item import WireItem
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.selection import choose_all, subject_of, tag_for, tags_had


@action
def put_out(actor: User, version_id: int) -> None:
    """Give a published version to every subscriber whose product it is in and whose rights allow it.

    Nothing happens when a newer version was published or the story was killed meanwhile: what overtook it stays.
    Whoever was sent an earlier version gets this one whatever the product now says, so that nobody keeps an old one;
    where rights stop it, they are told to use the old one no longer.
    Raises jobs.Permanent when the house has no wire.
    """
    version = Version.objects.select_related("text").get(pk=version_id)
    story = Story.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=version.text.story_id)
    text = Text.objects.get(pk=version.text_id)
    if story.killed_at or text.published_id != version.pk:
        return
    text.story, version.text = story, text
    service = the_service()
    if version.kind == Version.Kind.HOLD:
        _send_hold(actor, version, service)
        wake()
        return
    chosen = choose_all(version)
    pictures = give(actor, version, service, chosen)
    for due in {choice.at for choice in chosen.values() if choice.at}:
        defer_decision(story, f"due:{due.isoformat()}", at=due)
    for moment in moments_after([story.urn or "", *pictures], timezone.now()):
        defer_decision(story, f"at:{moment.isoformat()}", at=moment)
    wake()


def give(
    actor: User, version: Version, service: Service, chosen: Mapping[Subscriber, Choice], *, ahead: bool = False
) -> list[str]:
    """Line a version up for those it was chosen for who do not have it yet, and whose rights allow it; what `ahead`
    gives is asked for the moment its embargo ends. Returns the pictures' URNs. The caller holds the story's lock.
    """
    text = version.text
    story = text.story
    subject, had = subject_of(version), tags_had(text)
    at = version.embargo if ahead else None
    blocked = Delivery.State.BLOCKED
    before = {made.subscriber_id: made for made in Delivery.objects.filter(version=version).order_by("round")}
    due = []
    for subscriber in locked([each for each, choice in chosen.items() if choice.outcome is Choosing.SEND]):
        made = before.get(subscriber.pk) or Delivery(subscriber=subscriber, story=story, version=version, state=blocked)
        if made.called_back:
            made = Delivery(
                subscriber=subscriber, story=story, version=version, state=blocked, round=made.round + 1, tag=made.tag
            )
        if made.state == blocked:
            due.append((subscriber, made, chosen[subscriber]))
        elif made.ahead and not ahead and not subscriber.is_sent_to:
            subscriber.last_sequence += 1  # forms that could not show it yet are made anew
            subscriber.save(update_fields=["last_sequence"])
    places = territories_of(service)
    decisions = decide_all([([story.urn or ""], use_of(places, each, choice.terms, at)) for each, _made, choice in due])
    items: dict[str, WireItem] = {}
    frozen: dict[str, Publication] = {}
    queued: list[Delivery] = []
    for (subscriber, made, choice), decision in zip(due, decisions, strict=True):
        tag = tag_for(subscriber, choice, subject, had)
        if tag not in items:
            items[tag] = compose(version, service, tag)
        made.tag = "" if tag == text.language else tag
        made.decision, made.ahead = decision, ahead
        if decision.outcome == Outcome.PERMIT:
            made.state, made.reason = Delivery.State.QUEUED, ""
            withheld = withheld_from(items[tag], places, subscriber, choice.terms, at)
            if withheld != made.withheld:
                put_by(made)
            made.withheld = withheld
            if tag not in frozen:
                frozen[tag] = freeze(actor, version, service, items[tag], "ahead" if ahead else "")
            made.publication = frozen[tag]
            if made.pk is None and subscriber.is_sent_to:
                queued.append(made)
            else:
                line_up(subscriber, made)
        else:
            made.reason = " ".join(decision.explanation)
            made.save()
            notice = withdrawal(actor, version, service, subscriber) if subscriber.pk in had else None
            if notice is not None:
                line_up(subscriber, notice)
    Delivery.objects.bulk_create(queued)
    return list(dict.fromkeys(picture.urn for item in items.values() for picture in item.pictures))


def _send_hold(actor: User, version: Version, service: Service) -> None:
    """Tell everybody who was sent the text that it is withheld; what of it still waits is not sent.

    Rights are not asked: whoever has the text must hear it, and the notice carries none of its words.
    """
    of_text = Delivery.objects.filter(version__text=version.text).exclude(version=version)
    for subscriber in locked(list(Subscriber.objects.filter(pk__in=of_text.values("subscriber")))):
        theirs = of_text.filter(subscriber=subscriber)
        theirs.filter(state__in=(*UNSENT, Delivery.State.BLOCKED)).update(
            state=Delivery.State.CANCELLED, reason=HELD, next_at=None
        )
        last = theirs.exclude(sequence=None).order_by("-sequence").first()
        if last is None or Delivery.objects.filter(subscriber=subscriber, version=version).exists():
            continue
        item = compose(version, service, last.tag or version.language)
        made = Delivery(
            subscriber=subscriber, story=version.text.story, version=version, tag=last.tag,
            publication=freeze(actor, version, service, item),
        )  # fmt: skip
        line_up(subscriber, made)


def defer_decision(story: Story, why: str, *, at: datetime | None = None) -> None:
    """Have the rights asked again, now or at a moment; `why` tells one asking from another."""
    defer(
        "wire.decide",
        key=f"wire.decide:{story.pk}:{why}",
        actor=User.objects.system(),
        subject=story.urn or "",
        args={"story_id": story.pk},
        at=at,
    )
