"""What a package is made from: a frozen brief, complete in itself. Media renders it and knows no story."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

SCHEMA: Final = 1
MAX_PARAGRAPHS: Final = 200
MAX_CHARACTERS: Final = 60_000


class BadBrief(ValueError):
    """The brief cannot be rendered as it is; the message says which field and why."""


@dataclass(frozen=True, slots=True)
class Brief:
    """A report for radio or television.

    Texts are as written; numbers and abbreviations are turned into words when they are spoken.
    """

    kind: Literal["radio", "television"]
    language: str
    """BCP 47 tag of the main voice and of what is drawn."""
    headline: str
    paragraphs: tuple[str, ...]
    """What the main voice reads, in `language`."""
    place: str = ""
    cards: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    """URNs of picture assets, in the order wanted."""
    accent: str = "#0a6ebd"
    service: str = ""
    """What stands in the corner of the screen."""
    logo: Mapping[str, Any] = field(default_factory=dict)
    """The mark (`media.marks`) that stands in that corner instead of the service's name, or nothing."""
    voices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Other languages to speak: tag to paragraphs. The main language need not be named."""
    captions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Captions by edition tag: the paragraphs in that edition's language and script."""
    ident: str = ""
    """URN of the sound that goes before the voice (radio), or nothing."""
    bed: str = ""
    """URN of the music under the voice, or nothing."""

    def __post_init__(self) -> None:
        if self.kind not in ("radio", "television"):
            raise BadBrief(f"kind is radio or television, not {self.kind!r}")
        if not self.language:
            raise BadBrief("a brief has a language")
        if not any(paragraph.strip() for paragraph in self.paragraphs):
            raise BadBrief("there is nothing to say: no paragraph has text")
        for tag, paragraphs in self.spoken.items():
            if len(paragraphs) > MAX_PARAGRAPHS or sum(map(len, paragraphs)) > MAX_CHARACTERS:
                raise BadBrief(f"the text in {tag} is too long for one package ({MAX_CHARACTERS} characters)")

    @property
    def spoken(self) -> dict[str, tuple[str, ...]]:
        """Every language to speak, the main one first."""
        rest = {tag: text for tag, text in self.voices.items() if tag != self.language}
        return {self.language: self.paragraphs, **rest}

    def to_json(self) -> dict[str, Any]:
        """The brief as JSON values, with the schema number."""
        return {"schema": SCHEMA, **json.loads(json.dumps(asdict(self)))}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Brief:
        """Read a brief back. Raises BadBrief for another schema, an unknown field or a wrong type."""
        fields = dict(values)
        if (schema := fields.pop("schema", None)) != SCHEMA:
            raise BadBrief(f"this program reads briefs of schema {SCHEMA}, not {schema!r}")
        if unknown := set(fields) - set(cls.__dataclass_fields__):
            raise BadBrief(f"unknown fields: {', '.join(sorted(unknown))}")
        for name in ("paragraphs", "cards", "pictures"):
            if name in fields:
                fields[name] = _texts(name, fields[name])
        for name in ("voices", "captions"):
            if name in fields:
                if not isinstance(fields[name], Mapping):
                    raise BadBrief(f"{name} maps a language tag to paragraphs")
                fields[name] = {str(tag): _texts(f"{name}.{tag}", text) for tag, text in fields[name].items()}
        try:
            return cls(**fields)
        except TypeError as error:
            raise BadBrief(str(error)) from error

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: equal briefs make equal packages."""
        canonical = json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _texts(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(text, str) for text in value):
        raise BadBrief(f"{name} is a list of texts")
    return tuple(value)
