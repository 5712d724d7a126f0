"""The interface's words in its languages, without the gettext programs.

    python tools/messages.py extract   bring locale/*/LC_MESSAGES/django.po up to the sources
    python tools/messages.py check     fail where a translation is missing, fuzzy, unused, or loses a placeholder
    python tools/messages.py compile   write the .mo files, those of the derived scripts too

Kazakh in Latin and in Arabic script is derived from the Kazakh catalogue, as texts are. `framework.po` holds what
Django says and its own Kazakh catalogue lacks. `qar` is the right-to-left test locale: English, mirrored.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src" / "keshen"
LOCALE = SOURCES / "locale"
WHOLE = ("kk", "ru")
"""Languages that have every word of the interface."""
PUBLIC = ("ar",)
"""Languages that have the words of public pages only."""
PUBLIC_ROOMS = ("site/",)
DERIVED = {"kk_Latn": "kk-Latn", "kk_Arab": "kk-Arab"}
TEST_LOCALE = "qar"
PLURALS = {
    "kk": "nplurals=2; plural=(n != 1);",
    "ru": "nplurals=4; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 :"
    " n%10==0 || (n%10>=5 && n%10<=9) || (n%100>=11 && n%100<=14)? 2 : 3);",
    "ar": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 :"
    " n%100>=11 && n%100<=99 ? 4 : 5;",
}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "_now": None,
    "phrase": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+[^>]*>|&\w+;")


@dataclass
class Message:
    """One thing the interface says, and where."""

    msgid: str
    plural: str = ""
    context: str | None = None
    places: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.msgid

    @property
    def is_public(self) -> bool:
        return any(place.startswith(PUBLIC_ROOMS) for place in self.places)


def messages() -> dict[tuple[str | None, str], Message]:
    """Every message of the sources, in the order of files and lines."""
    found: dict[tuple[str | None, str], Message] = {}
    for path in sorted(
        [*SOURCES.rglob("*.py"), *SOURCES.rglob("templates/**/*.html"), *SOURCES.rglob("templates/**/*.txt")]
    ):
        name = path.relative_to(SOURCES).as_posix()
        if "/migrations/" in name:
            continue
        for message in _in_file(path):
            kept = found.setdefault(message.key, message)
            if message.plural:
                kept.plural = message.plural
            if name not in kept.places:
                kept.places.append(name)
    return found


def _in_file(path: Path) -> Iterator[Message]:
    from babel.messages.extract import extract

    text = path.read_text("utf-8")
    if path.suffix != ".py":
        from django.utils.translation.template import templatize

        if "trans" not in text and "_(" not in text:
            return
        text = templatize(text, origin=str(path))
    elif "gettext" not in text and "phrases import" not in text:
        return
    for _line, found, _comments, context in extract("python", io.BytesIO(text.encode()), KEYWORDS, [], {}):
        if isinstance(found, tuple):
            yield Message(found[0], found[1], context)
        elif found:
            yield Message(found, "", context)


def _catalogue(language: str) -> polib.POFile:
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if path.exists():
        return polib.pofile(str(path), wrapwidth=110)
    made = polib.POFile(wrapwidth=110)
    made.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    return made


def _wanted(language: str, found: dict[tuple[str | None, str], Message]) -> list[Message]:
    return [message for message in found.values() if language in WHOLE or message.is_public]


def _forms(language: str) -> int:
    return int(PLURALS[language].partition("nplurals=")[2].partition(";")[0])


def extract_all() -> None:
    found = messages()
    for language in (*WHOLE, *PUBLIC):
        before = {(entry.msgctxt, entry.msgid): entry for entry in _catalogue(language)}
        catalogue = _catalogue(language)
        catalogue.clear()
        for message in _wanted(language, found):
            old = before.get(message.key)
            entry = polib.POEntry(msgid=message.msgid, msgctxt=message.context)
            entry.occurrences = [(place, "") for place in message.places]
            if message.plural:
                entry.msgid_plural = message.plural
                blank = dict.fromkeys(range(_forms(language)), "")
                entry.msgstr_plural = {**blank, **(old.msgstr_plural if old else {})}
            else:
                entry.msgstr = old.msgstr if old else ""
            if PLACEHOLDER.search(message.msgid) and "%(" in message.msgid:
                entry.flags = ["python-format"]
            catalogue.append(entry)
        path = LOCALE / language / "LC_MESSAGES" / "django.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue.save(str(path))
        missing = sum(not _complete(entry) for entry in catalogue)
        print(f"{language}: {len(catalogue)} messages, {missing} to translate")


def _complete(entry: polib.POEntry) -> bool:
    said = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
    return all(said) and "fuzzy" not in entry.flags


def check() -> list[str]:
    """What is wrong with the catalogues, a line each."""
    found = messages()
    problems = []
    for language in (*WHOLE, *PUBLIC):
        entries = {(entry.msgctxt, entry.msgid): entry for entry in _catalogue(language)}
        wanted = {message.key for message in _wanted(language, found)}
        problems += [f"{language}: not in the catalogue: {key[1]!r}" for key in wanted - set(entries)]
        problems += [f"{language}: no longer used: {key[1]!r}" for key in set(entries) - wanted]
        for entry in entries.values():
            if not _complete(entry):
                problems.append(f"{language}: not translated: {entry.msgid!r}")
            said = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
            allowed = _places(entry.msgid) | _places(entry.msgid_plural)
            problems += [
                f"{language}: other placeholders in {text!r} than in {entry.msgid!r}"
                for text in said
                if (text and not entry.msgid_plural and _places(text) != allowed) or _places(text) - allowed
            ]
    for path in LOCALE.glob("*/LC_MESSAGES/framework.po"):
        problems += [
            f"{path.parent.parent.name}: not translated: {e.msgid!r}"
            for e in polib.pofile(str(path))
            if not _complete(e)
        ]
    return problems


def _places(text: str) -> set[str]:
    return {place for place in PLACEHOLDER.findall(text or "") if not place.startswith("&")}


def compile_all() -> None:
    """Write every .mo whose sources are newer. Raises OSError when the folder cannot be written."""
    for language in (*WHOLE, *PUBLIC):
        folder = LOCALE / language / "LC_MESSAGES"
        sources = [path for path in (folder / "django.po", folder / "framework.po") if path.exists()]
        targets = [folder / "django.mo"]
        if language == "kk":
            targets += [LOCALE / name / "LC_MESSAGES" / "django.mo" for name in DERIVED]
        if not sources or _fresh(targets, [*sources, Path(__file__)]):
            continue
        catalogue = polib.pofile(str(sources[0]))
        known = {entry.msgid for entry in catalogue}
        for other in sources[1:]:
            catalogue.extend(entry for entry in polib.pofile(str(other)) if entry.msgid not in known)
        _write(catalogue, targets[0])
        if language == "kk":
            for name, tag in DERIVED.items():
                _write(_derived(catalogue, tag), LOCALE / name / "LC_MESSAGES" / "django.mo")
    mirrored = LOCALE / TEST_LOCALE / "LC_MESSAGES" / "django.mo"
    source = LOCALE / "kk" / "LC_MESSAGES" / "django.po"
    if not _fresh([mirrored], [source]):
        _write(_mirrored(polib.pofile(str(source))), mirrored)


def _fresh(targets: list[Path], sources: list[Path]) -> bool:
    newest = max(path.stat().st_mtime for path in sources)
    return all(path.exists() and path.stat().st_mtime >= newest for path in targets)


def _write(catalogue: polib.POFile, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    catalogue.save_as_mofile(str(fresh))
    fresh.replace(path)


def _derived(catalogue: polib.POFile, tag: str) -> polib.POFile:
    """The catalogue in another script of Kazakh; placeholders and markup stay as they are."""
    from keshen.language.derive import transliterate

    def change(text: str) -> str:
        pieces = re.split(f"({PLACEHOLDER.pattern})", text)
        return "".join(piece if index % 2 else transliterate([piece], tag)[0] for index, piece in enumerate(pieces))

    return _changed(catalogue, change, tag, PLURALS["kk"])


def _mirrored(catalogue: polib.POFile) -> polib.POFile:
    made = polib.POFile()
    made.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=2; plural=(n != 1);"}
    for entry in catalogue:
        copy = polib.POEntry(msgid=entry.msgid, msgctxt=entry.msgctxt)
        if entry.msgid_plural:
            copy.msgid_plural = entry.msgid_plural
            copy.msgstr_plural = {0: f"\u200f{entry.msgid}", 1: f"\u200f{entry.msgid_plural}"}
        else:
            copy.msgstr = f"\u200f{entry.msgid}"
        made.append(copy)
    return made


def _changed(catalogue: polib.POFile, change, tag: str, plurals: str) -> polib.POFile:  # type: ignore[no-untyped-def]
    made = polib.POFile()
    made.metadata = {"Language": tag, "Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": plurals}
    for entry in catalogue:
        copy = polib.POEntry(msgid=entry.msgid, msgctxt=entry.msgctxt)
        if entry.msgid_plural:
            copy.msgid_plural = entry.msgid_plural
            copy.msgstr_plural = {number: change(text) for number, text in entry.msgstr_plural.items()}
        else:
            copy.msgstr = change(entry.msgstr)
        made.append(copy)
    return made


def main(arguments: list[str]) -> int:
    sys.path.insert(0, str(ROOT / "src"))
    match arguments:
        case ["extract"]:
            extract_all()
        case ["compile"]:
            compile_all()
        case ["check"]:
            problems = check()
            print("\n".join(problems) or "translations: complete")
            return 1 if problems else 0
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
