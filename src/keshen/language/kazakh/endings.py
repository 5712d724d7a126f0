"""Kazakh case endings that fit the word they are put after: vowel harmony and assimilation."""

from __future__ import annotations

from collections.abc import Mapping

BACK = frozenset("аоұыуяюё")
FRONT = frozenset("әеөүіиэ")
_DECIDING_BACK = frozenset("аоұы")
_DECIDING_FRONT = frozenset("әеөүі")
_VOWELS = BACK | FRONT
_VOICELESS = frozenset("кқптсшщфхцчбвгд")
_NASAL = frozenset("мнң")

# case: after a vowel, after a nasal, after another voiced consonant, after a voiceless one, after a 3rd person ending
CASES: Mapping[str, tuple[str, str, str, str, str]] = {
    "genitive": ("ның", "ның", "дың", "тың", "ның"),
    "dative": ("ға", "ға", "ға", "қа", "на"),
    "accusative": ("ны", "ды", "ды", "ты", "н"),
    "locative": ("да", "да", "да", "та", "нда"),
    "ablative": ("дан", "нан", "дан", "тан", "нан"),
    "instrumental": ("мен", "мен", "мен", "пен", "мен"),
    "from_place": ("дағы", "дағы", "дағы", "тағы", "ндағы"),
}
_TO_FRONT = str.maketrans({"а": "е", "ы": "і", "ғ": "г", "қ": "к"})
_CASE_OF: Mapping[str, str] = {
    form: case
    for case, forms in CASES.items()
    for back in forms
    for form in {back, back if case == "instrumental" else back.translate(_TO_FRONT)}
    if form != "н"
} | {"бен": "instrumental", "на": "dative", "не": "dative", "нан": "ablative", "нен": "ablative"}


def is_front(word: str) -> bool:
    """Whether endings of `word` take front vowels. и, у, ю and the like follow the vowels before them."""
    letters = word.lower()
    for letter in reversed(letters):
        if letter in _DECIDING_FRONT or letter == "э":
            return True
        if letter in _DECIDING_BACK or letter in "яё":
            return False
    return "и" in letters


def attach(word: str, ending: str, *, possessive: bool = False, front: bool | None = None) -> str:
    """`word` with `ending` in the form that fits it; an ending that is no case ending is put on as it is.

    `possessive` says that the word ends in a third-person ending (Штаттары), after which cases differ.
    `front` settles the vowels where they are known otherwise (a foreign name).
    """
    case = _CASE_OF.get(ending.lower())
    if case is None:
        if ending[:1] in _VOWELS and word[-1:].lower() in "іы":
            return word[:-1] + ending
        return word + ending
    last = word[-1:].lower()
    forms = CASES[case]
    if possessive:
        form = forms[4]
    elif last in _VOWELS and last not in "уию":
        form = forms[0]
    elif last in "уию":
        form = forms[2] if case != "accusative" else "ды"
    elif last in _NASAL:
        form = forms[1]
    elif last in _VOICELESS:
        form = forms[3]
    elif last in "жз" and case == "instrumental":
        form = "бен"
    else:
        form = forms[2]
    if case == "instrumental":
        return word + form
    return word + (form.translate(_TO_FRONT) if (is_front(word) if front is None else front) else form)
