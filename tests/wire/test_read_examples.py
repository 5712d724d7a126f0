"""Published sets of examples, item by item, against what `newsmlg2` and plain JSON read in the same files.

The sets (IPTC's of NewsML-G2 and ninjs, a house's own) are not ours to keep here: `KESHEN_EXAMPLES` names a folder with
some, in any order of folders. What the documents of this project expect is in `test_read_documents.py`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from NewsMLG2 import NewsMLG2Document

from keshen.newsroom.readers import Incoming, Unreadable, read
from keshen.newsroom.readers.moments import moment

FOLDER = os.environ.get("KESHEN_EXAMPLES") or ""
EXAMPLES = (
    sorted(
        path for path in Path(FOLDER).rglob("*") if path.suffix in (".xml", ".json") and ".expected." not in path.name
    )
    if FOLDER
    else []
)
NAR = "{http://iptc.org/std/nar/2006-10-01/}"

pytestmark = pytest.mark.skipif(not EXAMPLES, reason="no examples: name a folder with some by KESHEN_EXAMPLES")


def understood(path: Path) -> list[Incoming | Unreadable]:
    try:
        return read(path.read_bytes(), path.name)
    except Unreadable as refusal:
        return [refusal]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_each_item_is_read_or_refused_with_a_remedy(path: Path) -> None:
    items = understood(path)
    assert items
    for item in items:
        if isinstance(item, Unreadable):
            print(f"{path.name}: {item}")
            assert str(item) and item.remedy


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_what_is_read_is_what_it_says(path: Path) -> None:
    read_here = {item.identifier: item for item in understood(path) if isinstance(item, Incoming)}
    stated = list(said_in_json(path) if path.suffix == ".json" else said_in_newsml(path))
    for name, said in stated:
        if name in read_here:
            item = read_here[name]
            assert said == {key: spelled(getattr(item, key)) for key in said}, name


def spelled(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def said_in_newsml(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """What `newsmlg2` reads of the one item that the document is."""
    root = etree.parse(path, etree.XMLParser(recover=True)).getroot()
    if root is None or root.tag != f"{NAR}newsItem" or root.find(f".//{NAR}events") is not None:
        return
    try:
        item: Any = NewsMLG2Document(path.read_bytes()).get_item()
    except (AttributeError, TypeError):
        return  # empty elements and a hop history, which the standard allows, are more than newsmlg2 1.1 takes
    meta, content = item.itemmeta, item.contentmeta
    said: dict[str, Any] = {"version": str(item.version)}
    if root.findtext(f"{NAR}itemMeta/{NAR}versionCreated"):
        said["date"] = moment(str(meta.versioncreated))
    if content is not None and str(content.urgency).isdigit():  # the object stands there without a value, too
        said["urgency"] = int(str(content.urgency))
    if content is not None and content.headline and len(content.headline) == 1:
        said["headline"] = spelled(str(content.headline[0]))
    yield str(item.guid), said


def said_in_json(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a ninjs document says in so many words, in any of its three spellings."""
    try:
        whole = json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError:
        return  # refused, as the other test sees
    for entry in whole if isinstance(whole, list) else [whole]:
        if not isinstance(entry, dict):
            continue
        each = {key.lower(): value for key, value in entry.items()}
        headlines = [one["value"] for one in each.get("headlines") or [] if one.get("role", "main") == "main"]
        first = moment(each.get("firstcreated")) or moment(each.get("contentcreated"))
        said: dict[str, Any] = {"date": moment(each.get("versioncreated")), "created": first}
        for key, name in (("version", "version"), ("slugline", "slugline"), ("ednote", "ednote")):
            said[name] = spelled(str(each.get(key, "")))
        if headlines and not re.search("<|&", headlines[0]):
            said["headline"] = spelled(headlines[0])
        yield str(each.get("uri", "")), said
