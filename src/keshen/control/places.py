"""The places of the rail, in the order people need them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from keshen.house.menu import Place, register


def furnish() -> None:
    """Register every place; once, at start."""
    register(
        [
            Place(_("Today"), "control:dashboard", "layout-dashboard", "house.see_control", "t", 10),
            Place(_("Stories"), "newsroom:list", "newspaper", "newsroom.see", "s", 20),
            Place(_("Incoming"), "wire-control:incoming", "download", "wire.see", "i", 22),
            Place(_("Quarantine"), "newsroom:quarantine", "inbox", "newsroom.ingest", "q", 25),
            Place(_("Air"), "control:air", "tv", "house.see_control", "a", 30),
            Place(_("Wire"), "wire-control:overview", "rss", "wire.see", "w", 40),
            Place(_("Rights"), "control:rights", "scale", "house.see_control", "r", 50),
            Place(_("Jobs"), "control:jobs", "list-checks", "house.see_control", "j", 60),
            Place(_("Log"), "control:log", "scroll-text", "house.see_log", "l", 70),
        ]
    )
