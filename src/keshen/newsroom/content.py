"""What an editor writes: the content of a text, as a working copy or as a version."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Self

from keshen.house.phrases import phrase
from keshen.newsroom import body as bodies

URGENCIES = range(1, 10)
MAX_HEADLINE = 300
MAX_LINE = 500
MAX_KEYWORD = 100
MAX_TOPIC = 40
MAX_BODY_CHARACTERS = 1_000_000
LINES = {"byline": phrase("byline"), "dateline": phrase("dateline"), "slugline": phrase("slugline")}
"""Fields of one line, and what people call them."""


class ContentError(ValueError):
    """Content that cannot be kept as it is; the message says which field and what to do."""


@dataclass(frozen=True)
class Picture:
    """A picture of the story: the asset's URN, what it shows for those who cannot see it, and its caption."""

    asset: str
    alt: str = ""
    caption: str = ""


@dataclass(frozen=True)
class Content:
    """Everything of a text that an editor may change.

    `urgency` is IPTC's 1 (flash) to 9; `topics` are Media Topic codes such as `medtop:04000000`; `restrictions` are
    terms in the sender's own words; `embargo` is an aware time before which nothing leaves the house.
    """

    headline: str = ""
    standfirst: str = ""
    body: bodies.Node = field(default_factory=bodies.empty)
    byline: str = ""
    dateline: str = ""
    slugline: str = ""
    urgency: int = 5
    topics: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    ednote: str = ""
    embargo: datetime | None = None
    restrictions: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()

    def checked(self) -> Self:
        """The content with its body checked. Raises ContentError or `body.BodyError`."""
        if len(self.headline) > MAX_HEADLINE:
            raise ContentError(
                phrase(
                    "The headline has %(count)d characters; at most %(most)d fit a wire.",
                    count=len(self.headline),
                    most=MAX_HEADLINE,
                )
            )
        for name, label in LINES.items():
            if len(getattr(self, name)) > MAX_LINE:
                raise ContentError(
                    phrase("The %(name)s is longer than %(most)d characters.", name=label, most=MAX_LINE)
                )
        for words, most in ((self.keywords, MAX_KEYWORD), (self.topics, MAX_TOPIC)):
            if long := next((word for word in words if len(word) > most), ""):
                raise ContentError(
                    phrase("“%(word)s…” is longer than %(most)d characters. Shorten it.", word=long[:30], most=most)
                )
        if self.urgency not in URGENCIES:
            raise ContentError(phrase("Urgency is a number from 1 (flash) to 9."))
        if self.embargo is not None and self.embargo.tzinfo is None:
            raise ContentError(phrase("The embargo's time needs a time zone."))
        checked = bodies.validate(self.body)
        if sum(len(text) for text in bodies.paragraphs(checked)) > MAX_BODY_CHARACTERS:
            raise ContentError(
                phrase("The body is longer than %(most)d characters. Divide it into stories.", most=MAX_BODY_CHARACTERS)
            )
        if "\x00" in self.headline + self.standfirst + self.byline + self.dateline + self.slugline + self.ednote:
            raise ContentError(phrase("A field has a zero byte."))
        embargo = self.embargo.astimezone(UTC) if self.embargo else None
        return replace(self, body=checked, embargo=embargo)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back to the same content."""
        made = asdict(self)
        made["embargo"] = self.embargo.isoformat() if self.embargo else None
        for name in ("topics", "keywords", "restrictions", "pictures"):
            made[name] = list(made[name])
        return made

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Content from a screen or a program, checked. Raises ContentError or `body.BodyError`."""
        known = {item.name for item in fields(cls)}
        unknown = set(data) - known
        if unknown:
            raise ContentError(
                phrase(
                    "Unknown field %(name)s. Known fields: %(known)s.",
                    name=repr(min(unknown)),
                    known=", ".join(sorted(known)),
                )
            )
        values = dict(data)
        try:
            for name in ("topics", "keywords", "restrictions"):
                if name in values:
                    values[name] = tuple(str(item).strip() for item in values[name] if str(item).strip())
            if "pictures" in values:
                values["pictures"] = tuple(Picture(**picture) for picture in values["pictures"])
            if values.get("embargo"):
                values["embargo"] = datetime.fromisoformat(values["embargo"])
            else:
                values["embargo"] = None
            if "urgency" in values:
                values["urgency"] = int(values["urgency"])
        except (TypeError, ValueError) as error:
            raise ContentError(phrase("A field is not of its form: %(error)s", error=str(error))) from error
        return cls(**values).checked()

    def digest(self) -> str:
        """SHA-256 of the content: equal content has an equal digest."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def fingerprint(self) -> str:
        """SHA-256 of the words alone, without case, spacing or marks: the same story sent again has the same."""
        words = " ".join([self.headline, *bodies.paragraphs(self.body)])
        folded = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", words).casefold()).strip()
        return hashlib.sha256(folded.encode()).hexdigest()
