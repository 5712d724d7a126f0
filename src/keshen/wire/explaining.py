"""Gathers what is stored about a story and a client, for `why.explain`."""

from __future__ import annotations

from django.db.models import Q

from keshen.newsroom.models import Story, Version
from keshen.wire.models import Delivery, Selection, Subscriber
from keshen.wire.why import Answer, Client, Considered, Sent, explain


def why(subscriber: Subscriber, story: Story) -> Answer:
    """Why the client got, or did not get, each version of the story that left the house."""
    deliveries = {
        row.version_id: row
        for row in Delivery.objects.filter(subscriber=subscriber, story=story)
        .select_related("decision")
        .defer("payload")
    }
    selections: dict[int, list[Selection]] = {}
    for selection in Selection.objects.filter(version__text__story=story).order_by("id"):
        selections.setdefault(selection.version_id, []).append(selection)
    went_out = Version.objects.filter(text__story=story).filter(
        Q(pk__in=selections)
        | Q(pk__in=Delivery.objects.filter(story=story).values("version"))
        | Q(pk__in=story.texts.exclude(published=None).values("published"))
        | Q(kind=Version.Kind.KILL, text__published__isnull=False)
    )
    versions = [
        _considered(version, subscriber, selections.get(version.pk, []), deliveries.get(version.pk))
        for version in went_out.select_related("text").order_by("created_at", "id")
    ]
    return explain(_client(subscriber), versions)


def _client(subscriber: Subscriber) -> Client:
    return Client(
        name=subscriber.name,
        since=subscriber.created_at,
        suspended=subscriber.state == Subscriber.State.SUSPENDED,
        reason=subscriber.reason,
        paused_until=subscriber.paused_until,
    )


def _considered(
    version: Version, subscriber: Subscriber, selections: list[Selection], delivery: Delivery | None
) -> Considered:
    choices = []
    for selection in selections:
        choice = selection.choice(subscriber)
        # asked again with the same answer is one answer
        if choice and (not choices or choices[-1][1] != choice):
            choices.append((selection.made_at, choice))
    return Considered(
        language=version.text.language,
        number=version.number,
        at=selections[0].made_at if selections else version.created_at,
        is_kill=version.kind == Version.Kind.KILL,
        recorded=bool(selections),
        choices=tuple(choices),
        sent=_sent(delivery) if delivery else None,
    )


def _sent(row: Delivery) -> Sent:
    return Sent(
        state=row.state,
        created_at=row.created_at,
        sequence=row.sequence,
        attempts=row.attempts,
        code=row.response_code,
        reason=row.told,
        tag=row.tag,
        withheld=len(row.withheld),
        next_at=row.next_at,
        delivered_at=row.delivered_at,
    )
