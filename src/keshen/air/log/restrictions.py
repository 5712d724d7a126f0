"""When terms change: what is laid, what is kept for catch-up and what was held back are decided anew.

The exit of laying is `schedule`; that of playlists, past intervals and segment addresses is `playlist`. What a service
may no longer give is withheld there by an incident, and given again by another: the log only grows.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from keshen.air import actions, clips, clock, queries, telling
from keshen.air.audiences import rulings
from keshen.air.models import Entry, Incident, Item, Stock
from keshen.air.serving import load
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Service, User
from keshen.newsroom.models import Story
from keshen.rights.actions import decide
from keshen.rights.models import Decision
from keshen.rights.policy import Use


@action
def withhold(actor: User, service: Service, subject: str, decision: Decision) -> bool:
    """Keep a story or an asset (by URN) out of a service's playlists and addresses, or give it again, as decided.

    Nothing happens where it stands so already. Event: `air.withheld` or `air.given_again`.
    """
    permit(actor, "air.withdraw", service)
    held = subject in load.withdrawals(service.pk)
    if held is not decision.permits:
        return False
    kind = Incident.Kind.GIVEN_AGAIN if decision.permits else Incident.Kind.WITHHELD
    reason = " ".join(decision.explanation)
    made = Incident.objects.create(
        kind=kind, tick=clock.tick(), service=service, subject=subject, decision=decision, reason=reason, actor=actor
    )
    record(
        actor,
        "air.given_again" if decision.permits else "air.withheld",
        subject,
        organisation=service.organisation,
        after={"service": service.slug, "tick": made.tick, "decision": decision.pk},
        reason=reason,
    )
    return True


def decide_anew(subject: str) -> None:
    """Ask the rights again about a story, a picture or a programme (by URN), at every service. Safe to do again."""
    system = User.objects.system()
    shown = Q(story__urn=subject) | Q(asset__urn=subject) | Q(asset__brief__pictures__contains=[subject])
    items = Item.objects.filter(shown, story__killed_at=None).exclude(state=Item.State.REPLACED)
    items |= Item.objects.filter(story__in=_blocked_with(subject))
    for outlet, story_id in sorted(set(items.order_by().values_list("outlet", "story"))):
        _story(system, Story.objects.select_related("organisation").get(pk=story_id), outlet)
    laid = Entry.objects.filter(asset__urn=subject, end_tick__gt=clock.tick() - load.KEPT_TICKS)
    if laid.exists() or Stock.objects.filter(asset__urn=subject).exists():
        _programme(system, subject)
    rulings.renew(subject)
    clips.follow(subject)


def _blocked_with(subject: str) -> Iterable[int]:
    """Stories that were never rendered and show the picture: their items have no asset to ask."""
    blocked = Item.objects.filter(state=Item.State.BLOCKED, story__killed_at=None).select_related("story")
    return {item.story_id for item in blocked if subject in telling.pictures_of(item.story)}


def _story(system: User, story: Story, outlet: str) -> None:
    name = story.urn or ""
    latest = Item.objects.filter(story=story, outlet=outlet).select_related("responsible").order_by("-id").first()
    if latest is not None and latest.state == Item.State.BLOCKED:
        telling.tell(latest.responsible, story, outlet)
    ready = Item.objects.filter(story=story, outlet=outlet, state=Item.State.READY).select_related(
        "story__organisation"
    )
    for service in telling.services(outlet):
        decision = decide([name, *telling.pictures_of(story)], _use(service))
        withhold(system, service, name, decision)
        if not decision.permits:
            actions.take_out(system, service, story, " ".join(decision.explanation))
            continue
        for item in ready:
            actions.enter(system, service, item)


def _programme(system: User, subject: str) -> None:
    for service in load.services():
        used = Entry.objects.filter(service=service, asset__urn=subject, end_tick__gt=clock.tick() - load.KEPT_TICKS)
        on_shelf = Stock.objects.filter(Q(service=service) | Q(service=None), asset__urn=subject)
        if not (used.exists() or on_shelf.exists()):
            continue
        decision = decide([subject], _use(service))
        if not decision.permits:
            # what some variant may show stays in the log, and the others show something else
            decision = rulings.somewhere(load.offered(service), [subject], timezone.now()) or decision
        if withhold(system, service, subject, decision):
            actions.lay_anew(system, service)


def _use(service: Service) -> Use:
    return Use(
        exit="playlist",
        platform="radio" if service.kind == Service.Kind.RADIO else "tv",
        territories=queries.territories(service),
        at=timezone.now(),
    )
