"""Radio and television as ways out of the newsroom: what they take, and where a story can be found on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from keshen.air import clock, guide, telling
from keshen.air.models import Entry, Item
from keshen.air.serving import load
from keshen.house import outlets
from keshen.house.jobs import defer, inherited_priority
from keshen.house.models import Job, Service, User, in_language
from keshen.house.outlets import Leaving, Receipt, ReceiptState
from keshen.media.houseformat import datetime_at
from keshen.newsroom.models import Story, Version

STATES = {
    Item.State.RENDERING: ReceiptState.WORKING,
    Item.State.READY: ReceiptState.WAITING,
    Item.State.HELD: ReceiptState.WORKING,
    Item.State.BLOCKED: ReceiptState.BLOCKED,
    Item.State.FAILED: ReceiptState.FAILED,
    Item.State.KILLED: ReceiptState.KILLED,
    Item.State.REPLACED: ReceiptState.WAITING,
}


class BulletinOutlet:
    """One of the two: a story is rendered, and told in the next bulletins of every service of the kind."""

    def __init__(self, name: str, label: Any) -> None:
        self.name = name
        self.label = label

    def preview(self, version_id: int) -> Mapping[str, Any]:
        """The brief that would be rendered, or why none can be."""
        version = Version.objects.select_related("text__story").get(pk=version_id)
        try:
            made, _texts, titles = telling.brief(version.text.story, self.name)
        except (telling.NothingToTell, ValueError) as problem:
            return {"problem": str(problem)}
        return {"brief": made.to_json(), "titles": titles}

    def publish(self, leaving: Leaving) -> None:
        self._defer("air.tell", leaving)

    def correct(self, leaving: Leaving) -> None:
        self._defer("air.tell" if self.name in leaving.keep else "air.correct", leaving)

    def packages(self, story_id: int) -> bool:
        return Item.objects.filter(story=story_id, outlet=self.name, state=Item.State.READY).exists()

    def kill(self, story_id: int, actor_id: int) -> None:
        """Both outlets ask for the same job; its key makes it one."""
        story = Story.objects.get(pk=story_id)
        defer(
            "air.kill",
            key=f"air.kill:{story_id}",
            actor=User.objects.get(pk=actor_id),
            subject=story.urn or "",
            args={"story_id": story_id, "actor_id": actor_id},
            priority=100,
        )

    def _defer(self, job: str, leaving: Leaving) -> None:
        defer(
            job,
            key=f"{job}:{self.name}:{leaving.version}",
            actor=leaving.actor,
            subject=leaving.subject,
            args={"outlet": self.name, "story_id": leaving.story, "actor_id": leaving.actor.pk},
            priority=inherited_priority() + (1 if self.name == "radio" else 0),  # sound is ready in seconds
        )

    def receipts(self, story_id: int) -> list[Receipt]:
        """A row for each service with bulletins, and after a kill one for each that ever aired it."""
        story = Story.objects.get(pk=story_id)
        told = telling.told(story_id, self.name)
        if not told:
            return self._not_told(story)
        with_news = [service for service in telling.services(self.name) if self._has_news(service)]
        if story.killed_at is not None:
            return [receipt for service in with_news for receipt in self._killed(story, service)]
        if not telling.versions(story):
            return [
                self._row(service, ReceiptState.HELD, reason=_("Held until it is revised.")) for service in with_news
            ]
        if self._is_outdated(story, told[0]):
            return [self._awaited(story, service) for service in with_news]
        return [self._receipt(story, service, told[0]) for service in with_news]

    def _is_outdated(self, story: Story, item: Item) -> bool:
        """Whether a text has been published since the newest telling was made: the next one is on its way."""
        current = {version.pk for version in telling.versions(story).values()}
        if self.name == "radio":  # it tells one of the languages
            return not set(item.versions) <= current
        return bool(item.versions) and set(item.versions) != current

    def _awaited(self, story: Story, service: Service) -> Receipt:
        """The row while the newest words are not being rendered yet."""
        asked = Job.objects.filter(subject=story.urn, name__in=("air.tell", "air.correct"), args__outlet=self.name)
        job = asked.order_by("-created_at").first()
        if job is not None and job.state == Job.State.FAILED:
            return self._row(service, ReceiptState.FAILED, reason=job.reason)
        return self._row(service, ReceiptState.WORKING)

    def _has_news(self, service: Service) -> bool:
        return bool(getattr(getattr(service, "week", None), "body", {}).get("bulletin"))

    def _not_told(self, story: Story) -> list[Receipt]:
        asked = Job.objects.filter(subject=story.urn, name__in=("air.tell", "air.correct"))
        job = asked.filter(args__outlet=self.name).first()
        if job is None:
            return []
        if job.state == Job.State.FAILED:
            return [self._row(None, ReceiptState.FAILED, reason=job.reason)]
        if job.state == Job.State.DONE:
            return [self._row(None, ReceiptState.BLOCKED, reason=_("There is no text in a language it speaks."))]
        return [self._row(None, ReceiptState.WAITING)]

    def _receipt(self, story: Story, service: Service, item: Item) -> Receipt:
        aired = Entry.objects.filter(
            service=service, item__story=story, state=Entry.State.LAID, item__digest=item.digest
        ).order_by("start_tick")
        now = clock.tick()
        entry = aired.filter(end_tick__gt=now).first() or aired.last()
        if entry is None:
            return self._row(service, STATES[Item.State(item.state)], reason=item.reason)
        return self._row(
            service,
            ReceiptState.OUT,
            address=f"/air/{service.slug}/epg.xml",
            page=_player(service, entry, now),
            find=guide.entry_mark(entry.pk),
            reason=item.asset.reason if item.asset else "",
            at=datetime_at(entry.start_tick),
        )

    def _killed(self, story: Story, service: Service) -> list[Receipt]:
        entry = Entry.objects.filter(service=service, story_urn=story.urn).order_by("-start_tick").first()
        if entry is None:
            return []
        rung = next(iter(_rungs(service)))
        return [
            self._row(
                service,
                ReceiptState.KILLED,
                address=f"/air/{service.slug}/epg.xml",
                find=guide.entry_mark(entry.pk),
                gone=True,
            ),
            self._row(
                service,
                ReceiptState.KILLED,
                address=f"/air/{service.slug}/{rung}/e{entry.pk}-0.m4s",
                form="segment",
                gone=True,
            ),
        ]

    def _row(self, service: Service | None, state: ReceiptState, form: str = "bulletin", **rest: Any) -> Receipt:
        label = f"{self.label}: {in_language(service.name)}" if service else str(self.label)
        return Receipt(self.name, service.slug if service else "", form, label, state, **rest)


def _player(service: Service, entry: Entry, now: int) -> str:
    """Where a person watches or listens to the entry: from its beginning once it has begun."""
    door = "listen" if service.kind == Service.Kind.RADIO else "watch"
    begun = entry.start_tick <= now
    start = datetime_at(entry.start_tick).isoformat(timespec="seconds")
    return f"/{door}/{service.slug}" + (f"?{urlencode({'from': start})}" if begun else "")


def _rungs(service: Service) -> list[str]:
    ladder = load.ladder(service)
    return [*(picture.rung for picture in ladder.pictures), *(sound.rung for sound in ladder.sounds)]


def register() -> None:
    outlets.register(BulletinOutlet("radio", gettext_lazy("Radio")))
    outlets.register(BulletinOutlet("television", gettext_lazy("Television")))
