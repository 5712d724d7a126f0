"""Has the house this already? Told by the bytes, by the sender's name and version for it, or by its words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from django.db.models import Q, QuerySet

from keshen.house.models import User
from keshen.newsroom.content import Content
from keshen.newsroom.listing import seen_by
from keshen.newsroom.models import Identifier, Kept, Original, Text
from keshen.newsroom.readers import Incoming, Status


class Standing(Enum):
    """How what came in stands to what the house has."""

    SAME = auto()
    OLDER = auto()
    NEWER = auto()


@dataclass(frozen=True)
class Known:
    """The text that an item already became, and whether the item is the same, an older or a newer version of it."""

    text: Text
    standing: Standing


def recognise(actor: User, sha256: str, part: int, content: Content, item: Incoming) -> Known | None:
    """The text this item already became, or None.

    Only among the stories the actor may see: a partner does not learn here what others have. A sender's name for the
    item decides before its words do; only the first name does, since others may be of the story in all its languages.
    """
    stories = seen_by(actor)
    originals = Original.objects.select_related("text__story").filter(story__in=stories)
    same_bytes = originals.filter(sha256=sha256, part=part).first()
    if same_bytes:
        return Known(same_bytes.text, Standing.SAME)
    named = _named(originals, item)
    if named:
        return Known(named[-1].text, _standing(named, content, item))
    if item.identifier:
        known = Identifier.objects.filter(story__in=stories).filter(_is_name(item, "value")).first()
        if known and not Original.objects.filter(story=known.story).exclude(identifier="").exists():
            return Known(known.story.texts.get(is_source=True), Standing.SAME)
    if item.status is Status.CANCELED:
        return None
    same_words = originals.filter(fingerprint=content.fingerprint(), text__language=item.language).first()
    return Known(same_words.text, Standing.SAME) if same_words else None


def _named(originals: QuerySet[Original], item: Incoming) -> list[Original]:
    """Everything its sender sent under this name, oldest first."""
    return list(originals.filter(_is_name(item, "identifier")).order_by("pk")) if item.identifier else []


def _is_name(item: Incoming, field: str) -> Q:
    """Where a name is no URI, it counts only from the same source: two feeds may both have a number 17."""
    name = Q(**{field: item.identifier[:500]})
    return name if ":" in item.identifier else name & Q(story__source=item.source)


def _standing(before: list[Original], content: Content, item: Incoming) -> Standing:
    """Newer, older or the same: by the sender's version numbers, then by its times, then by the words."""
    order = _order(before, item)
    if order is Standing.OLDER:
        return order
    same_words = content.fingerprint() in {original.fingerprint for original in before}
    last_words = content.fingerprint() == before[-1].fingerprint
    if item.status is Status.CANCELED:
        return Standing.NEWER
    if last_words or (same_words and order is not Standing.NEWER):
        return Standing.SAME
    return Standing.NEWER


def _order(before: list[Original], item: Incoming) -> Standing:
    numbers = [int(original.sender_version) for original in before if original.sender_version.isdigit()]
    if numbers and item.version.isascii() and item.version.isdigit() and int(item.version) != max(numbers):
        return Standing.NEWER if int(item.version) > max(numbers) else Standing.OLDER
    times = [original.sent_at for original in before if original.sent_at]
    if times and item.date and item.date != max(times):
        return Standing.NEWER if item.date > max(times) else Standing.OLDER
    return Standing.SAME


def kept_before(actor: User, sha256: str, part: int, item: Incoming) -> Kept | None:
    """The same item that was kept before, by its bytes or by its sender's name and version."""
    rows = Kept.objects.filter(organisation=actor.organisation)
    same = rows.filter(sha256=sha256, part=part).first()
    if same or not (item.identifier and item.version):
        return same
    return rows.filter(identifier=item.identifier[:500], sender_version=item.version[:60], kind=item.kind).first()
