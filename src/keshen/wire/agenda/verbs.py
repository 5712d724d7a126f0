"""The verbs on the agenda: announce what came in or what the house itself knows, take it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import User
from keshen.media.store import StoreError, house_store
from keshen.newsroom import body as bodies
from keshen.newsroom import readers
from keshen.newsroom.readers import Incoming, Kind
from keshen.rights.actions import set_terms
from keshen.wire.actions.mistaken import Mistaken
from keshen.wire.agenda.models import Occasion, moment_of
from keshen.wire.compose import agency
from keshen.wire.intake import sameness, triage
from keshen.wire.intake.models import IncomingItem

KINDS = frozenset({Kind.EVENT.value, Kind.PLANNING.value})


@action
def announce(actor: User, item: IncomingItem) -> Occasion:
    """Put an event or a plan that came in on clients' agenda, under its sender's terms; a newer version of one that is
    there already takes its place. Event: `occasion.announced`. Raises Mistaken, triage.Settled.
    """
    item = triage.locked(actor, item)
    if item.kind not in KINDS:
        raise Mistaken(_("Only an event or a plan can be announced; take this as a story."))
    said = item.beside or sameness.beside(_understood(item))
    occasion: dict[str, Any] = said.get("occasion", {})
    starts = occasion.get("starts") or next((each["due"] for each in said.get("coverages", ()) if each.get("due")), "")
    if not starts:
        raise Mistaken(_("It does not say when it is, so it cannot stand in a calendar."))
    made = _before(item) or Occasion(organisation=item.organisation, announced_by=actor)
    made.revision += 1 if made.pk else 0
    made.item, made.withdrawn_at = item, None
    made.headline, made.language = item.headline or _("Unnamed"), item.language
    made.starts, made.begins_at = starts, _moment(starts)
    made.ends = occasion.get("ends", "")
    made.place = occasion.get("place", "")[:300]
    content = item.understood
    told = (occasion.get(name, "") for name in ("organiser", "admission", "contact"))
    made.note = "\n".join(filter(None, (content.standfirst, *bodies.paragraphs(content.body), *told)))
    made.topics = list(content.topics)
    made.save()
    set_terms(actor, made.urn, list(item.content.get("restrictions", ())), language=item.language)
    triage.settle(actor, item, IncomingItem.State.TAKEN, None, _("Announced to clients."))
    _record(actor, "occasion.announced", made)
    return made


@action
def announce_own(
    actor: User, headline: str, starts: str, *, ends: str = "", place: str = "", note: str = "", language: str = "kk"
) -> Occasion:
    """Put something the house itself knows of on clients' agenda. Event: `occasion.announced`. Raises Mistaken."""
    permit(actor, "wire.triage", agency())
    if not headline.strip():
        raise Mistaken(_("Say what will happen."))
    begins = _moment(starts)
    if ends and _moment(ends) <= begins:
        raise Mistaken(_("It ends after it begins."))
    made = Occasion.objects.create(
        headline=headline.strip()[:300],
        starts=starts,
        ends=ends,
        begins_at=begins,
        place=place.strip()[:300],
        note=note.strip(),
        language=language,
        organisation=actor.organisation,
        announced_by=actor,
    )
    _record(actor, "occasion.announced", made)
    return made


@action
def withdraw(actor: User, occasion: Occasion) -> None:
    """Take it back: it stands in calendars as cancelled. Event: `occasion.withdrawn`."""
    permit(actor, "wire.triage", agency())
    occasion = Occasion.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=occasion.pk)
    if occasion.withdrawn_at:
        return
    occasion.withdrawn_at, occasion.revision = timezone.now(), occasion.revision + 1
    occasion.save(update_fields=["withdrawn_at", "revision", "changed_at"])
    _record(actor, "occasion.withdrawn", occasion)


def _record(actor: User, kind: str, occasion: Occasion) -> None:
    record(actor, kind, occasion.urn, organisation=occasion.organisation, after=occasion.log_values())


def _moment(text: str) -> datetime:
    try:
        return moment_of(text)
    except ValueError as error:
        raise Mistaken(_("%(time)s is no day or time.") % {"time": text[:40] or "–"}) from error


def _before(item: IncomingItem) -> Occasion | None:
    """The occasion that an earlier version of the item became."""
    before = item.updates
    while before is not None:
        found = (
            Occasion.objects.select_for_update(of=("self",)).select_related("organisation").filter(item=before).first()
        )
        if found is not None:
            return found
        before = before.updates
    return None


def _understood(item: IncomingItem) -> Incoming:
    """The item read from its bytes again: of what came before that was kept, only they say when it is."""
    try:
        items = readers.read(house_store().read(item.sha256), item.filename, item.source.language or None)
    except (StoreError, readers.Unreadable) as error:
        raise Mistaken(str(error)) from error
    found = items[item.part] if item.part < len(items) else None
    if not isinstance(found, Incoming):
        raise Mistaken(_("Its original can no longer be read."))
    return found
