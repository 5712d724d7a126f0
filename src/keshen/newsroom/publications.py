"""Writing down that a version left the house: once for each outlet, service, edition and form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q

from keshen.house.events import record_all
from keshen.house.models import Edition, Event, Service, User
from keshen.newsroom.models import Publication, Text, Version


def out_with(subject: str) -> list[Version]:
    """The versions readers have of a story, or of the stories that show a picture, by its URN."""
    out = Version.objects.filter(pk__in=Text.objects.filter(story__killed_at=None).values("published"))
    shown = Q(pictures__contains=[{"asset": subject}]) | Q(body__contains={"content": [{"attrs": {"asset": subject}}]})
    return list(out.filter(Q(text__story__urn=subject) | shown).select_related("text__story__organisation", "author"))


def responsible_for(version: Version) -> User:
    """The editor who published the version or corrected with it; its author when that was nobody's act."""
    acts = Event.objects.filter(
        subject=version.text.story.urn,
        kind__in=("text.published", "text.corrected", "text.held", "text.released"),
        after__id=version.pk,
    )
    act = acts.select_related("actor__organisation").first()
    return act.actor if act else version.author


def publish(
    version: Version,
    *,
    outlet: str,
    service: Service,
    edition: Edition | None,
    form: str,
    payload: dict[str, Any],
    responsible: User,
) -> Publication:
    """The publication of `version` in this form, made now or found: a job that runs twice publishes once.

    It supersedes the last publication of the same text in the same place. Event: `publication.made`. The caller holds
    the story's lock, as everybody does who lets a version out.
    """
    made = publish_in(
        version,
        [edition],
        outlet=outlet,
        service=service,
        form=form,
        payload=lambda _edition: payload,
        responsible=responsible,
    )
    return made[edition.pk if edition else None]


@transaction.atomic(savepoint=False)
def publish_in(
    version: Version,
    editions: Iterable[Edition | None],
    *,
    outlet: str,
    service: Service,
    form: str,
    payload: Callable[[Edition | None], dict[str, Any]],
    responsible: User,
) -> dict[int | None, Publication]:
    """`publish` in several editions together, by the edition's id; only what is not there yet is made.

    Four statements for however many editions.
    """
    place = {"outlet": outlet, "service": service}
    known = {made.edition_id: made for made in Publication.objects.filter(version=version, form=form, **place)}
    missing = [edition for edition in editions if (edition.pk if edition else None) not in known]
    if not missing:
        return known
    earlier = Publication.objects.filter(version__text=version.text, **place).exclude(version=version)
    before = dict(
        earlier.order_by("edition_id", "-id").distinct("edition_id").values_list("edition_id", "pk"),
    )
    fresh = []
    for edition in missing:
        frozen = payload(edition)
        words = json.dumps(frozen, sort_keys=True, ensure_ascii=False)
        fresh.append(
            Publication(
                version=version,
                outlet=outlet,
                service=service,
                edition=edition,
                form=form,
                payload=frozen,
                sha256=hashlib.sha256(words.encode()).hexdigest(),
                responsible=responsible,
                supersedes_id=before.get(edition.pk if edition else None),
            )
        )
    Publication.objects.bulk_create(fresh)
    record_all(_made(publication) for publication in fresh)
    return known | {publication.edition_id: publication for publication in fresh}


def _made(publication: Publication) -> Event:
    story = publication.version.text.story
    return Event(
        actor=publication.responsible,
        kind="publication.made",
        subject=story.urn or "",
        organisation_id=story.organisation_id,
        after={
            "publication": publication.pk,
            "version": publication.version.urn,
            "outlet": publication.outlet,
            "service": publication.service.slug,
            "edition": publication.edition.tag if publication.edition else None,
            "form": publication.form,
        },
    )
