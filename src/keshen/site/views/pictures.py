"""Pictures of stories, by the checksum of what is sent."""

from __future__ import annotations

from typing import Final

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from keshen.media.models import Asset, Rendition
from keshen.media.store import BlobMissing, house_store
from keshen.newsroom.publications import out_with
from keshen.site import actions, pulse
from keshen.site.editions import site_service

KEEP_SECONDS: Final = 3600
"""How long others may keep a picture: after a kill it is gone everywhere by then."""


@require_safe
def picture(request: HttpRequest, sha256: str) -> HttpResponse:
    """One rendition of a picture of a story that is out; other blobs of the store have no address here.

    A picture whose stories were all killed, or that rights keep from the site, answers 410.
    """
    held = list(Rendition.objects.filter(sha256=sha256, asset__state=Asset.State.READY).select_related("asset"))
    if not held:
        raise Http404("there is no such picture")
    found = next((row for row in held if _may_be_shown(row.asset.urn)), None)
    if found is None:
        return HttpResponse("This picture is not shown.", status=410, headers={"Cache-Control": "no-store"})
    etag = f'"{sha256}"'
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        try:
            response = HttpResponse(house_store().read(sha256), content_type=found.media_type)
        except BlobMissing as missing:
            raise Http404("the picture is lost") from missing
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={KEEP_SECONDS}, immutable"
    return response


def _may_be_shown(urn: str) -> bool:
    """Asked once for each state of the site: stories and terms that change move its pulse on."""

    def ask() -> bool:
        service = site_service()
        return service is not None and bool(out_with(urn)) and actions.decide_use(urn, service)

    return bool(cache.get_or_set(f"picture:{pulse.number()}:{urn}", ask, KEEP_SECONDS))
