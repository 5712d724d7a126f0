"""What came becomes items, each once, whatever the source repeats, rewinds or renames; what cannot be read waits.

An item is known again by its own bytes, else by the sender's name for it and its version, else by what it says. An item
with a known name that says something newer is an update of the one before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import User
from keshen.house.phrases import as_phrase, phrase
from keshen.language.stemming import tokens
from keshen.media.store import house_store
from keshen.newsroom import body as bodies
from keshen.newsroom import ingest, quarantine, readers
from keshen.newsroom.content import Content, ContentError
from keshen.newsroom.models import Quarantine
from keshen.newsroom.readers import Incoming, Status, Unreadable
from keshen.wire.intake import pictures, route, sameness
from keshen.wire.intake.channels import CHANNELS, Message, Refusal
from keshen.wire.intake.models import IncomingItem, Source
from keshen.wire.intake.pieces import digest, pieces

ORIGIN = "source"
RECEIVE_LOCK = 0x574952
SAME_WORDS_WITHIN = timedelta(days=7)
MOST_ITEMS = 5000
_NUMBER = re.compile(r"\d{1,18}")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one item of a message: new, update, known or quarantined; `item` or `held` says which."""

    outcome: str
    item: IncomingItem | None = None
    held: Quarantine | None = None

    def to_json(self) -> dict[str, Any]:
        made: dict[str, Any] = {"outcome": self.outcome}
        if self.item is not None:
            made |= {"item": self.item.pk, "headline": self.item.headline, "language": self.item.language}
            made |= {"state": self.item.state, "warnings": self.item.warned}
        if self.held is not None:
            made |= {"quarantine": self.held.pk, "reason": self.held.why, "remedy": self.held.what_to_do}
        return made


def receive(source: Source, message: Message) -> list[Received]:
    """Take in a message from a source. One bad item never costs the others.

    Raises StoreError when the bytes cannot be kept: then nothing was taken, and the source is asked again.
    """
    house = User.objects.system()
    sha256 = digest(message.data)
    try:
        items: Sequence[Incoming | Unreadable] = readers.read(message.data, message.name, source.language or None)
    except Unreadable as error:
        return [_hold(house, source, message, sha256, error, None, sha256)]
    if len(items) > MOST_ITEMS:
        error = Unreadable(
            phrase("The message has %(count)d items.", count=len(items)),
            phrase("Send at most %(most)d at once.", most=MOST_ITEMS),
        )
        return [_hold(house, source, message, sha256, error, None, sha256)]
    marks = pieces(message.data, list(items))
    known = _seen_before(source, marks)
    results: list[Received] = []
    for part in _in_order(source, items):
        item, mark = items[part], marks[part]
        if mark in known:
            results.append(Received("known", known[mark]))
            continue
        if isinstance(item, Unreadable):
            results.append(_hold(house, source, message, sha256, item, part, mark))
            continue
        keep = partial(house_store().put, message.data)
        try:
            results.append(
                take_in(house, source, item, keep, filename=message.name, sha256=sha256, part=part, piece=mark)
            )
        except (ContentError, bodies.BodyError) as error:
            bad = Unreadable(as_phrase(error), quarantine.MEND)
            results.append(_hold(house, source, message, sha256, bad, part, mark))
    return results


def refuse(source: Source, refusal: Refusal) -> Received:
    """Put on record that something was there and was not fetched."""
    held = quarantine.hold(
        User.objects.system(),
        refusal.name,
        "",
        0,
        refusal.reason,
        refusal.remedy,
        origin=f"{ORIGIN}:{source.slug}",
        key=digest(f"{refusal.name} {refusal.reason}".encode()),
        organisation=source.organisation,
    )
    return Received("quarantined", held=held.quarantine)


def _in_order(source: Source, items: Sequence[Incoming | Unreadable]) -> list[int]:
    """Oldest first, so that what is newest in a feed is newest on the desk; feeds begin with their newest."""
    order = range(len(items) - 1, -1, -1) if CHANNELS[source.channel].repeats else range(len(items))

    def when(part: int) -> float:
        item = items[part]
        return item.date.timestamp() if isinstance(item, Incoming) and item.date else 0.0

    if all(isinstance(item, Unreadable) or item.date for item in items):
        return sorted(order, key=when)
    return list(order)


def _seen_before(source: Source, marks: Sequence[str]) -> dict[str, IncomingItem]:
    found = IncomingItem.objects.filter(source=source, piece__in=marks).defer("content", "words", "why", "beside")
    return {item.piece: item for item in found}


def _hold(
    house: User, source: Source, message: Message, sha256: str, error: Unreadable, part: int | None, mark: str
) -> Received:
    origin = f"{ORIGIN}:{source.slug}"
    if message.data and not Quarantine.objects.filter(origin=origin, key=mark).exists():
        house_store().put(message.data)
    held = quarantine.hold(
        house,
        message.name,
        sha256 if message.data else "",
        len(message.data),
        error,
        error.remedy,
        part=part,
        origin=origin,
        key=mark,
        organisation=source.organisation,
    )
    return Received("quarantined", held=held.quarantine)


@action
def take_in(
    actor: User,
    source: Source,
    item: Incoming,
    keep: Callable[[], object],
    *,
    filename: str,
    sha256: str,
    part: int,
    piece: str,
) -> Received:
    """One understood item: new, an update of one before, or known. New ones are routed. Event: `item.received`.

    `keep` stores the message's bytes; it is called only for what is new. Raises ContentError, `body.BodyError` or
    StoreError.
    """
    permit(actor, "wire.receive", source)
    content = _with_terms(ingest.content_from(item), source)
    fingerprint = sameness.fingerprint(item, content)
    _one_at_a_time(source)
    before = _named(source, item.identifiers)
    if before is not None and not _is_newer(item, fingerprint, before, source):
        return Received("known", before)
    if before is None and (same := _same_words(source, fingerprint, item.language)) is not None:
        same.identifiers = list(dict.fromkeys([*same.identifiers, *_names(item)]))
        same.save(update_fields=["identifiers"])
        return Received("known", same)
    if any(f":{settings.KESHEN_AUTHORITY}:" in name for name in item.identifiers):
        return Received("known")  # our own story, on its way back from another house
    keep()
    made = IncomingItem.objects.create(
        source=source,
        organisation=source.organisation,
        sha256=sha256,
        part=part,
        piece=piece,
        filename=filename[:300],
        format=item.format[:30],
        kind=item.kind.value,
        identifiers=_names(item),
        version=item.version[:100],
        sent_at=item.date,
        fingerprint=fingerprint,
        language=item.language,
        headline=content.headline,
        content=content.to_json(),
        words=" ".join(
            tokens(" ".join([content.headline, content.dateline, *bodies.paragraphs(content.body)]), item.language)
        ),
        credit=(item.credit or item.source or source.name)[:200],
        places=[place[:200] for place in item.places],
        beside=sameness.beside(item),
        pictures=[_picture(picture) for picture in item.pictures if picture.href],
        warnings=list(item.warnings),
        said=[as_phrase(warning).to_json() for warning in item.warnings],
        withdrawn=is_withdrawn(item),
        updates=before,
        same_as=_elsewhere(source, fingerprint, item.language),
    )
    record(
        actor,
        "item.received",
        made.urn,
        organisation=source.organisation,
        after={"source": source.slug, "headline": made.headline, "language": made.language, "sha256": sha256},
    )
    if before is not None and before.state == IncomingItem.State.NEW:
        before.state = IncomingItem.State.REPLACED
        before.save(update_fields=["state"])
    pictures.ask_for(actor, made)
    route.send(actor, made)
    Source.objects.filter(pk=source.pk).update(item_at=timezone.now())
    return Received("update" if before else "new", made)


def is_withdrawn(item: Incoming) -> bool:
    """Whether the sender takes the item back."""
    return item.status is Status.CANCELED


def _with_terms(content: Content, source: Source) -> Content:
    """What comes from a source is under the source's own terms too."""
    return replace(content, restrictions=tuple(dict.fromkeys([*content.restrictions, *source.restrictions])))


def _names(item: Incoming) -> list[str]:
    return [name[:500] for name in dict.fromkeys(item.identifiers)]


def _picture(picture: Any) -> dict[str, Any]:
    made = asdict(picture)
    return {name: made.get(name, "") for name in ("href", "headline", "caption", "alt", "credit")} | {
        "restrictions": list(made.get("restrictions", ()))
    }


def _one_at_a_time(source: Source) -> None:
    """Of two that bring the same item of a source at once, the second finds it known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [RECEIVE_LOCK, source.pk])


def _named(source: Source, names: Sequence[str]) -> IncomingItem | None:
    """The latest item of the source under one of these names."""
    if not names:
        return None
    return IncomingItem.objects.filter(source=source, identifiers__overlap=list(names)).order_by("-id").first()


def _same_words(source: Source, fingerprint: str, language: str) -> IncomingItem | None:
    """The same words under another name: some feeds name everything anew at every look."""
    found = IncomingItem.objects.filter(source=source, fingerprint=fingerprint, language=language)
    return found.filter(received_at__gt=timezone.now() - SAME_WORDS_WITHIN).order_by("-id").first()


def _elsewhere(source: Source, fingerprint: str, language: str) -> IncomingItem | None:
    """The same words from another source of the same house: shown as such, since its terms may differ."""
    found = IncomingItem.objects.filter(
        organisation=source.organisation, fingerprint=fingerprint, language=language, same_as=None
    ).exclude(source=source)
    return found.filter(received_at__gt=timezone.now() - SAME_WORDS_WITHIN).order_by("id").first()


def _is_newer(item: Incoming, fingerprint: str, before: IncomingItem, source: Source) -> bool:
    """Whether this is more than what came before under the name: a feed that rewinds brings nothing new.

    A numbered version decides; else the sender's date; else the words, which must be none that came before.
    """
    if is_withdrawn(item) != before.withdrawn:
        return is_withdrawn(item) or _is_later(item, before) is not False
    if fingerprint == before.fingerprint and item.language == before.language:
        return False
    later = _is_later(item, before)
    if later is not None:
        return later
    chain = IncomingItem.objects.filter(source=source, identifiers__overlap=list(item.identifiers))
    return not chain.filter(fingerprint=fingerprint, language=item.language).exists()


def _is_later(item: Incoming, before: IncomingItem) -> bool | None:
    """By version, else by date; None where neither tells."""
    version = item.version
    if _NUMBER.fullmatch(version) and _NUMBER.fullmatch(before.version) and int(version) != int(before.version):
        return int(version) > int(before.version)
    if item.date and before.sent_at and item.date != before.sent_at:
        return item.date > before.sent_at
    return None


def _reread(actor: User, held: Quarantine, language: str | None) -> list[Received]:
    """Quarantine's other try, for what a source brought."""
    source = Source.objects.select_related("organisation").get(slug=held.origin.partition(":")[2])
    house = User.objects.system()
    return [
        take_in(
            house,
            source,
            item,
            lambda: held.sha256,
            filename=held.filename,
            sha256=held.sha256,
            part=part,
            piece=held.key,
        )
        for part, item in quarantine.read_held(held, language)
    ]


def summary(results: Sequence[Received]) -> dict[str, int]:
    """How many of each outcome."""
    return dict(Counter(result.outcome for result in results))


quarantine.reread_with(ORIGIN, _reread)
