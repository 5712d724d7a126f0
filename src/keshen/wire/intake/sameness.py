"""What tells one item from another, whatever it is called: of a text its words, of others also what they are about.

A plan without a headline, an event that is put off in the same words and the second picture of a series would else
pass for what came before.
"""

from __future__ import annotations

import json
from typing import Any

from keshen.newsroom.content import Content
from keshen.newsroom.readers import Incoming, Kind
from keshen.newsroom.readers.describe import describe
from keshen.wire.intake.pieces import digest

BESIDE = ("standfirst", "occasion", "coverages", "members", "groups", "concepts", "parts")
"""What an item that is no text says beside headline and body, as `describe` names it."""
SHOWN = ("services", "contributors", "about")
"""What is shown with any item, and does not tell one from another."""


def beside(item: Incoming) -> dict[str, Any]:
    """What the item says that a story has no place for, as `describe` says it."""
    said = describe(item)
    return {name: said[name] for name in (*BESIDE, *SHOWN) if name in said and name != "standfirst"}


def fingerprint(item: Incoming, content: Content) -> str:
    """SHA-256 of what the item says. Of a text it is that of its words, by which stories are known again, too."""
    words = content.fingerprint()
    if item.kind is Kind.TEXT:
        return words
    said: dict[str, Any] = describe(item)
    # what follows the question mark signs an address and changes with every look
    files = [file.href.partition("?")[0] for media in item.media for file in media.renditions or (media,)]
    beside = {name: said[name] for name in BESIDE if name in said}
    return digest(json.dumps([words, files, beside], sort_keys=True, ensure_ascii=False).encode())
