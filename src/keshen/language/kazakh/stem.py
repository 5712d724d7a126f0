"""Kazakh words reduced for search: one key for a word's inflected forms, in whichever of its scripts it is written.

A word is first folded to a skeleton of the letters that Cyrillic, the Latin alphabets and Arabic script all tell
apart; endings are then taken off the skeleton, from the outermost in. Keys are for matching, never for showing.
"""

from __future__ import annotations

from collections.abc import Mapping

from keshen.language.kazakh.letters import ARABIC

_CYRILLIC: Mapping[str, str] = {
    "ә": "а", "ө": "о", "ү": "у", "ұ": "у", "і": "ы", "и": "ы", "й": "ы", "һ": "х", "э": "е", "ё": "ыо", "ю": "ыу",
    "я": "ыа", "ц": "тс", "ч": "тш", "щ": "шш", "ъ": "", "ь": "",
}  # fmt: skip
_LATIN: Mapping[str, str] = {
    "sh": "ш", "ch": "тш", "a": "а", "ä": "а", "á": "а", "b": "б", "c": "тс", "ç": "тш", "d": "д", "e": "е", "é": "е",
    "f": "ф", "g": "г", "ğ": "ғ", "ǵ": "ғ", "h": "х", "i": "ы", "ı": "ы", "ï": "ы", "j": "ж", "k": "к", "l": "л",
    "m": "м", "n": "н", "ñ": "ң", "ń": "ң", "ŋ": "ң", "o": "о", "ö": "о", "ó": "о", "p": "п", "q": "қ", "r": "р",
    "s": "с", "ş": "ш", "t": "т", "u": "у", "ū": "у", "ü": "у", "ú": "у", "ý": "у", "v": "в", "w": "у", "x": "х",
    "y": "ы", "z": "з",
}  # fmt: skip
_ARABIC: Mapping[str, str] = {
    **{arabic: _CYRILLIC.get(letter, letter) for letter, arabic in ARABIC.items() if len(arabic) == 1},
    "ا": "а", "و": "о", "ى": "ы", "ي": "ы", "ی": "ы", "ۋ": "у", "ۇ": "у", "ک": "к", "ه": "х", "چ": "тш",
    "\u0621": "", "\u0674": "",
}  # fmt: skip
_FOLD = str.maketrans({**_CYRILLIC, **{k: v for k, v in _LATIN.items() if len(k) == 1}, **_ARABIC, "\u0307": ""})
_VOWELS = frozenset("аеоуы")
_VOICELESS = frozenset("кқптсшфх")
_VOICELESS_IN_LOANS = frozenset("бвгд")


def _list(text: str) -> list[str]:
    return text.split()


CASES = _list(
    "ның нің дың дің тың тің ға ге қа ке ны ні ды ді ты ті да де та те дан ден тан тен нан нен мен бен пен дағы дегі "
    "тағы тегі дағылар дегілер ына іне сына сіне ында інде сында сінде ынан інен сынан сінен ын ін сын сін ының інің "
    "сының сінің ындағы індегі сындағы сіндегі ыма іме ыңа іңе ша ше"
)
VERB_ENDINGS = _list(
    "ған ген қан кен ғанын гені ады еді йды йді атын етін йтын йтін ып іп ылды ілді ылған ілген майды мейді ғаны қаны "
    "кені"
)
POSSESSIVES = _list("ымыз іміз мыз міз ыңыз іңіз ңыз ңіз лары лері дары дері тары тері сы сі ы і ым ім ың ің")
PLURALS = _list("лар лер дар дер тар тер")
DERIVATIONS = _list("лық лік дық дік тық тік")

SHORT_ROOTS = frozenset(_list("үй ел ер су ат ет от ой іс ай ән ем ал ас өт өл іл ұл үн ту бу ми"))
"""Words of two letters that take endings; everything else keeps three."""
WHOLE = frozenset(_list("сауда пайда мәселе кейде мұнда онда сонда қайда әлде дала бала сала жаңа бұрын қазан екен"))
"""Words that look inflected and are not."""


def skeleton(word: str) -> str:
    """`word` in any script of Kazakh as the Cyrillic letters that all of them tell apart."""
    small = word.replace("İ", "i").lower().replace("sh", "ш").replace("ch", "тш")
    made = small.translate(_FOLD)
    while "ыы" in made:
        made = made.replace("ыы", "ы")
    return made


_SLOTS = tuple(
    tuple(sorted({skeleton(ending) for ending in endings}, key=lambda ending: (-len(ending), ending)))
    for endings in (CASES + VERB_ENDINGS, POSSESSIVES, PLURALS, DERIVATIONS)
)
_SHORT = frozenset(skeleton(word) for word in SHORT_ROOTS)
_WHOLE = frozenset(skeleton(word) for word in WHOLE)


def stem(word: str) -> str:
    """The search key of a Kazakh `word` in any script: its skeleton without endings."""
    root = skeleton(word)
    for endings in _SLOTS:
        root = _without(root, endings)
    # журналист, but журналистер: the plural of such loans swallows the т
    return root[:-1] if root.endswith("ыст") and len(root) > 5 else root


def _without(word: str, endings: tuple[str, ...]) -> str:
    if word in _WHOLE:
        return word
    for ending in endings:
        if word.endswith(ending) and _is_root(word[: -len(ending)], ending):
            return word[: -len(ending)]
    return word


def _is_root(root: str, ending: str) -> bool:
    if len(root) < 3 and root not in _SHORT:
        return False
    vowels = [letter for letter in root if letter in _VOWELS]
    if not vowels:
        return False
    # vowel harmony, as far as the skeleton still shows it: an ending with а never follows a last vowel е
    first = next((letter for letter in ending if letter in _VOWELS), "")
    if vowels[-1] == "е" and first == "а":
        return False
    last = root[-1]
    if ending[0] in "тқкп":
        return last in _VOICELESS or last in _VOICELESS_IN_LOANS
    if ending[0] in "дғглнбм":
        return last not in _VOICELESS
    if ending == "сы":
        return last in "аеоы"
    return not (ending[0] in _VOWELS and last in "аеоы")
