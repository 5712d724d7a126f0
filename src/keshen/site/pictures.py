"""Pictures of a story as pages show them: content-addressed renditions, words for those who cannot see, a credit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from keshen.house.models import Edition
from keshen.language.derive import transliterate
from keshen.media.models import Asset, Rendition
from keshen.media.queries import worded

type Picture = dict[str, Any]
"""asset (URN), alt, caption, credit, width, height, sources: [[width in pixels, address], ...] by width."""

PREFERRED = ("image/webp", "image/jpeg", "image/png")
COLUMN = "(min-width: 48rem) 44rem, 100vw"


def ready(urns: Iterable[str]) -> dict[str, Asset]:
    """The picture assets among `urns` that can be shown, by URN."""
    found = Asset.objects.filter(urn__in=list(urns), kind=Asset.Kind.PICTURE, state=Asset.State.READY)
    return {asset.urn: asset for asset in found.prefetch_related("renditions") if asset.renditions.all()}


def picture(asset: Asset, edition: Edition, *, alt: str = "", caption: str = "") -> Picture:
    """One picture in an edition. `alt` and `caption` are in its language already; the asset's own words fill gaps."""
    renditions = _of_one_type(worded(asset, edition.tag))
    return {
        "asset": asset.urn,
        "alt": alt or _alt(asset, edition),
        "caption": caption,
        "credit": _in_script(asset.credit, edition),
        "width": renditions[-1].width,
        "height": renditions[-1].height,
        "sources": [[rendition.width, f"/picture/{rendition.sha256}"] for rendition in renditions],
    }


def _of_one_type(renditions: list[Rendition]) -> list[Rendition]:
    """Renditions by width, in the media type browsers like best among those there are."""
    types = {one.media_type for one in renditions}
    chosen = next((one for one in PREFERRED if one in types), renditions[0].media_type)
    return [one for one in renditions if one.media_type == chosen]


def _alt(asset: Asset, edition: Edition) -> str:
    words: Mapping[str, str] = asset.alt
    if edition.tag in words:
        return words[edition.tag]
    if edition.derived_from and edition.derived_from.tag in words:
        return _in_script(words[edition.derived_from.tag], edition)
    return ""


def _in_script(text: str, edition: Edition) -> str:
    if not text or edition.derived_from is None:
        return text
    return transliterate([text], edition.tag)[0]


def image(shown: Picture, *, sizes: str = COLUMN, eager: bool = False) -> str:
    """The picture alone, as HTML; its place is reserved before it loads."""
    return format_html(
        '<img src="{}" srcset="{}" sizes="{}" width="{}" height="{}" alt="{}" {}>',
        shown["sources"][-1][1],
        ", ".join(f"{address} {width}w" for width, address in shown["sources"]),
        sizes,
        shown["width"],
        shown["height"],
        shown["alt"],
        SafeString('fetchpriority="high"' if eager else 'loading="lazy" decoding="async"'),
    )


def figure(shown: Picture, *, sizes: str = COLUMN, eager: bool = False) -> str:
    """The picture with its caption and credit."""
    words = format_html("<span>{}</span>", shown["caption"]) if shown["caption"] else ""
    credit = format_html('<span class="credit">{}</span>', shown["credit"]) if shown["credit"] else ""
    caption = format_html("<figcaption>{} {}</figcaption>", words, credit) if words or credit else ""
    return format_html("<figure>{}{}</figure>", image(shown, sizes=sizes, eager=eager), caption)
