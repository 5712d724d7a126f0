"""Template tags for what the front end built: `{% vite "site" %}`, `{% vite_theme %}`, `{% icon "search" %}`.

`make front` (Vite) writes hashed files and a manifest into `house/static/build`; these tags read that manifest.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from django import template
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
BUILD = Path(__file__).resolve().parent.parent / "static" / "build"


class Chunk(TypedDict):
    """One entry of Vite's manifest: a file, and what it needs."""

    file: str
    css: NotRequired[list[str]]
    imports: NotRequired[list[str]]


@lru_cache(maxsize=1)
def _read(path: Path, changed_ns: int) -> dict[str, Chunk]:
    manifest: dict[str, Chunk] = json.loads(path.read_text())
    return manifest


def manifest() -> dict[str, Chunk]:
    """Vite's manifest, read again when a new build replaced it. Raises ImproperlyConfigured when there is none."""
    path = BUILD / "manifest.json"
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ImproperlyConfigured("The front end is not built. Run `make front`.") from None


def chunk(name: str) -> Chunk:
    """The manifest's entry for an island (`site`) or a source file (`src/icons.json`)."""
    key = name if "/" in name else f"src/{name}/main.ts"
    try:
        return manifest()[key]
    except KeyError:
        raise ImproperlyConfigured(f"The front end has no entry {key}. Run `make front` again.") from None


def _address(file: str) -> str:
    return static(f"build/{file}")


def _closure(entry: Chunk) -> list[Chunk]:
    """The entry after everything it imports, each once."""
    found: dict[str, Chunk] = {}

    def walk(part: Chunk) -> None:
        for key in part.get("imports", []):
            if key not in found:
                imported = manifest()[key]
                walk(imported)
                found[key] = imported

    walk(entry)
    return [*found.values(), entry]


@register.simple_tag
def vite(name: str) -> SafeString:
    """The style sheets, the module and the preloads of an island: `{% vite "site" %}`."""
    parts = _closure(chunk(name))
    sheets = dict.fromkeys(sheet for part in parts for sheet in part.get("css", []))
    styles = format_html_join("\n", '<link rel="stylesheet" href="{}">', ((_address(sheet),) for sheet in sheets))
    preloads = format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((_address(part["file"]),) for part in parts[:-1])
    )
    module = format_html('<script type="module" src="{}"></script>', _address(parts[-1]["file"]))
    return SafeString("\n".join(part for part in (styles, preloads, module) if part))


@register.simple_tag
def vite_theme() -> SafeString:
    """The few bytes that set the chosen theme before the first paint; put it before the style sheets."""
    return format_html('<script src="{}"></script>', _address(chunk("theme")["file"]))


@register.simple_tag
def vite_file(name: str) -> str:
    """The hashed address of one built file, by its source: `{% vite_file "src/icons.json" %}`."""
    return _address(chunk(name)["file"])


@register.simple_tag
def icon(name: str, **options: Any) -> SafeString:
    """A Lucide icon of the sprite (listed in `frontend/src/icons.json`), decorative: put the word beside it.

    `directed=True` mirrors it in right-to-left pages.
    """
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        " icon-directed" if options.get("directed") else "",
        vite_file("src/icons.json"),
        name,
    )
