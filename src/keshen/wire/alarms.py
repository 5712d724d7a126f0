"""When the wire wants a person: a kill that somebody has not confirmed, a client or an item that stopped, a client
that has not been reached for long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from keshen.house.alarms import Alarm
from keshen.house.models import User
from keshen.wire.compose import agency
from keshen.wire.models import Delivery, Subscriber

KILL_SECONDS = 60
UNREACHED_SECONDS = 600
NAMES = 8
ANYBODY = "websub"
"""Whoever comes to the hub, with nobody to call when they go: no alarm."""
_DUE = Q(deliveries__state__in=[Delivery.State.QUEUED, Delivery.State.SENDING])


def alarms(user: User) -> Iterator[Alarm]:
    """Those of the wire, for whoever may see it."""
    if not user.may("wire.see", agency()):
        return
    yield from _kills()
    yield from _clients()
    yield from _items()


def unconfirmed(story_id: int | None = None) -> QuerySet[Delivery]:
    """Kills their clients have not taken, whatever the reason, of one story or of all."""
    kills = Delivery.objects.filter(is_kill=True).exclude(state=Delivery.State.DELIVERED)
    kills = kills.exclude(subscriber__channel=ANYBODY)
    return kills if story_id is None else kills.filter(story=story_id)


def _kills() -> Iterator[Alarm]:
    late = unconfirmed().filter(created_at__lt=timezone.now() - timedelta(seconds=KILL_SECONDS))
    by_story: dict[int, list[Delivery]] = {}
    for kill in late.select_related("subscriber", "version").defer("payload").order_by("subscriber__name"):
        by_story.setdefault(kill.story_id, []).append(kill)
    for story, kills in by_story.items():
        names = list(dict.fromkeys(kill.subscriber.name for kill in kills))
        shown = ", ".join(names[:NAMES]) + (" …" if len(names) > NAMES else "")
        yield Alarm(
            "kill",
            ngettext(
                "The kill of “%(story)s” is not confirmed by %(number)d client: %(names)s. Call them.",
                "The kill of “%(story)s” is not confirmed by %(number)d clients: %(names)s. Call them.",
                len(names),
            )
            % {"story": kills[0].version.headline or story, "number": len(names), "names": shown},
            f"{reverse('wire-control:deliveries')}?story={story}",
            min(kill.created_at for kill in kills),
        )


def _clients() -> Iterator[Alarm]:
    sent_to = Subscriber.objects.exclude(push_url="").exclude(channel=ANYBODY)
    stopped = sent_to.filter(state=Subscriber.State.SUSPENDED)
    for client in stopped.annotate(waits=Min("deliveries__created_at", filter=_DUE)):
        yield Alarm(
            "suspended",
            _("Nothing is sent to %(name)s: %(reason)s") % {"name": client.name, "reason": client.reason},
            reverse("wire-control:subscriber", args=[client.slug]),
            client.waits or client.last_success_at or client.created_at,
        )
    failing = sent_to.filter(state=Subscriber.State.ACTIVE, failures__gt=0)
    long_ago = timezone.now() - timedelta(seconds=UNREACHED_SECONDS)
    for client in failing.annotate(waits=Min("deliveries__created_at", filter=_DUE)).filter(waits__lt=long_ago):
        yield Alarm(
            "unreached",
            ngettext(
                "%(name)s has not taken anything in %(number)d try.",
                "%(name)s has not taken anything in %(number)d tries.",
                client.failures,
            )
            % {"name": client.name, "number": client.failures},
            reverse("wire-control:subscriber", args=[client.slug]),
            client.waits,
        )


def _items() -> Iterator[Alarm]:
    refused = Delivery.objects.filter(state=Delivery.State.SUSPENDED, is_kill=False)
    refused = refused.exclude(subscriber__channel=ANYBODY)
    for item in refused.select_related("subscriber", "version").defer("payload")[:NAMES]:
        yield Alarm(
            "refused",
            _("%(name)s did not take “%(story)s”: %(reason)s")
            % {"name": item.subscriber.name, "story": item.version.headline, "reason": item.reason},
            reverse("wire-control:delivery", args=[item.pk]),
            item.created_at,
        )
