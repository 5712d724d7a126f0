"""Pictures of stories, by the checksum of what is sent: they never change and may be kept for ever."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from keshen.media.models import Asset, Rendition
from keshen.media.store import BlobMissing, house_store


@require_safe
def picture(request: HttpRequest, sha256: str) -> HttpResponse:
    """One rendition of a picture that is fit to be shown; other blobs of the store have no address here."""
    found = Rendition.objects.filter(sha256=sha256, asset__state=Asset.State.READY).first()
    if found is None:
        raise Http404("there is no such picture")
    etag = f'"{sha256}"'
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        try:
            response = HttpResponse(house_store().read(sha256), content_type=found.media_type)
        except BlobMissing as missing:
            raise Http404("the picture is lost") from missing
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
