"""Another Keshen: its product's feed, followed by sequence number, so that nothing is missed and little is repeated."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode, urlsplit

from keshen.wire.intake.channels import http
from keshen.wire.intake.channels.base import Look, Message, Spec

PAGE: Final = 200


def check(spec: Spec) -> None:
    """Raises ValueError unless the address is a product's feed, such as https://house/wire/all.xml."""
    if not urlsplit(spec.address).path.endswith((".xml", ".json")):
        raise ValueError(f"{spec.address}: give the address of a product's feed, such as https://house/wire/all.xml")
    http.check(spec)


def look(spec: Spec) -> Look:
    """What came in the other house's stream since the last look; at the first, what stands now.

    Raises Later or Over.
    """
    cursor = dict(spec.cursor)
    asked = {"limit": PAGE} | ({"after": cursor["after"]} if "after" in cursor else {})
    headers = {"User-Agent": http.AGENT} | ({"If-None-Match": cursor["etag"]} if cursor.get("etag") else {})
    address = spec.address.partition("?")[0]
    got = http.fetch(f"{address}?{urlencode(asked)}", headers=headers, secret=spec.secret)
    if got.status == 304:
        return Look(cursor, wait=got.wait)
    number = got.headers.get("keshen-sequence", "")
    if not number.isdigit():
        return Look({}, [Message(got.name, got.data)], wait=got.wait)
    following = 'rel="next"' in got.headers.get("link", "") and "after" in cursor
    onward = max(int(number), int(cursor.get("after", 0)))
    if onward == cursor.get("after"):
        return Look({"after": onward, "etag": got.headers.get("etag", "")}, wait=got.wait)
    return Look({"after": onward}, [Message(got.name, got.data)], more=following, wait=got.wait)
