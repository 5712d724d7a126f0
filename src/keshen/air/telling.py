"""How a story comes to bulletins: its texts become one brief, the brief is rendered, the rendering is an item.

Every step may be done again: the brief's digest names the item and the asset, so that the same words are rendered,
entered and published once however often a worker dies on the way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.air import actions, branding, clock, queries
from keshen.air.models import Entry, Item, Week
from keshen.air.serving import load
from keshen.house.jobs import defer
from keshen.house.models import Edition, Service, User
from keshen.house.permissions import allowed
from keshen.media.actions import abandon, request_package
from keshen.media.brief import BadBrief, Brief
from keshen.media.houseformat import datetime_at
from keshen.media.models import Asset
from keshen.newsroom import body as bodies
from keshen.newsroom import publications
from keshen.newsroom.forms import Form, form, tags_of
from keshen.newsroom.models import Story, Text, Version
from keshen.newsroom.workflow import State
from keshen.rights.actions import decide
from keshen.rights.policy import Outcome, Use
from keshen.rights.queries import moments_after

KIND_OF_OUTLET = {"television": Service.Kind.TV, "radio": Service.Kind.RADIO}
ITEM_CHARACTERS = {"television": 1_200, "radio": 1_500}
"""How much of a story a bulletin item reads, at about 11 characters a second: 110 s with pictures, 135 s without."""
PLATFORM = {"television": "tv", "radio": "radio"}


class NothingToTell(Exception):
    """No text of the story is out in a language the outlet speaks; the message says which it has."""


def services(outlet: str) -> list[Service]:
    """The services whose bulletins an outlet feeds."""
    return [service for service in load.services() if service.kind == KIND_OF_OUTLET[outlet]]


def versions(story: Story) -> dict[str, Version]:
    """The published version of each of the story's texts, the source first."""
    texts = Text.objects.filter(story=story).exclude(published=None).exclude(state__in=(State.KILLED, State.HELD))
    found = {}
    for text in texts.select_related("published__text__story").order_by("-is_source", "id"):
        if text.published is not None:
            found[text.language] = text.published
    return found


def brief(story: Story, outlet: str) -> tuple[Brief, dict[str, Version], dict[str, str]]:
    """What is to be rendered, the versions it tells, and its headlines by tag.

    Radio speaks the first language of its services that there is a text in; television speaks every language there is
    a text in, and has captions in every edition of those. Raises NothingToTell, BadBrief.
    """
    texts = versions(story)
    carried = services(outlet)
    if not carried or not texts:
        raise NothingToTell(_("No text of this story is published."))
    wanted = [str(tag) for service in carried for tag in service.languages] or ["kk"]
    main = next((tag for tag in dict.fromkeys(wanted) if tag in texts), None)
    if main is None:
        raise NothingToTell(
            _("The story is in %(has)s; these bulletins speak %(speaks)s.")
            % {"has": ", ".join(texts), "speaks": ", ".join(dict.fromkeys(wanted))}
        )
    if outlet == "radio":
        texts = {main: texts[main]}
    read = {tag: form(version, tag) for version in texts.values() for tag in _tags(version)}
    words = {tag: _told(_spoken(one), ITEM_CHARACTERS[outlet]) for tag, one in read.items()}
    television = outlet == "television"
    first = read[main]
    made = Brief(
        kind="television" if television else "radio",
        language=main,
        headline=first.headline,
        paragraphs=words[main],
        place=first.dateline,
        pictures=tuple(dict.fromkeys(picture["asset"] for picture in first.pictures)) if television else (),
        accent=carried[0].accent,
        **(_branded(carried) if television else {}),
        voices={tag: words[tag] for tag in texts if tag != main} if television else {},
        captions=words if television else {},
        ident=str(carried[0].settings.get("ident", "")),
        bed=str(carried[0].settings.get("bed", "")),
    )
    return made, texts, {tag: one.headline for tag, one in read.items()}


def _branded(carried: Sequence[Service]) -> dict[str, Any]:
    """The logo that is drawn when a report is rendered: of the one service that tells news.

    Where several do, one report serves them all and carries none; each may draw its own over it (`branding.Burn`).
    """
    weeks = Week.objects.filter(service__in=carried)
    telling = [
        service for service in carried if any(w.service_id == service.pk and w.body.get("bulletin") for w in weeks)
    ]
    if len(telling) != 1:
        return {}
    held = branding.logo(telling[0])
    if held.burn == branding.Burn.NEVER:
        return {}
    return {"service": held.mark.text, "logo": held.mark.row()}


def _tags(version: Version) -> list[str]:
    editions = set(Edition.objects.values_list("tag", flat=True))
    return [tag for tag in tags_of(version.text.language) if tag == version.text.language or tag in editions]


def _spoken(read: Form) -> tuple[str, ...]:
    """The headline, then the body, a paragraph each."""
    return (read.headline, *(text for text in bodies.paragraphs(read.body) if text.strip()))


def _told(paragraphs: tuple[str, ...], most: int) -> tuple[str, ...]:
    """As many whole paragraphs as a bulletin has time for: the headline and the first always, for news leads."""
    lengths = list(accumulate(len(paragraph) for paragraph in paragraphs))
    return paragraphs[: max(2, bisect_right(lengths, most))]


def tell(actor: User, story: Story, outlet: str) -> Item | None:
    """Ask for a rendering of the story as it stands, if rights allow it on the outlet's services; None when there is
    nothing to tell."""
    try:
        wanted, texts, titles = brief(story, outlet)
    except NothingToTell:
        return None
    except BadBrief as problem:
        return _refused(actor, story, outlet, str(problem))
    subjects = [story.urn or "", *wanted.pictures]
    territories = {code for service in services(outlet) for code in service.territories.values_list("code", flat=True)}
    use = Use(
        exit="schedule",
        platform="radio" if outlet == "radio" else "tv",
        territories=frozenset(territories or {"WORLD"}),
        at=datetime_at(clock.tick()).astimezone(UTC),
    )
    for moment in moments_after(subjects, timezone.now()):
        key, args = f"air.decide:{story.pk}:{moment.isoformat()}", {"subject": story.urn}
        defer("air.decide", key=key, actor=actor, subject=story.urn or "", args=args, at=moment)
    decision = decide(subjects, use)
    ids = [version.pk for version in texts.values()]
    if decision.outcome != Outcome.PERMIT:
        return _refused(actor, story, outlet, " ".join(decision.explanation), ids, wanted.digest, titles)
    with transaction.atomic():  # whoever hears that the asset is ready must find the item
        if not _stands(story):
            return None
        asset = request_package(
            actor,
            wanted,
            key=f"{outlet}:{story.pk}:{wanted.digest}",
            organisation=story.organisation,
            title=wanted.headline,
            made_from=[version.urn for version in texts.values()],
        )
        item, _made = Item.objects.update_or_create(
            outlet=outlet,
            story=story,
            digest=wanted.digest,
            defaults={"asset": asset, "versions": ids},
            create_defaults={"asset": asset, "versions": ids, "titles": titles, "responsible": actor},
        )
        if item.state not in (Item.State.RENDERING, Item.State.READY):
            item = actions.shelve_item(_hand(actor), item, Item.State.RENDERING)
    asset.refresh_from_db()
    if asset.state != Asset.State.PREPARING:
        finish(item)
    return item


def _refused(
    actor: User,
    story: Story,
    outlet: str,
    reason: str,
    ids: list[int] | None = None,
    digest: str = "",
    titles: dict[str, str] | None = None,
) -> Item:
    """Note that a telling was blocked, so that its receipt says why."""
    item, _made = Item.objects.get_or_create(
        outlet=outlet,
        story=story,
        digest=digest,
        defaults={"versions": ids or [], "titles": titles or {}, "responsible": actor, "state": Item.State.BLOCKED},
    )
    Item.objects.filter(pk=item.pk).update(state=Item.State.BLOCKED, reason=reason)
    item.refresh_from_db()
    return item


def pictures_of(story: Story) -> set[str]:
    """The pictures (URNs) of the story's published texts."""
    return {picture["asset"] for version in versions(story).values() for picture in version.pictures}


def _hand(actor: User, service: Service | None = None) -> User:
    """Who lays it: the person where they may, else the house itself, since the air is the house's."""
    return actor if allowed(actor, "air.news", service) else User.objects.system()


def _stands(story: Story) -> bool:
    """Whether the story lives, with its row locked: a kill or a correction waits, or has been."""
    return Story.objects.select_for_update().get(pk=story.pk).killed_at is None


def finish(item: Item) -> None:
    """Bring a rendered item into the bulletins of its services, and write the publications. Safe to do again."""
    if not _settled(item):
        return
    item = Item.objects.select_related("story__organisation", "asset", "responsible").get(pk=item.pk)
    for service in services(item.outlet):
        actions.enter(_hand(item.responsible, service), service, item)


@transaction.atomic
def _settled(item: Item) -> bool:
    """Whether the item is ready to be told; it is published then. Decided under the lock that kills take."""
    stands = _stands(item.story)
    item = Item.objects.select_related("story__organisation", "asset", "responsible").get(pk=item.pk)
    if not stands or item.asset is None or item.state in (Item.State.KILLED, Item.State.REPLACED):
        return False
    if item.asset.state == Asset.State.FAILED:
        actions.shelve_item(_hand(item.responsible), item, Item.State.FAILED, item.asset.reason)
        return False
    if item.asset.state != Asset.State.READY:
        return False
    if _is_outdated(item):
        actions.shelve_item(_hand(item.responsible), item, Item.State.REPLACED)
        return False
    actions.shelve_item(_hand(item.responsible), item, Item.State.READY, item.asset.reason)
    _publish(item)
    return True


def _is_outdated(item: Item) -> bool:
    """Whether a text it tells was corrected meanwhile, or a telling of more languages is there already."""
    current = {version.pk for version in versions(item.story).values()}
    if not set(item.versions) <= current:
        return True
    ready = Item.objects.filter(story=item.story, outlet=item.outlet, state=Item.State.READY).exclude(pk=item.pk)
    return any(set(item.versions) < set(other.versions) <= current for other in ready)


def _publish(item: Item) -> None:
    """A version left the house by this asset: on the first service of the outlet that speaks its language."""
    assert item.asset is not None
    carried = [service for service in services(item.outlet) if queries.speaks(service, item.titles)]
    for version in Version.objects.filter(pk__in=item.versions).select_related("text__story__organisation"):
        language = version.text.language
        service = next((service for service in carried if language in service.languages), carried[0])
        publications.publish(
            version,
            outlet=item.outlet,
            service=service,
            edition=None,
            form=item.asset.urn,
            payload={"asset": item.asset.urn, "brief": item.asset.brief, "services": [s.slug for s in carried]},
            responsible=item.responsible,
        )


def hold(actor: User, story: Story, outlet: str) -> None:
    """Keep what is told of a story out of later bulletins until it is told anew."""
    ready = list(Item.objects.filter(story=story, outlet=outlet, state=Item.State.READY))
    for item in ready:
        actions.shelve_item(_hand(actor), item, Item.State.HELD, _("A correction is on its way."))
    if ready:
        for service in services(outlet):
            _hold_later(actor, service, story)


def _hold_later(actor: User, service: Service, story: Story) -> None:
    """What is under way stays until the corrected item is there; what comes later is laid without the story."""
    actions.take_out(_hand(actor, service), service, story, _("Held for a correction."), later=True)


def kill(actor: User, story: Story) -> None:
    """Off the air for good: addresses first, then the log."""
    reason = _("The story was killed.")
    hand = _hand(actor)
    actions.withdraw(hand, story.urn or "", reason)
    for item in Item.objects.filter(story=story).exclude(state=Item.State.KILLED):
        actions.shelve_item(hand, item, Item.State.KILLED, reason)
        if item.asset is not None:
            actions.withdraw(hand, item.asset.urn, reason)
            abandon(User.objects.system(), item.asset, reason)
    for service_id in queries.story_services(story.urn or "", clock.tick()):
        service = Service.objects.get(pk=service_id)
        actions.take_out(_hand(actor, service), service, story, reason)


def told(story_id: int, outlet: str) -> list[Item]:
    """Every telling of a story for an outlet, newest first."""
    return list(Item.objects.filter(story_id=story_id, outlet=outlet).select_related("asset").order_by("-id"))


def next_entry(service: Service, story_urn: str, after: int) -> Entry | None:
    """The first entry of a story on a service that ends after a tick."""
    return next((entry for entry in queries.airings(story_urn, after) if entry.service_id == service.pk), None)


def when(entry: Entry) -> datetime:
    return datetime_at(entry.start_tick)
