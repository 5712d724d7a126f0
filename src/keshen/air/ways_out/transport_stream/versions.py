"""Version numbers of the present and following table (ETSI EN 300 468, 5.2.4): another whenever the table says another.

A version is a digest of what the table says, moved on by one where the table before happens to have the same digest. So
it follows from the guide alone, and every node finds the same. Only what the guide said before an edit is not in the
guide any more: a node remembers what it told.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

VERSIONS: Final = 32
KEPT: Final = 64
"""How many tables of a service are remembered: more than a receiver that is behind can ask for."""


def moved_on(digest: int, before: int | None) -> int:
    """The version of a table whose `digest` this is, after a table with the version `before`."""
    own = digest % VERSIONS
    return (own + 1) % VERSIONS if own == before else own


def follows(digests: Sequence[int]) -> int:
    """The version of the last of some tables that follow each other, each given as a digest.

    As soon as some table's own digest can be in nobody's way, nothing before it counts: so nodes that know the past as
    far back as different moments agree. Raises IndexError when there is none.
    """
    own = [digest % VERSIONS for digest in digests]
    first = len(own) - 1
    while first > 0 and own[first] in (own[first - 1], (own[first - 1] + 1) % VERSIONS):
        first -= 1
    version = own[first]
    for one in own[first + 1 :]:
        version = moved_on(one, version)
    return version


class Told:
    """What a node told last of each programme of a service: digest and version, by the tick the programme begins at."""

    def __init__(self) -> None:
        self._last: OrderedDict[int, tuple[int, int]] = OrderedDict()

    def version(self, start: int, digest: int, version: int, before: int | None) -> int:
        """The version to send a table with, whose own by the guide is `version`.

        `before` is the start of the programme before.
        """
        last = self._last.get(start)
        if last is not None and last[0] == digest:
            return last[1]
        if last is None and before is not None:
            last = self._last.get(before)
        made = moved_on(version, last[1] if last else None)
        self._last[start] = (digest, made)
        while len(self._last) > KEPT:
            self._last.popitem(last=False)
        return made
