"""What is approved and waits for its time, as plans for the clients that will be sent it."""

from __future__ import annotations

from django.utils import timezone

from keshen.house.models import in_language
from keshen.house.urns import urn
from keshen.newsroom import body as bodies
from keshen.newsroom.models import Text
from keshen.wire.compose import item_urn, wire_service
from keshen.wire.formats.plan import Plan
from keshen.wire.models import Subscriber
from keshen.wire.products import bare, tag_in
from keshen.wire.selection import subject_of, taken_by


def plans_for(subscriber: Subscriber) -> list[Plan]:
    """The texts that wait for their time and are in a product the client takes, soonest first.

    Only the slugline, topics and times are told: the words are under embargo.
    """
    service = wire_service()
    taken = [(product.selection, terms) for product, terms in taken_by(subscriber)]
    waiting = (
        Text.objects.filter(release_at__gt=timezone.now(), approved__isnull=False, story__killed_at=None)
        .select_related("story", "approved")
        .order_by("release_at", "id")
    )
    found = []
    for text in waiting:
        version = text.approved
        if version is None or text.release_at is None:
            continue
        version.text = text
        subject = subject_of(version)
        if not any(selection.matches(subject) for selection, _terms in taken):
            continue
        tag = tag_in(subject.tags, subscriber.script, *(selection.script for selection, _terms in taken))
        shown = {row["asset"] for row in version.pictures}
        shown |= {node["attrs"]["asset"] for node in bodies.pictures(version.body)}
        found.append(
            Plan(
                urn=urn("plan", f"{text.story_id}-{tag}", text.story.created_at),
                item_urn=item_urn(text, tag),
                version=version.number,
                language=tag,
                slugline=version.slugline,
                scheduled=text.release_at,
                created=text.story.created_at,
                changed=version.created_at,
                topics=tuple(bare(code) for code in version.topics),
                urgency=version.urgency,
                provider=in_language(service.name, tag),
                pictures=len(shown),
            )
        )
    return found
