"""Which languages are there before something airs: sound and captions of every entry to come, and what stands in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from keshen.air import clock
from keshen.air.audiences import offers
from keshen.air.models import Entry, Slot
from keshen.air.serving import load
from keshen.house.models import Service, in_language
from keshen.media.houseformat import TICKS_PER_HOUR, datetime_at
from keshen.media.models import Asset, Track

LATE_TICKS: Final = 2 * TICKS_PER_HOUR
"""What is not there two hours before it airs is late."""
SPOKEN: Final = (Entry.Kind.PROGRAMME.value, Entry.Kind.ITEM.value)
"""The kinds of entries that have words; music, idents and fillers have none to miss."""


class State(StrEnum):
    """How a language of an entry stands, the worst last."""

    READY = "ready"
    MACHINE = "machine"
    COMING = "coming"
    MISSING = "missing"
    LATE = "late"

    @property
    def label(self) -> str | Promise:
        return LABELS[self]


LABELS: Final[Mapping[State, Any]] = {
    State.READY: _("there"),
    State.MACHINE: _("by machine"),
    State.COMING: _("on its way"),
    State.MISSING: _("missing"),
    State.LATE: _("late"),
}
MARKS: Final[Mapping[State, str]] = {
    State.READY: "✓",
    State.MACHINE: "⚙",
    State.COMING: "◷",
    State.MISSING: "○",
    State.LATE: "!",
}
_ORDER: Final = list(State)


@dataclass(frozen=True, slots=True)
class Cell:
    """One language of one entry; `instead` is the language that stands in for it, empty for none or any."""

    language: str
    state: State
    instead: str = ""

    @property
    def label(self) -> Any:
        return LABELS[self.state]

    @property
    def mark(self) -> str:
        return MARKS[self.state]

    @property
    def said(self) -> str:
        return f"{self.language}{self.mark}" + (f"→{self.instead}" if self.instead else "")


@dataclass(frozen=True, slots=True)
class Row:
    """One entry to come: when, what, and each language of the service's sound and captions."""

    start: int
    at: datetime
    title: str
    asset: int
    planned: bool
    sounds: tuple[Cell, ...]
    captions: tuple[Cell, ...]

    @property
    def worst(self) -> State:
        """The worst state of a language of the sound; captions may be missing without being late."""
        return max((cell.state for cell in self.sounds), key=_ORDER.index, default=State.READY)

    def to_json(self) -> dict[str, Any]:
        made = asdict(self)
        made["at"] = self.at.isoformat()
        return made


def cells(
    wanted: Iterable[str],
    there: Mapping[str, bool],
    declared: Mapping[str, tuple[str, ...]],
    order: tuple[str, ...],
    *,
    coming: bool,
    late: bool,
) -> tuple[Cell, ...]:
    """How each wanted language stands.

    `there` maps the languages an asset has to whether a machine made them; the empty one is for everybody (music,
    natural sound). `declared` and `order` are what stands in (`offers.stand_ins`).
    """
    found = []
    for tag in wanted:
        if tag in there or "" in there:
            found.append(Cell(tag, State.MACHINE if there.get(tag) else State.READY))
            continue
        others = offers.stand_ins(declared, tag, order)
        instead = next((one for one in others if one in there), next(iter(there), ""))
        state = State.COMING if coming and not late else State.LATE if late else State.MISSING
        found.append(Cell(tag, state, instead))
    return tuple(found)


def board(service: Service, hours: float = 24) -> list[Row]:
    """What comes in the next hours, entry by entry, as far as it is laid or planned."""
    now = clock.tick()
    until = now + round(hours * TICKS_PER_HOUR)
    ahead = [
        (row.start_tick, row.asset_id, row.kind, row.titles or row.slot_titles, False)
        for row in Entry.objects.filter(
            service=service, state=Entry.State.LAID, end_tick__gt=now, start_tick__lt=until
        )
    ]  # fmt: skip
    settled = max((start for start, *_rest in ahead), default=now)
    for slot in Slot.objects.filter(service=service, end_tick__gt=settled, start_tick__lt=until):
        ahead += [
            (start, asset, kind, titles or slot.titles, True)
            for start, _ticks, asset, _asset_tick, kind, titles in slot.parts
            if settled < start < until
        ]
    ahead = [one for one in ahead if one[2] in SPOKEN]
    assets = {one.pk: one for one in Asset.objects.filter(pk__in={one[1] for one in ahead}).prefetch_related("tracks")}
    declared, offered = load.stand_ins(service), load.offered(service)
    rows = []
    for start, number, _kind, titles, planned in ahead:
        asset = assets.get(number)
        if asset is None:
            continue
        late, coming = start - now < LATE_TICKS, asset.state == Asset.State.PREPARING
        sounds = _tracks(asset, Track.Kind.AUDIO)
        words = _tracks(asset, Track.Kind.CAPTIONS)
        rows.append(
            Row(
                start,
                timezone.localtime(datetime_at(start)),
                in_language(titles) or asset.title,
                asset.pk,
                planned,
                cells(offered.sounds, sounds, declared, offered.sounds, coming=coming, late=late),
                cells(offered.captions, words, declared, (), coming=coming, late=False),
            )
        )
    return rows


def _tracks(asset: Asset, kind: str) -> dict[str, bool]:
    """The languages of an asset's tracks of a kind, with whether a machine made them."""
    return {track.language: track.machine for track in asset.tracks.all() if track.kind == kind}
