"""The demo's pictures: how each is drawn, and what it shows for those who cannot see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from keshen.config.demo.pictures import maps, posters, scenes
from keshen.config.demo.pictures.words import SOURCE, TAGS, saying

CREDIT = "Keshen"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of 1600 x 900: `draw` makes a JPEG file; `alt` says what it shows, by language tag.

    One that is `worded` has words in it: `draw` is given those of an edition.
    """

    draw: Callable[..., bytes]
    alt: Mapping[str, str]
    worded: bool = False


def _alt(kk: str, ru: str, en: str, ar: str) -> Mapping[str, str]:
    return {"kk": kk, "ru": ru, "en": en, "ar": ar}


DRAWINGS: Mapping[str, Drawing] = {
    "house": Drawing(posters.house, _alt(
        "Сызба: бір хабардан лентаға, сайтқа, радио мен теледидарға төрт жол тарайды",
        "Схема: от одной новости идут четыре дороги — лента, сайт, радио и телевидение",
        "Diagram: from one story four roads lead to wire, site, radio and television",
        "رسم: من خبر واحد تتفرع أربع طرق إلى الوكالة والموقع والإذاعة والتلفزيون"), True),
    "doha-astana": Drawing(maps.doha_astana, _alt(
        "Карта: Астана мен Доханы жалғаған доға", "Карта: дуга соединяет Астану и Доху",
        "Map: an arc joins Astana and Doha", "خريطة: قوس يصل أستانا بالدوحة"), True),
    "silk-road": Drawing(maps.silk_road, _alt(
        "Карта: Сианьнан Антиохияға дейінгі Жібек жолының екі тармағы",
        "Карта: две ветви Шёлкового пути от Сианя до Антиохии",
        "Map: two branches of the Silk Road from Xi'an to Antioch",
        "خريطة: فرعان لطريق الحرير من شيآن إلى أنطاكية"), True),
    "caravan": Drawing(scenes.caravan, _alt(
        "Кешкі тау етегінде тізбектелген түйе керуені", "Караван верблюдов на фоне гор на закате",
        "A caravan of camels before mountains at dusk", "قافلة جمال أمام الجبال عند الغروب")),
    "launch": Drawing(scenes.launch, _alt(
        "Түнгі далада көтеріліп бара жатқан зымыран", "Ракета поднимается над ночной степью",
        "A rocket rises over the steppe at night", "صاروخ يرتفع فوق السهب ليلا")),
    "baikonur-map": Drawing(maps.baikonur, _alt(
        "Карта: Байқоңырдан шығысқа кеткен ұшу жолы", "Карта: трасса полёта от Байконура на восток",
        "Map: the flight path from Baikonur to the east", "خريطة: مسار الرحلة من بايكونور نحو الشرق"), True),
    "saiga": Drawing(scenes.saiga, _alt(
        "Таң шапағындағы ақбөкендер", "Сайгаки на рассвете", "Saigas at dawn", "ظباء السايغا عند الفجر")),
    "apple": Drawing(scenes.apple, _alt(
        "Қарлы Алатау алдындағы алма бұтағы", "Ветка яблони перед снежным Алатау",
        "An apple branch before the snows of the Alatau", "غصن تفاح أمام ثلوج ألاتاو")),
    "caspian-map": Drawing(maps.caspian, _alt(
        "Карта: Каспий теңізі және жағасындағы қалалар", "Карта: Каспийское море и города на его берегах",
        "Map: the Caspian Sea and towns on its shores", "خريطة: بحر قزوين والمدن على شواطئه"), True),
    "caspian-shore": Drawing(scenes.caspian_shore, _alt(
        "Каспий жағасындағы жартас пен батып бара жатқан күн", "Скала на берегу Каспия и заходящее солнце",
        "A cliff on the Caspian shore and the setting sun", "جرف على شاطئ قزوين والشمس تغرب")),
    "steppe-day": Drawing(scenes.steppe_day, _alt(
        "Жазғы дала: төбелер, селеу, қызғалдақтар", "Летняя степь: холмы, ковыль и тюльпаны",
        "The steppe in summer: hills, feather grass and tulips", "السهب صيفا: تلال وعشب وزهور التوليب")),
    "steppe-lakes": Drawing(scenes.steppe_lakes, _alt(
        "Таңғы көлдегі қоқиқаздар", "Фламинго на утреннем озере",
        "Flamingos on a lake in the morning", "طيور النحام على بحيرة صباحا")),
    "kobyz": Drawing(posters.kobyz, _alt(
        "Қылқобыз бен ысқыш", "Кыл-кобыз и смычок", "A kyl-kobyz and its bow", "آلة القوبيز وقوسها"), True),
    "dombra": Drawing(posters.dombra, _alt(
        "Екі шекті домбыра", "Двухструнная домбра", "A dombra with two strings", "آلة الدومبرا ذات الوترين"), True),
    "yurt": Drawing(scenes.yurt_scene, _alt(
        "Жұлдызды түндегі киіз үйлер мен от", "Юрты и костёр под звёздным небом",
        "Yurts and a fire under the stars", "بيوت من اللباد ونار تحت النجوم")),
    "ornament": Drawing(posters.ornament, _alt(
        "Қошқармүйіз оюлы сырмақ", "Войлочный ковёр с узором «бараний рог»",
        "A felt carpet with the ram's horn pattern", "بساط من اللباد بزخرفة قرن الكبش")),
    "balkhash-map": Drawing(maps.balkhash, _alt(
        "Карта: Балқаштың тұщы батысы мен тұзды шығысы", "Карта: пресный запад и солёный восток Балхаша",
        "Map: the fresh west and the salt east of Lake Balkhash", "خريطة: غرب بحيرة بلخاش العذب وشرقها المالح"),
        True),
    "tamgaly": Drawing(posters.tamgaly, _alt(
        "Жартастағы күнбасты бейне мен тауешкілер", "Солнцеголовая фигура и горные козлы на скале",
        "A sun-headed figure and ibexes on rock", "شكل برأس كالشمس ووعول على الصخر")),
    "scripts": Drawing(posters.scripts, _alt(
        "«Қазақстан» сөзі кирилл, латын және араб жазуларында", "Слово «Казахстан» в трёх письменностях",
        "The word Kazakhstan in Cyrillic, Latin and Arabic script", "كلمة كازاخستان بثلاثة خطوط")),
}  # fmt: skip


@lru_cache(maxsize=4)
def drawn(name: str, tag: str = SOURCE) -> bytes:
    """The JPEG file of a picture, with the words of an edition. Raises KeyError for a name that is not in DRAWINGS."""
    drawing = DRAWINGS[name]
    return drawing.draw(saying(tag)) if drawing.worded else drawing.draw()


def worded(name: str) -> Mapping[str, bytes]:
    """The picture with the words of each other edition, by language tag; nothing for one without words."""
    return {tag: drawn(name, tag) for tag in TAGS} if DRAWINGS[name].worded else {}
