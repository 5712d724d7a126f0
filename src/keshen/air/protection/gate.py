"""Who may ask for what below /air/: signed addresses of restricted channels, and the territory an edge vouches for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.conf import settings

from keshen.air import clock
from keshen.house import admission

OPEN_TO_ALL: Final = frozenset({"epg.xml", "guide.json", "now.json"})
"""What a restricted channel tells everybody."""


OPEN: Final[int | None] = None
"""Until when an address admits that is not signed."""


def admitted(path: str) -> tuple[str, str, int | None]:
    """The plain path of one that may be asked for, what its address is bound to, and the Unix time it admits until.

    Raises NotAdmitted.
    """
    if path.startswith(admission.PREFIX):
        plain, bound = admission.admitted(settings.SECRET_KEY, path, clock.milliseconds() // 1000)
        return plain, bound, admission.ends(path)
    slug, _, name = path.removeprefix("/air/").partition("/")
    if slug in settings.KESHEN_RESTRICTED and name not in OPEN_TO_ALL:
        raise admission.NotAdmitted("This channel plays at signed addresses.")
    return path, "", OPEN


def territory(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The territory an edge in front says the viewer is in; empty when it says none."""
    wanted = settings.KESHEN_TERRITORY_HEADER.lower().encode()
    return next((value.decode("latin-1") for name, value in headers if name == wanted), "")


def varied() -> list[tuple[bytes, bytes]]:
    """What tells caches that answers differ by where the edge says the viewer is (RFC 9110, 12.5.5)."""
    header = settings.KESHEN_TERRITORY_HEADER
    return [(b"vary", header.lower().encode())] if header else []
