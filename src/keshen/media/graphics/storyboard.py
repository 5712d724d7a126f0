"""From a brief and its timings to shots: the order in which a report is told on screen.

Title, then for each spoken paragraph pictures and cards by turns, then the end slate. A shot lasts 3.2 s to about 8 s.
A picture that cannot be read is left out and named in `problems`; the rest is drawn without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from keshen.media.graphics import cards
from keshen.media.graphics.backdrop import backdrop
from keshen.media.graphics.canvas import fill_raster
from keshen.media.graphics.ideas import MOST_WORDS, Idea, ideas, salient_number
from keshen.media.graphics.shots import (
    TICK_FRAMES,
    WIDTH,
    Background,
    GraphicsProblem,
    Layer,
    Motion,
    Picture,
    PictureUnreadable,
    Shot,
    TelevisionBrief,
    Timings,
    ticks_of,
)

SHORTEST = 10
USUAL = 19
TITLE_MOST = 16
SLATE = 9


@dataclass(slots=True)
class _Teller:
    """Keeps what has been used, so that pictures, cards and skylines take turns."""

    brief: TelevisionBrief
    pictures: list[Picture]
    bug: cards.Placed | None
    shots_made: int = 0
    pictures_used: int = 0
    picture_shots: int = 0

    def backdrop(self, variant: int) -> Background:
        picture = backdrop(self.brief.accent, variant % 3)
        backwards = variant % 2 == 1
        return Background(picture, start_x=picture.width - WIDTH if backwards else 0, step_x=-1 if backwards else 1)

    def photograph(self) -> Background:
        index = self.pictures_used
        self.pictures_used += 1
        near, focus = 1.085, ((0.62, 0.45), (0.38, 0.55), (0.5, 0.4))[index % 3]
        start, end = ((1.0, near), (near, 1.0))[index % 2]
        return Background(self.pictures[index % len(self.pictures)], zoom_from=start, zoom_to=end, focus=focus)

    def shot(self, name: str, ticks: int, background: Background, placed: cards.Placed | None, motion: Motion) -> Shot:
        frames = ticks * TICK_FRAMES
        layers: list[Layer] = []
        if placed:
            third = name == "picture"
            travel = 0
            if motion is Motion.RISE:
                travel = 26
            elif motion is Motion.SLIDE:
                travel = -60 if placed.x < WIDTH / 3 else 60
            enter = 14 if third else 6
            leave = frames - 10 if third and ticks > SHORTEST else frames
            layers.append(
                Layer(
                    placed.picture,
                    placed.x,
                    placed.y,
                    enter,
                    leave,
                    motion,
                    travel,
                    name="lower-third" if third else name,
                )
            )
        if self.bug and name != "slate":
            layers.append(Layer(self.bug.picture, self.bug.x, self.bug.y, 0, frames, Motion.CUT, name="bug"))
        self.shots_made += 1
        return Shot(name, ticks, background, tuple(layers))

    def card(self, told: Idea, ticks: int, slug: str) -> Shot:
        accent = self.brief.accent
        if told.quoted:
            placed = cards.quotation(told.words, "", accent, slug)
        elif told.number:
            placed = cards.figure(told.number, told.words, accent, slug)
        else:
            placed = cards.point(told.words, accent, slug)
        return self.shot("card", ticks, self.backdrop(self.shots_made), placed, Motion.RISE)

    def picture(self, ticks: int) -> Shot:
        captioned = not self.pictures or self.picture_shots % 2 == 0
        self.picture_shots += 1
        third = cards.lower_third(self.brief.headline, self.brief.place, self.brief.accent) if captioned else None
        ground = self.photograph() if self.pictures else self.backdrop(self.shots_made)
        return self.shot("picture", ticks, ground, third, Motion.SLIDE)


def _readable(
    brief: TelevisionBrief, pictures: Mapping[str, bytes], problems: list[GraphicsProblem] | None
) -> list[Picture]:
    found: list[Picture] = []
    for address in brief.pictures:
        try:
            if address not in pictures:
                raise PictureUnreadable(f"the picture {address} is not in the store")
            found.append(fill_raster(pictures[address]))
        except PictureUnreadable as problem:
            if problems is None:
                raise
            problems.append(problem)
    return found


def _windows(timings: Timings, begin: int, end: int) -> list[tuple[int, int, int]]:
    """(paragraph, first tick, ticks) that tile [begin, end): a paragraph too short for a shot joins its neighbour."""
    starts: list[tuple[int, int]] = []
    for index, (start, _stop) in enumerate(timings.paragraphs):
        tick = min(max(begin, ticks_of(start) if start else 0), end)
        if not starts:
            starts.append((index, begin))
        elif tick - starts[-1][1] >= SHORTEST and end - tick >= SHORTEST:
            starts.append((index, tick))
    if not starts:
        starts = [(0, begin)]
    bounds = [tick for _index, tick in starts[1:]] + [end]
    return [(index, tick, bound - tick) for (index, tick), bound in zip(starts, bounds, strict=True)]


def _lengths(ticks: int) -> list[int]:
    """A window cut into shots of about USUAL and never under SHORTEST ticks (unless the window itself is shorter)."""
    count = max(1, min(round(ticks / USUAL), ticks // SHORTEST))
    return [ticks * (index + 1) // count - ticks * index // count for index in range(count)]


def _told(brief: TelevisionBrief) -> list[list[Idea]]:
    """Ideas by paragraph: those of the brief dealt evenly if it has any, else found in the text beside its title."""
    if not brief.cards:
        title = brief.headline.strip(" .")
        return [
            [told for told in ideas(paragraph, brief.language) if told.words != title] for paragraph in brief.paragraphs
        ]
    count = max(1, len(brief.paragraphs))
    dealt: list[list[Idea]] = [[] for _ in range(count)]
    for index, words in enumerate(brief.cards):
        short = " ".join(words.split()[:MOST_WORDS])
        dealt[index * count // len(brief.cards)].append(Idea(short, salient_number(short)))
    return dealt


def _middle(teller: _Teller, windows: list[tuple[int, int, int]]) -> Iterator[Shot]:
    told = _told(teller.brief)
    slug = teller.brief.headline
    for index, _tick, ticks in windows:
        waiting = list(told[index]) if index < len(told) else []
        for length in _lengths(ticks):
            picture_turn = bool(teller.pictures) and teller.shots_made % 2 == 1
            if waiting and not picture_turn and length >= SHORTEST:
                yield teller.card(waiting.pop(0), length, slug)
            else:
                yield teller.picture(length)


def storyboard(
    brief: TelevisionBrief,
    timings: Timings,
    *,
    pictures: Mapping[str, bytes] | None = None,
    closing: str = "",
    logo: cards.Placed | None = None,
    problems: list[GraphicsProblem] | None = None,
) -> list[Shot]:
    """The shots of a report; their ticks add up to ``timings.ticks`` exactly.

    `pictures` holds picture files by the addresses in ``brief.pictures``; ``brief.service``, if any, is written in the
    bug and on the slate, `closing` below it there; `logo` stands in place of the bug. With a list in `problems`,
    unreadable pictures are named there; without, the first one raises PictureUnreadable. Raises FontMissing when no
    font has the script.
    """
    service = brief.service
    bug = logo or (cards.bug(service, brief.accent) if service else None)
    teller = _Teller(brief, _readable(brief, pictures or {}, problems), bug)
    total = timings.ticks
    slate = SLATE if total >= SHORTEST * 2 + SLATE else 0
    spoken = ticks_of(timings.paragraphs[0][0] + 1.6) if timings.paragraphs else TITLE_MOST
    opening = min(max(SHORTEST, min(spoken, TITLE_MOST)), total - slate)
    if total - slate - opening < SHORTEST:
        opening = total - slate
    ground = teller.photograph() if teller.pictures else teller.backdrop(0)
    heading = cards.title(brief.headline, brief.place, brief.accent, service)
    shots = [teller.shot("title", opening, ground, heading, Motion.RISE)]
    if opening < total - slate:
        shots.extend(_middle(teller, _windows(timings, opening, total - slate)))
    if slate:
        closing_slate = cards.end_slate(service, brief.accent, closing)
        shots.append(teller.shot("slate", slate, teller.backdrop(teller.shots_made), closing_slate, Motion.FADE))
    return shots
