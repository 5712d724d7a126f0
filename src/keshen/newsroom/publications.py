"""Writing down that a version left the house: once for each outlet, service, edition and form."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import transaction

from keshen.house.events import record
from keshen.house.models import Edition, Service, User
from keshen.newsroom.models import Publication, Version


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
