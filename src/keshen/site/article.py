"""A version as a page: the payload that a publication freezes. Rendering it again needs nothing else of the story."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from keshen.house.models import Edition
from keshen.media.models import Asset
from keshen.newsroom import body as bodies
from keshen.newsroom.forms import Form, Spelling, form
from keshen.newsroom.mediatopics import topics
from keshen.newsroom.models import Version
from keshen.site.pictures import figure, picture
from keshen.site.slugs import slug

SCHEMA = 1
DESCRIPTION = 200


def payload(
    version: Version,
    edition: Edition,
    pictures: Mapping[str, Asset],
    corrected: datetime,
    notes: Sequence[Version],
    spelling: Spelling | None = None,
) -> dict[str, Any]:
    """Everything a reader of `edition` gets from `version`. `pictures` are the assets that may be shown, by URN.

    `corrected` is the time of this version's coming out, for its own correction note; `notes` are its text's
    corrections (see `corrections_of`).
    """
    made = form(version, edition.tag, spelling)
    shown = [
        picture(pictures[given["asset"]], edition, alt=given["alt"], caption=given["caption"])
        for given in made.pictures
        if given["asset"] in pictures
    ]
    lead, more = (shown[0], shown[1:]) if shown else (None, [])

    def inline(node: bodies.Node) -> str:
        asset = pictures.get(node["attrs"]["asset"])
        if asset is None:
            return ""
        words = node["attrs"]
        return figure(picture(asset, edition, alt=words.get("alt", ""), caption=words.get("caption", "")))

    text = _with_dateline(bodies.to_html(made.body, inline), made.dateline)
    return {
        "schema": SCHEMA,
        "tag": edition.tag,
        "direction": edition.direction,
        "slug": slug(made.headline),
        "headline": made.headline,
        "standfirst": made.standfirst,
        "description": description(made),
        "byline": made.byline,
        "dateline": made.dateline,
        "html": text + "".join(figure(one) for one in more),
        "lead": lead,
        "topics": codes(version.topics),
        "section": section(version.topics),
        "keywords": list(made.keywords),
        "urgency": version.urgency,
        "machine": made.machine,
        "derived": made.derived,
        "source": version.text.story.source,
        "corrections": [
            {
                "at": (corrected if one.pk == version.pk else one.created_at).isoformat(),
                "note": form(one, edition.tag, spelling).note,
            }
            for one in notes
        ],
    }


def notice(version: Version, edition: Edition, spelling: Spelling | None = None) -> dict[str, Any]:
    """What readers of `edition` are told of a text that is held: why, and nothing of its words."""
    return {
        "schema": SCHEMA,
        "tag": edition.tag,
        "direction": edition.direction,
        "note": form(version, edition.tag, spelling).note,
        "corrections": [],
    }


def _with_dateline(text: str, dateline: str) -> str:
    """The dateline opens the first paragraph, as agencies print it."""
    place = dateline.strip().rstrip("-–— ").strip()
    if not place:
        return text
    mark = f'<span class="dateline">{html.escape(place, quote=False)} —</span> '
    return text.replace("<p>", f"<p>{mark}", 1) if "<p>" in text else f"<p>{mark}</p>{text}"


def description(made: Form) -> str:
    """The standfirst, or the beginning of the text, in at most 200 characters, cut between words."""
    paragraphs = bodies.paragraphs(made.body)
    whole = made.standfirst or (paragraphs[0] if paragraphs else "")
    if len(whole) <= DESCRIPTION:
        return whole
    return whole[:DESCRIPTION].rsplit(" ", 1)[0].rstrip(" ,;:—–-") + "…"


def codes(given: Iterable[str]) -> list[str]:
    """Media Topic codes without their scheme alias: `medtop:04000000` becomes `04000000`."""
    return list(dict.fromkeys(topic.rpartition(":")[2] for topic in given))


def section(given: Iterable[str]) -> str:
    """The first-level topic of the first topic the house knows; empty when there is none."""
    for code in codes(given):
        topic = topics().get(code)
        if topic is not None:
            return topic.parent or topic.code
    return ""


def corrections_of(version: Version) -> list[Version]:
    """The corrections of its text up to and with `version`, oldest first."""
    earlier = version.text.versions.filter(kind=Version.Kind.CORRECTION, number__lte=version.number).order_by("number")
    notes = list(earlier)
    for one in notes:
        one.text = version.text
    return notes
