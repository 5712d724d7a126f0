"""Feeds and files fetched by HTTP: asked only whether they changed, within limits, at addresses that were checked.

Redirects are followed by hand, each to an address that is checked again, and what lets us in is not carried to another
host. What a server says of waiting is honoured.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from keshen import __version__
from keshen.house import outgoing
from keshen.wire.intake.channels.base import MOST_BYTES, Later, Look, Message, Over, Spec

SECONDS: Final = 60.0
"""How long one fetch may take in all, however slowly the server drips."""
HOPS: Final = 5
LATER: Final = frozenset({408, 425, 429})
LONGEST_WAIT: Final = 86_400.0
AGENT: Final = f"Keshen/{__version__}"
ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/json;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.6, */*;q=0.5"
)
ENDINGS: Final[Mapping[str, str]] = {
    "application/atom+xml": ".atom",
    "application/rss+xml": ".rss",
    "application/feed+json": ".json",
    "application/json": ".json",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/calendar": ".ics",
    "text/plain": ".txt",
    "application/xml": ".xml",
    "text/xml": ".xml",
}


def check(spec: Spec) -> None:
    """Raises ValueError when the address is not one the house may fetch."""
    try:
        outgoing.check_url(spec.address)
    except outgoing.Refused as refused:
        raise ValueError(str(refused)) from refused
    except httpcore.ConnectError:
        return  # the name has no address now; looking says so until it has


def look(spec: Spec) -> Look:
    """Fetch the address unless it is as it was. Raises Later or Over."""
    return looked(spec)[1]


def looked(spec: Spec) -> tuple[Got, Look]:
    """The same, with the answer itself."""
    cursor = dict(spec.cursor)
    headers = {"Accept": ACCEPT, "User-Agent": AGENT}
    if etag := cursor.get("etag"):
        headers["If-None-Match"] = etag
    if modified := cursor.get("modified"):
        headers["If-Modified-Since"] = modified
    got = fetch(spec.address, headers=headers, username=spec.username, secret=spec.secret)
    if got.status == 304:
        return got, Look(cursor, wait=got.wait)
    seen = hashlib.sha256(got.data).hexdigest()
    fresh = {"sha256": seen, "etag": got.headers.get("etag", ""), "modified": got.headers.get("last-modified", "")}
    if seen == cursor.get("sha256"):
        return got, Look(fresh, wait=got.wait)
    return got, Look(fresh, [Message(got.name, got.data)], wait=got.wait)


class Got:
    """An answer of 200 or 304, read whole."""

    def __init__(self, response: httpx.Response, data: bytes) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.data = data
        self.media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        self.wait = wait_of(response)
        path = PurePosixPath(unquote(urlsplit(str(response.url)).path))
        ending = path.suffix or ENDINGS.get(self.media_type, "")
        self.name = (path.stem or response.url.host)[:200] + ending


def fetch(
    url: str,
    *,
    headers: Mapping[str, str],
    username: str = "",
    secret: str = "",
    most: int = MOST_BYTES,
    seconds: float = SECONDS,
) -> Got:
    """What is at `url`, through at most five redirects. Raises Later, or Over when only a person can help."""
    deadline = time.monotonic() + seconds
    sent = dict(headers)
    if secret and not username:
        sent["Authorization"] = f"Bearer {secret}"
    auth = httpx.BasicAuth(username, secret) if username else None
    home = httpx.URL(url)
    at = home
    with outgoing.client(timeout=httpx.Timeout(15.0, read=20.0)) as client:
        for _hop in range(HOPS + 1):
            foreign = (at.scheme, at.host, at.port) != (home.scheme, home.host, home.port)
            if foreign:
                sent.pop("Authorization", None)
            try:
                with client.stream("GET", at, headers=sent, auth=None if foreign else auth) as response:
                    if response.has_redirect_location:
                        at = _next(at, response)
                        continue
                    _judge(response)
                    data = b"" if response.status_code == 304 else _read(response, most, deadline)
                    return Got(response, data)
            except outgoing.Refused as refused:
                raise Over(str(refused)) from refused
            except (httpx.HTTPError, httpx.InvalidURL) as problem:
                if isinstance(problem.__cause__, outgoing.Refused):
                    raise Over(str(problem.__cause__)) from problem
                raise Later(
                    f"{at.host} does not answer as it should: {problem or type(problem).__name__}."
                ) from problem
    raise Later(f"{home.host} redirects more than {HOPS} times. Give the address the chain ends at.")


def _next(at: httpx.URL, response: httpx.Response) -> httpx.URL:
    try:
        to = at.join(response.headers["location"])
    except httpx.InvalidURL as error:
        raise Later(f"{at.host} redirects to something that is no address: {error}.") from error
    if to.scheme not in ("http", "https"):
        raise Later(f"{at.host} redirects to {to.scheme}, which is not followed.")
    if at.scheme == "https" and to.scheme == "http":
        raise Later(f"{at.host} redirects from https to http, which is not followed.")
    return to


def _judge(response: httpx.Response) -> None:
    status = response.status_code
    if status in (200, 304):
        return
    host = response.url.host
    if status == 410:
        raise Over(f"{host} says the address is gone for good (410). Ask its owner for the new one.")
    if status in (401, 403):
        raise Later(f"{host} does not let us in ({status}). Check the name and the secret.", wait_of(response))
    raise Later(f"{host} answers {status}.", wait_of(response))


def _read(response: httpx.Response, most: int, deadline: float) -> bytes:
    """The body, unpacked. What is packed is counted as it unpacks, so that a bomb stops at the limit."""
    kept = bytearray()
    for chunk in response.iter_bytes():
        kept += chunk
        if len(kept) > most:
            raise Later(f"{response.url.host} sends more than {most >> 20} MB at once; nothing was taken.")
        if time.monotonic() > deadline:
            raise Later(f"{response.url.host} sends too slowly; nothing was taken.")
    return bytes(kept)


def wait_of(response: httpx.Response) -> float | None:
    """How many seconds the server asks us to stay away by Retry-After (RFC 9110, 10.2.3), at most a day."""
    said = response.headers.get("retry-after", "").strip()
    if not said:
        return None
    if said.isdigit():
        return min(float(said), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None  # neither of the two forms: as if nothing was said
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), LONGEST_WAIT)
