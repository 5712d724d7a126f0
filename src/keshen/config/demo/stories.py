"""The demo's stories: read from their files, written and published by the same actions as any other."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from django.db import transaction

from keshen.config.demo.pictures import DRAWINGS
from keshen.house.models import Desk, User
from keshen.media.models import Asset
from keshen.newsroom import actions as newsroom
from keshen.newsroom import body as bodies
from keshen.newsroom.content import Content, Picture
from keshen.newsroom.models import Identifier, Story, Text

BYLINES: Mapping[str, str] = {
    "kk": "Кешен редакциясы",
    "ru": "Редакция «Кешен»",
    "en": "Keshen newsroom",
    "ar": "تحرير كيشن",
}
CULTURE = frozenset({"20000002", "20000038", "20000565"})


@dataclass(frozen=True, slots=True)
class Words:
    """One text of a story, as written."""

    headline: str
    standfirst: str
    dateline: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A story of the demo: its key, what it is about, its pictures by name, its texts by language (Kazakh first)."""

    key: str
    slugline: str
    topics: tuple[str, ...]
    keywords: tuple[str, ...]
    pictures: tuple[str, ...]
    urgency: int
    texts: Mapping[str, Words]


@lru_cache(maxsize=1)
def stories() -> tuple[Told, ...]:
    """All stories in their order. Raises KeyError for a file that lacks something."""
    folder = files("keshen.config.demo") / "texts"
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(_read(file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8"))) for file in found)


def wanted() -> tuple[Told, ...]:
    """Those a house is to have: the first KESHEN_DEMO_STORIES of them, or all. A smaller house is open sooner."""
    given = os.environ.get("KESHEN_DEMO_STORIES", "")
    return stories()[: int(given)] if given.isdecimal() else stories()


def _read(key: str, data: Mapping[str, Any]) -> Told:
    texts = {
        language: Words(
            data[language]["headline"],
            data[language]["standfirst"],
            data[language]["dateline"],
            tuple(part.strip() for part in data[language]["body"].split("\n\n") if part.strip()),
        )
        for language in BYLINES
        if language in data
    }
    return Told(
        key, data["slugline"], tuple(data["topics"]), tuple(data["keywords"]), tuple(data["pictures"]),
        int(data["urgency"]), texts,
    )  # fmt: skip


def identifier_of(told: Told) -> str:
    """The name the demo knows the story by, so that it is told once."""
    return f"demo:{told.key}"


def content(told: Told, language: str, pictures: Mapping[str, Asset], body: bodies.Node) -> Content:
    """What an editor would have before them."""
    words = told.texts[language]
    shown = tuple(
        Picture(pictures[name].urn, alt=DRAWINGS[name].alt[language], caption=DRAWINGS[name].alt[language])
        for name in told.pictures
    )
    return Content(
        headline=words.headline,
        standfirst=words.standfirst,
        body=body,
        byline=BYLINES[language],
        dateline=words.dateline,
        slugline=told.slugline,
        urgency=told.urgency,
        topics=tuple(f"medtop:{code}" for code in told.topics),
        keywords=told.keywords,
        pictures=shown,
    )


def _translated(paragraphs: Sequence[str], source: bodies.Node) -> bodies.Node:
    """A body whose paragraphs name the paragraphs they were translated from, where there are as many."""
    made = bodies.from_paragraphs(paragraphs)
    blocks = list(bodies.text_blocks(source))
    if len(blocks) == len(paragraphs):
        for node, origin in zip(made["content"], blocks, strict=True):
            node["attrs"]["from"] = origin["attrs"]["id"]
    return made


@transaction.atomic
def publish(told: Told, pictures: Mapping[str, Asset]) -> Story:
    """Write, submit, approve and publish the story in all its languages at once; a story already there stays."""
    present = Story.objects.filter(identifiers__value=identifier_of(told)).first()
    if present is not None:
        return present
    reporter, translator = User.objects.get(username="reporter"), User.objects.get(username="translator")
    editor = User.objects.get(username="editor")
    desk = Desk.objects.get(slug="culture" if CULTURE & set(told.topics) else "news")
    first = newsroom.create_story(
        reporter,
        language="kk",
        content=content(told, "kk", pictures, bodies.from_paragraphs(told.texts["kk"].paragraphs)),
        desk=desk,
    )
    Identifier.objects.create(story=first.story, value=identifier_of(told))
    texts: list[tuple[User, Text]] = [(reporter, first)]
    for language, words in told.texts.items():
        if language != "kk":
            body = _translated(words.paragraphs, first.working.body)
            written = content(told, language, pictures, body)
            texts.append((translator, newsroom.add_text(translator, first.story, language, written)))
    for author, text in texts:
        newsroom.submit(author, text)
        newsroom.approve(editor, text)
    for _author, text in texts:
        newsroom.publish(editor, text)
    return first.story
