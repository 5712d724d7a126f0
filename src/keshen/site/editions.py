"""Editions as the site uses them: which there are, what a reader meant, and how the interface speaks in each."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from keshen.house.models import Edition, Service


def all_editions() -> list[Edition]:
    """The house's editions in their order."""
    return list(Edition.objects.select_related("derived_from"))


def default_edition(editions: list[Edition]) -> Edition:
    """Where `/` leads. Raises Http404 in a house without editions."""
    if not editions:
        raise Http404("this house has no editions")
    return next((edition for edition in editions if edition.is_default), editions[0])


def edition_named(tag: str, editions: list[Edition]) -> Edition | None:
    """The edition of a tag in any letter case (BCP 47, 2.1.1)."""
    return next((edition for edition in editions if edition.tag.lower() == tag.lower()), None)


def edition_wanted(request: HttpRequest, editions: list[Edition]) -> Edition:
    """For addresses without an edition: the one asked for by `?edition=`, else by the browser, else the default."""
    if named := edition_named(request.GET.get("edition", ""), editions):
        return named
    for wanted, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        exact = edition_named(wanted, editions)
        if exact or (exact := edition_named(wanted.split("-")[0], editions)):
            return exact
    return default_edition(editions)


def locale(edition: Edition) -> str:
    """Django's name of the language the page's own words are in: `kk-latn` for `kk-Latn`."""
    return edition.tag.lower()


def site_service() -> Service | None:
    """The service whose face this is: the first site of the house."""
    return Service.objects.filter(kind=Service.Kind.WEB).first()
