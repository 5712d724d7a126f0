"""The verbs on sources: add, change, pause, resume, a new key, and having one looked at now."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Desk, Organisation, User
from keshen.wire.intake.channels import CHANNELS
from keshen.wire.intake.models import Source

SHORTEST, LONGEST = 5, 86_400
"""Seconds between looks."""
CHANGEABLE = frozenset(
    {"name", "address", "username", "secret", "settings", "desk", "language", "restrictions", "every"}
)


class Mistaken(ValueError):
    """What was asked for cannot be; the message says why and what to do."""


def add_source(
    actor: User,
    name: str,
    channel: str,
    address: str = "",
    *,
    slug: str = "",
    organisation: Organisation | None = None,
    username: str = "",
    secret: str = "",
    settings: Mapping[str, Any] | None = None,
    desk: Desk | None = None,
    language: str = "",
    restrictions: Sequence[str] = (),
    every: int = 60,
) -> tuple[Source, str]:
    """A new source, looked at from now on; one that sends gets a key, returned this once. Event: `source.added`.

    Raises Mistaken for an address the house may not go to, and what else nobody could mean.
    """
    permit(actor, "wire.sources")
    source = Source(
        slug=slug or slugify(name) or f"source-{secrets.token_hex(3)}",
        name=name.strip(),
        channel=channel,
        address=address.strip(),
        username=username,
        secret=secret,
        settings=dict(settings or {}),
        organisation=organisation or actor.organisation,
        desk=desk,
        language=language,
        restrictions=[line.strip() for line in restrictions if line.strip()],
        every=every,
    )
    _check(source)  # outside the transaction: names are resolved
    return _add(actor, source)


@action
def _add(actor: User, source: Source) -> tuple[Source, str]:
    if Source.objects.filter(slug=source.slug).exists():
        raise Mistaken(_("There is a source %(slug)s already. Choose another name.") % {"slug": source.slug})
    key = ""
    if source.is_looked_at:
        source.next_at = timezone.now()
    else:
        key = secrets.token_urlsafe(32)
        source.key_sha256 = hash_of(key)
    source.save()
    record(actor, "source.added", source.urn, organisation=source.organisation, after=_facts(source))
    return source, key


def change(actor: User, source: Source, **values: Any) -> Source:
    """Change a source, as it is named in `CHANGEABLE`; its next look is at once. Event: `source.changed`.

    Raises Mistaken.
    """
    permit(actor, "wire.sources", source)
    if unknown := set(values) - CHANGEABLE:
        raise Mistaken(_("A source has no %(name)s that could be changed.") % {"name": min(unknown)})
    changed = Source.objects.select_related("organisation", "desk").get(pk=source.pk)
    before = _facts(changed)
    elsewhere = values.get("address", changed.address) != changed.address
    for name, value in values.items():
        setattr(changed, name, value)
    _check(changed)
    return _change(actor, changed, before, elsewhere)


@action
def _change(actor: User, source: Source, before: dict[str, Any], elsewhere: bool) -> Source:
    locked = Source.objects.select_for_update(of=("self",)).get(pk=source.pk)
    source.fence = locked.fence + 1  # who looks at the old address writes nothing any more
    source.cursor = {} if elsewhere else locked.cursor
    source.failures, source.reason = 0, ""
    source.state = locked.state
    source.next_at = timezone.now() if source.is_looked_at and source.state == Source.State.ACTIVE else None
    source.save(update_fields=[*CHANGEABLE, "fence", "cursor", "failures", "reason", "next_at"])
    record(actor, "source.changed", source.urn, organisation=source.organisation, before=before, after=_facts(source))
    return source


@action
def pause(actor: User, source: Source, reason: str) -> None:
    """Look no more, and take nothing it sends. Event: `source.paused`. Raises Mistaken without a reason."""
    permit(actor, "wire.look", source)
    if not reason.strip():
        raise Mistaken(_("Say why: the next shift reads it."))
    _set(actor, source, "source.paused", state=Source.State.PAUSED, reason=reason, next_at=None)


@action
def resume(actor: User, source: Source) -> None:
    """Look again from now on. Event: `source.resumed`."""
    permit(actor, "wire.look", source)
    _set(actor, source, "source.resumed", state=Source.State.ACTIVE, reason="", failures=0, next_at=timezone.now())


@action
def look_soon(actor: User, source: Source) -> None:
    """Have it looked at now rather than when it is due. Event: `source.hurried`."""
    permit(actor, "wire.look", source)
    if source.state == Source.State.ACTIVE:
        _set(actor, source, "source.hurried", next_at=timezone.now())


@action
def new_key(actor: User, source: Source) -> str:
    """A new key for a source that sends, returned this once; the old one opens nothing any more.

    Event: `source.key_changed`. Raises Mistaken for a source the house looks at.
    """
    permit(actor, "wire.sources", source)
    if source.is_looked_at:
        raise Mistaken(_("The house goes and looks at this source; it needs no key."))
    key = secrets.token_urlsafe(32)
    _set(actor, source, "source.key_changed", key_sha256=hash_of(key))
    return key


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def source_for_key(key: str) -> Source | None:
    """Whose key it is."""
    rows = Source.objects.select_related("organisation", "desk")
    return rows.filter(key_sha256=hash_of(key)).first() if key else None


def _set(actor: User, source: Source, event: str, **values: Any) -> None:
    for name, value in values.items():
        setattr(source, name, value)
    source.save(update_fields=list(values))
    record(actor, event, source.urn, organisation=source.organisation, reason=str(values.get("reason", "")))


def _check(source: Source) -> None:
    if source.channel not in CHANNELS:
        raise Mistaken(
            _("No such way in: %(name)s. There are: %(all)s.") % {"name": source.channel, "all": ", ".join(CHANNELS)}
        )
    if not source.name:
        raise Mistaken(_("A source needs a name."))
    if not SHORTEST <= source.every <= LONGEST:
        raise Mistaken(_("Between two looks lie %(least)d to %(most)d seconds.") % {"least": SHORTEST, "most": LONGEST})
    if unknown := set(source.settings) - set(CHANNELS[source.channel].settings):
        known = ", ".join(CHANNELS[source.channel].settings) or "–"
        raise Mistaken(
            _("This way in has no setting %(name)s. It has: %(all)s.") % {"name": min(unknown), "all": known}
        )
    check = CHANNELS[source.channel].check
    if check is not None:
        try:
            check(source.spec)
        except ValueError as problem:
            raise Mistaken(str(problem)) from problem


def _facts(source: Source) -> dict[str, Any]:
    """What the log says of it: never what lets us in."""
    names = ("name", "channel", "address", "username", "language", "restrictions", "every")
    return {name: getattr(source, name) for name in names} | {"desk": source.desk.slug if source.desk else ""}
