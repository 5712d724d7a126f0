"""Looks at channels as a player does, and says which rules of time hold.

It fetches over HTTP and judges with `conformance`, which shares no code with what writes the playlists. One `Patrol`
remembers what it was told before, so that each playlist is judged as an update of the last.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from keshen.air.proof import conformance
from keshen.air.proof.conformance import Fault, Playlist, Rule

ALONE: Final = (Rule.READABLE, Rule.LENGTH, Rule.WINDOW, Rule.CLOCK, Rule.INIT, Rule.FRESH, Rule.EARLY)
UPDATE: Final = (Rule.TARGET, Rule.SEQUENCE, Rule.APPEND, Rule.ADDRESS, Rule.DISCONTINUITY)
_RENDITION: Final = re.compile(r'URI="([^"]+\.m3u8[^"]*)"')

type Fetch = Callable[[str], tuple[int, bytes]]
"""Status and body at a path. Raises OSError when nobody answers."""


@dataclass(slots=True)
class Finding:
    """What one look at a channel found: how often each rule was checked, and what broke one."""

    checked: Counter[Rule] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    reached: bool = True
    reason: str = ""

    def note(self, rules: tuple[Rule, ...], faults: list[Fault], where: str) -> None:
        self.checked.update(rules)
        self.faults += [Fault(fault.rule, f"{where}: {fault.detail}") for fault in faults]


class Patrol:
    """`now` gives the present in milliseconds of the Unix epoch."""

    def __init__(self, fetch: Fetch, now: Callable[[], int]) -> None:
        self._fetch = fetch
        self._now = now
        self._before: dict[str, Playlist] = {}

    def look(self, slug: str, variant: str = "") -> Finding:
        """One look at every playlist of a channel, and at one of the newest segments.

        `variant` is the query of a variant (`variants.written`): its playlists name it by themselves.
        """
        found = Finding()
        base = f"/air/{slug}/"
        first = f"{base}index.m3u8" + (f"?{variant}" if variant else "")
        try:
            status, body = self._fetch(first)
            if status != 200:
                found.reached, found.reason = False, f"{first} answers {status}"
                return found
            self._renditions(base, _listed(body.decode("utf-8", "replace")), found)
        except OSError as error:
            found.reached, found.reason = False, str(error) or type(error).__name__
        return found

    def _renditions(self, base: str, addresses: list[str], found: Finding) -> None:
        read: dict[str, Playlist] = {}
        for address in [*addresses, *addresses[:1]]:
            playlist = self._playlist(base + address, found)
            if playlist is None:
                continue
            if address in read:  # the first again: did a segment come in meanwhile?
                if playlist == read[address]:
                    found.note((Rule.RENDITIONS,), conformance.judge_renditions(read), base)
            else:
                read[address] = playlist
        if read:
            self._segment(base, *random.choice(list(read.items())), found)

    def _playlist(self, path: str, found: Finding) -> Playlist | None:
        status, body = self._fetch(path)
        try:
            if status != 200:
                raise conformance.Unreadable(f"status {status}: {body[:120].decode('utf-8', 'replace')}")
            playlist = conformance.read(body.decode())
        except ValueError as error:
            found.note((Rule.READABLE,), [Fault(Rule.READABLE, str(error))], path)
            return None
        found.note(ALONE, conformance.judge(playlist, self._now()), path)
        before = self._before.get(path)
        if before is not None:
            found.note(UPDATE, conformance.judge_update(before, playlist), path)
        self._before[path] = playlist
        return playlist

    def _segment(self, base: str, address: str, playlist: Playlist, found: Finding) -> None:
        there = [one for one in playlist.segments if not one.gap]
        if not there:
            return
        path = base + address.partition("?")[0].rpartition("/")[0] + "/" + there[-1].address
        status, body = self._fetch(path)
        faults = [] if status == 200 and body else [Fault(Rule.SEGMENT, f"status {status}, {len(body)} bytes")]
        found.note((Rule.SEGMENT,), faults, path)


def _listed(text: str) -> list[str]:
    """The media playlists a multivariant playlist names, in order, each once."""
    found = [line for line in text.splitlines() if line and not line.startswith("#")]
    told = (_RENDITION.search(line) for line in text.splitlines() if line.startswith("#EXT-X-MEDIA:"))
    found += [match[1] for match in told if match]
    return list(dict.fromkeys(found))
