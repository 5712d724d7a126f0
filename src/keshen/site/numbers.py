"""Numbers in addresses."""

from __future__ import annotations

from django.http import HttpRequest

HIGHEST = 1000


def page_number(request: HttpRequest) -> int:
    """The page asked for with `?page=`, from 1; what is no number, or absurd, is the first."""
    given = request.GET.get("page", "")
    return min(max(int(given), 1), HIGHEST) if given.isascii() and given.isdecimal() and len(given) < 6 else 1
