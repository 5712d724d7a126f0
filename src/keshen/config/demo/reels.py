"""The demo's moving pieces: idents, bulletin opens and closes, fillers, and the film. All told in shots.

A reel is built when it is made; its key names it for good, so that making it again is found to be done.
"""

# ruff: noqa: E501  tables of words read better whole
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from keshen.config.demo import sound
from keshen.config.demo.pictures import drawn
from keshen.config.demo.pictures.paint import TALL, WIDE
from keshen.config.demo.services import DALA, NEWS, SERVICES, Names, ServiceRow, names
from keshen.config.demo.sound import Stereo
from keshen.media.graphics import Background, Layer, Motion, Picture, Shot
from keshen.media.graphics.backdrop import backdrop
from keshen.media.graphics.canvas import block, draw, gradient, svg, text
from keshen.media.graphics.cards import CAPTION_TOP, bug, end_slate
from keshen.media.graphics.ornament import rosette
from keshen.media.graphics.palette import FELT, INK, STONE, on_dark
from keshen.media.graphics.shots import HEIGHT, SAFE_X, TICK_FRAMES, TICK_SECONDS, WIDTH
from keshen.media.graphics.typeset import fit, width

WORDS_TOP = 320
"""Words over a scene have their darkness from here down, so that nothing above it needs to be blended."""


@dataclass(frozen=True, slots=True)
class Take:
    """A reel as made: its shots (none for radio), its sound, and captions by language tag as (tick, ticks, line)."""

    ticks: int
    sound: Stereo
    shots: Sequence[Shot] = ()
    captions: Mapping[str, Sequence[tuple[int, int, str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reel:
    """One piece: what it is on the shelf (`role`, see air.models.Stock), of which service ("" for all), in which order.

    `urgent` reels are made before the house opens, the rest afterwards, the smaller `position` first.
    """

    key: str
    role: str
    build: Callable[[], Take]
    titles: Names
    service: str = ""
    programmes: str = ""
    position: int = 0
    urgent: bool = False


def _scene(name: str, ticks: int, layers: Sequence[Layer] = (), *, backwards: bool = False) -> Shot:
    """A picture of the demo, panned a pixel a frame for as long as it is wide."""
    spare = WIDE - WIDTH
    if ticks * TICK_FRAMES + 10 > spare:
        raise ValueError(f"the scene {name} is too long to be panned")
    ground = Background(
        Picture(drawn(name), WIDE, TALL), start_x=spare if backwards else 0, start_y=112, step_x=-1 if backwards else 1
    )
    return Shot(name, ticks, ground, tuple(layers))


def _words(line: str, source: str, accent: str) -> Picture:
    """Words over a scene: low on the left, on a soft darkness, above the captions."""
    bright, tall = on_dark(accent), HEIGHT - WORDS_TOP
    fitted = fit(line, (48, 44, 40, 36), 600, 980, 190, lines=3, leading=1.24)
    below = 38 if source else 0
    bottom = CAPTION_TOP - 18 - below
    top = bottom - fitted.height
    parts = [f'<rect y="{WORDS_TOP}" width="{WIDTH}" height="{tall}" fill="url(#low)"/>',
             f'<rect x="{SAFE_X}" y="{top + 6}" width="6" height="{fitted.height + below - 8}" fill="{bright}"/>',
             block(fitted, SAFE_X + 28, top, fill=FELT, weight=600)]  # fmt: skip
    if source:
        parts.append(text(source, SAFE_X + 28, bottom + 28, 22, fill=bright, weight=600))
    shade = gradient("low", [(0, INK, 0), (0.55, INK, 0.62), (1, INK, 0.86)])
    body = f'<g transform="translate(0 {-WORDS_TOP})">{"".join(parts)}</g>'
    return draw(svg(body, WIDTH, tall, shade), WIDTH, tall)


def _over(picture: Picture, ticks: int, *, enter: int = 16) -> Layer:
    return Layer(picture, 0, WORDS_TOP, enter, ticks * TICK_FRAMES - 8, Motion.FADE, name="words")


def _bug(service: ServiceRow, ticks: int) -> Layer:
    placed = bug(service.name["en"], service.accent)
    return Layer(placed.picture, placed.x, placed.y, 0, ticks * TICK_FRAMES, Motion.CUT, name="bug")


def _filler(service: ServiceRow, scenes: Sequence[str], lines: Sequence[tuple[str, str]], music: str) -> Take:
    ticks = 36
    shots = [
        _scene(name, ticks, [_over(_words(line, source, service.accent), ticks), _bug(service, ticks)],
               backwards=bool(index % 2))
        for index, (name, (line, source)) in enumerate(zip(scenes, lines, strict=True))
    ]  # fmt: skip
    total = ticks * len(shots)
    return Take(total, sound.repeated(music, total * TICK_SECONDS), shots)


def _ident(service: ServiceRow, ticks: int, name: str, below: str, tune: str) -> Take:
    """The rosette, then the name, then the line, over the steppe in the service's light."""
    bright = on_dark(service.accent)
    figure = draw(svg(rosette(150, 150, 290, stroke=bright, weight=5), 300, 300), 300, 300)
    size = fit(name, (76, 64, 52), 700, 1000, 120, lines=1).size
    word = _centred(name, size, 700, FELT, 120)
    line = _centred(below, 28, 500, bright, 50)
    end = ticks * TICK_FRAMES
    layers = (
        Layer(figure, 490, 110, 4, end, Motion.FADE, name="rosette"),
        Layer(word, 40, 416, 22, end, Motion.RISE, 26, name="name"),
        Layer(line, 40, 536, 36, end, Motion.FADE, name="line"),
    )
    ground = Background(backdrop(service.accent, 1), start_x=120, step_x=1)
    shot = Shot("ident", ticks, ground, layers)
    return Take(ticks, _fitted(sound.ident(tune), ticks), (shot,))


def _centred(words: str, size: int, weight: int, fill: str, height: int) -> Picture:
    """One line in the middle of a strip 1200 wide."""
    x = 600 - width(words, size, weight) / 2.04
    return draw(svg(text(words, x, height * 0.74, size, fill=fill, weight=weight), 1200, height), 1200, height)


def _close(service: ServiceRow) -> Take:
    ticks = 9
    placed = end_slate(service.name["en"], service.accent, service.line[service.languages[0]])
    layer = Layer(placed.picture, 0, 0, 0, ticks * TICK_FRAMES, Motion.FADE, name="slate")
    ground = Background(backdrop(service.accent, 2), step_x=1)
    tune = _fitted(sound.ident("news")[: round(3.0 * sound.RATE)], ticks)
    return Take(ticks, tune, (Shot("close", ticks, ground, (layer,)),))


def _fitted(samples: Stereo, ticks: int) -> Stereo:
    """Cut or padded to whole ticks, with a fade out."""
    count = round(ticks * TICK_SECONDS * sound.RATE)
    made = np.zeros((count, 2))
    kept = samples[:count]
    made[: len(kept)] = kept
    fade = min(count, sound.RATE // 3)
    made[-fade:] *= np.linspace(1, 0, fade)[:, None]
    return made


def _music(name: str, ticks: int) -> Take:
    return Take(ticks, sound.repeated(name, ticks * TICK_SECONDS))


def _tune(name: str, ticks: int) -> Take:
    return Take(ticks, _fitted(sound.ident(name), ticks))


FILM: tuple[tuple[str, str, str, str], ...] = (
    ("yurt", "Түн. Жұлдыз жамылған дала.", "Ночь. Степь под звёздами.", "Night. The steppe under the stars."),
    ("tamgaly", "Адам алдымен тасқа сурет салды.", "Сначала человек рисовал на камне.", "First, people drew on stone."),
    ("saiga", "Таң атты. Ақбөкен жолға шықты.", "Рассвет. Сайга вышла в путь.", "Dawn. The saiga sets out."),
    ("steppe-lakes", "Көлдер аспанды қайталайды.", "Озёра повторяют небо.", "The lakes repeat the sky."),
    (
        "steppe-day",
        "Жаз. Селеу теңіздей толқиды.",
        "Лето. Ковыль волнуется, как море.",
        "Summer. Grass moves like a sea.",
    ),
    ("apple", "Тауда алма піседі.", "В горах зреют яблоки.", "In the mountains, apples ripen."),
    ("ornament", "Өрнекте елдің жады бар.", "В узоре — память народа.", "In the pattern is a people's memory."),
    ("dombra", "Екі шек бәрін айтады.", "Две струны говорят обо всём.", "Two strings say everything."),
    ("caravan", "Кешке қарай керуен өтеді.", "К вечеру проходит караван.", "Towards evening a caravan passes."),
    ("caspian-shore", "Күн теңізге батты.", "Солнце село в море.", "The sun goes down into the sea."),
    ("kobyz", "Қобыз ұзақ үнсіз қалмайды.", "Кобыз не молчит долго.", "The kobyz is not silent for long."),
    ("launch", "Ал дала көкке жол ашты.", "А степь открыла дорогу в небо.", "And the steppe opened a road to the sky."),
)


def _film() -> Take:
    """«Дала»: a night, a day and a night of the steppe; intertitles in Kazakh, captions in three languages."""
    cinema = next(row for row in SERVICES if row.slug == "silk-way-cinema")
    opening, scene, closing = 16, 36, 14
    heading = draw(
        svg(text("ДАЛА", WIDTH / 2 - (width("ДАЛА", 130, 700) / 1.02 + 72) / 2, 380, 130, fill=FELT, weight=700, spacing=24)
            + text("Деректі кино орталығы", WIDTH / 2 - width("Деректі кино орталығы", 24, 500) / 2.04, 470, 24,
                   fill=STONE, weight=500), WIDTH, HEIGHT), WIDTH, HEIGHT)  # fmt: skip
    night = Background(backdrop(cinema.accent, 0), step_x=1)
    shots = [Shot("title", opening, night, (Layer(heading, 0, 0, 12, opening * 8 - 12, Motion.FADE, name="title"),))]
    captions: dict[str, list[tuple[int, int, str]]] = {"kk": [], "ru": [], "en": []}
    at = opening
    for index, (name, kk, ru, en) in enumerate(FILM):
        words = Layer(_words(kk, "", "#d9b46a"), 0, WORDS_TOP, 40, scene * 8 - 40, Motion.FADE, name="words")
        shots.append(_scene(name, scene, [words], backwards=bool(index % 2)))
        for tag, line in (("kk", kk), ("ru", ru), ("en", en)):
            captions[tag].append((at + 6, 18, line))
        at += scene
    slate = end_slate("Дала", cinema.accent, "Keshen")
    end = Layer(slate.picture, 0, 0, 6, closing * 8, Motion.FADE, name="slate")
    shots.append(Shot("end", closing, Background(backdrop(cinema.accent, 2), step_x=1), (end,)))
    total = at + closing
    seconds = total * TICK_SECONDS
    third = seconds / 3
    parts = [sound.repeated(name, third + 4, fade=4.0) for name in ("kobyz", "dombra", "pads")]
    made = np.zeros((round(seconds * sound.RATE), 2))
    for index, part in enumerate(parts):
        start = round(max(0.0, index * third - 2) * sound.RATE)
        length = min(len(part), len(made) - start)
        made[start : start + length] += part[:length]
    return Take(total, sound.levelled(made), shots, captions)


_BY_SLUG = {(row.slug, row.kind): row for row in SERVICES}
_PROVERB = "Халық даналығы"
_FILLERS: Mapping[str, tuple[tuple[tuple[str, str], tuple[tuple[str, str], tuple[str, str]], str], ...]] = {
    "jibek-joly": (
        (("steppe-day", "saiga"), (("Жақсы сөз — жарым ырыс", _PROVERB), ("Отан оттан да ыстық", _PROVERB)), "dombra"),
        (("caravan", "yurt"), (("Жеті рет өлшеп, бір рет кес", _PROVERB), ("Көп қорқытады, терең батырады", _PROVERB)),
         "kobyz"),
        (("apple", "steppe-lakes"), (("Білекті бірді жығар, білімді мыңды жығар", _PROVERB),
                                     ("Еңбек етсең емерсің", _PROVERB)), "dombra"),
    ),
    "silk-way": (
        (("silk-road", "caravan"), (("The Silk Road was a net of roads, not one", "Along the Silk Road"),
                                    ("Paper came west with the caravans", "Along the Silk Road")), "kobyz"),
        (("apple", "steppe-day"), (("The garden apple comes from these mountains", "Kazakhstan"),
                                   ("One of the largest dry steppes on Earth", "Kazakhstan")), "pads"),
        (("launch", "caspian-shore"), (("From here people first left for space", "Baikonur, 1961"),
                                       ("The Caspian: a sea without an ocean", "Kazakhstan")), "pads"),
    ),
    "silk-way-cinema": (
        (("caspian-shore", "yurt"), (("«Дала»: түн мен күннің фильмі", "Екі сағат сайын"),
                                     ("Деректі кино — көзбен көрген жады", "Silk Way Cinema")), "kobyz"),
        (("kobyz", "dombra"), (("Музыканы көруге бола ма?", "Silk Way Cinema"),
                               ("Екі шек, бір әңгіме", "Silk Way Cinema")), "dombra"),
    ),
    "silk-way-prime": (
        (("tamgaly", "ornament"), (("Рисунку на скале больше трёх тысяч лет", "Тамгалы"),
                                   ("В основе узора — бараний рог", "Войлок и цвет")), "pads"),
        (("steppe-lakes", "saiga"), (("Фламинго гнездится и на севере", "Озеро Тенгиз"),
                                     ("Сайга помнит ледниковый период", "Степи Казахстана")), "kobyz"),
        (("balkhash-map", "scripts"), (("Озеро, в котором два вида воды", "Балхаш"),
                                       ("Один язык, три письменности", "Казахская письменность")), "pads"),
    ),
}  # fmt: skip
_PAUSE = names("Дала көріністері", "Виды степи", "Views of the steppe", "مشاهد السهب")


RADIO_IDENT = "close-jibek-joly-radio"
"""The news tune of the radio, three seconds: it closes the bulletin and opens each item in it."""


def _reels() -> list[Reel]:
    found: list[Reel] = []
    news_line = {"jibek-joly": "Жаңалықтар", "silk-way": "News"}
    for slug, word in news_line.items():
        row = _BY_SLUG[slug, "tv"]
        build = partial(_ident, row, 16, word, row.name["en"], "news")
        found.append(Reel(f"open-{slug}", "ident", build, NEWS, slug, urgent=True, position=1))
        found.append(Reel(f"close-{slug}", "close", partial(_close, row), NEWS, slug, position=3))
    found.append(Reel("open-jibek-joly-radio", "ident", partial(_tune, "jibek-joly-radio", 16), NEWS, "jibek-joly-radio",
                      urgent=True, position=1))  # fmt: skip
    found.append(
        Reel(
            RADIO_IDENT, "close", partial(_tune, "news", 9), NEWS, "jibek-joly-radio", urgent=True, position=3
        )  # also before each item
    )
    for slug, fillers in _FILLERS.items():
        row = _BY_SLUG[slug, "tv"]
        for number, (scenes, lines, music) in enumerate(fillers):
            build = partial(_filler, row, scenes, lines, music)
            urgent = number == 0 and slug in ("jibek-joly", "silk-way")
            found.append(Reel(f"filler-{slug}-{number + 1}", "filler", build, _PAUSE, slug, urgent=urgent,
                              position=2 + number * 3))  # fmt: skip
        build = partial(_ident, row, 16, row.name["en"], row.line[row.languages[0]], slug)
        found.append(Reel(f"ident-{slug}", "filler", build, row.name, slug, position=1))
    for number, music in enumerate(("dombra", "kobyz", "pads")):
        titles = (names("Домбыра сазы", "Мелодии домбры", "Dombra melodies", "ألحان الدومبرا"),
                  names("Қобыз сарыны", "Напевы кобыза", "Kobyz melodies", "ألحان القوبيز"),
                  names("Дала тынысы", "Дыхание степи", "Breath of the steppe", "أنفاس السهب"))[number]  # fmt: skip
        found.append(Reel(f"music-{music}", "filler", partial(_music, music, 192), titles, "jibek-joly-radio",
                          urgent=music != "kobyz", position=2 + number))  # fmt: skip
    film_services = ("silk-way-cinema", "jibek-joly", "silk-way", "silk-way-prime")
    found += [Reel("film-dala", "programme", _film, DALA, slug, "film", position=5) for slug in film_services]
    return found


REELS: tuple[Reel, ...] = tuple(_reels())
"""All reels; one that stands on several services' shelves is there once for each, with the same key."""
