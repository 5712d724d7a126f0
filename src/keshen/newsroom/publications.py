"""Writing down that a version left the house: once for each outlet, service, edition and form."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import transaction
from django.db.models import Q

from keshen.house.events import record
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
        subject=version.text.story.urn, kind__in=("text.published", "text.corrected"), after__id=version.pk
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

    It supersedes the last publication of the same text in the same place. Event: `publication.made`.
    """
    place = {"outlet": outlet, "service": service, "edition": edition}
    with transaction.atomic():
        frozen = json.dumps(payload, sort_keys=True, ensure_ascii=False)
        before = Publication.objects.filter(version__text=version.text, **place).exclude(version=version).first()
        made, fresh = Publication.objects.get_or_create(
            version=version,
            form=form,
            **place,
            defaults={
                "payload": payload,
                "sha256": hashlib.sha256(frozen.encode()).hexdigest(),
                "responsible": responsible,
                "supersedes": before,
            },
        )
        if fresh:
            record(
                responsible,
                "publication.made",
                version.text.story.urn or "",
                organisation=version.text.story.organisation,
                after={
                    "publication": made.pk,
                    "version": version.urn,
                    "outlet": outlet,
                    "service": service.slug,
                    "edition": edition.tag if edition else None,
                    "form": form,
                },
            )
    return made
