"""The files that go with items, given to whoever may have the item now: by key, by a signed address, or to everybody
where an open feed has it. What was killed, or what rights stopped since, is gone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

from django.core.cache import cache
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from keshen.media.models import Asset, Rendition
from keshen.media.store import CHUNK, BlobMissing, BlobStore, house_store
from keshen.newsroom.models import Version
from keshen.wire.feeds import key_of
from keshen.wire.media_addresses import is_signed
from keshen.wire.models import Subscriber
from keshen.wire.portal.session import client_of, may_fetch
from keshen.wire.queries import standing, subscriber_for_key

KEEP_SECONDS = 60
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@csrf_exempt
@require_safe
def media(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """One file, whole or a range of it (RFC 9110, 14.2); 404 for strangers, 410 for what is not given any more."""
    held = list(Rendition.objects.filter(sha256=sha256, asset__state=Asset.State.READY).select_related("asset"))
    readers = _readers(request, sha256)
    if not held or not readers:
        return HttpResponse("There is no such file, or it needs your key.", status=404, headers=_HEADERS)
    if not any(_may_have(reader, row.asset.urn) for reader in readers for row in held):
        return HttpResponse("This file is not given any more.", status=410, headers=_HEADERS)
    try:
        return _answer(request, held[0], house_store())
    except BlobMissing:
        return HttpResponse("This file is lost.", status=404, headers=_HEADERS)


_HEADERS = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "private, no-store"}


def _readers(request: HttpRequest, sha256: str) -> list[Subscriber]:
    """Who asks: the owner of the key, whoever the address was signed for, who is at the door; else the open feeds."""
    if key := key_of(request):
        found = subscriber_for_key(key)
        return [found] if found and may_fetch(found) else []
    name, signature = request.GET.get("c", ""), request.GET.get("s", "")
    if name:
        known = Subscriber.objects.filter(slug=name).first() if is_signed(sha256, name, signature) else None
        return [known] if known and may_fetch(known) else []
    here = client_of(request)
    readers = [here] if here and may_fetch(here) else []
    return [*readers, *Subscriber.objects.filter(channel=Subscriber.Channel.OPEN, product__is_open=True)]


def _may_have(reader: Subscriber, urn: str) -> bool:
    """Whether something that stands in the reader's stream shows the asset, and rights let the reader have it."""

    def ask() -> bool:
        shown = Q(pictures__contains=[{"asset": urn}]) | Q(body__contains={"content": [{"attrs": {"asset": urn}}]})
        versions = Version.objects.filter(shown).values("pk")
        rows = standing(reader).filter(version__in=versions, is_kill=False, called_back=False)
        return rows.exclude(withheld__contains=[urn]).exists()

    return bool(cache.get_or_set(f"wire:media:{reader.pk}:{reader.last_sequence}:{urn}", ask, KEEP_SECONDS))


def _answer(request: HttpRequest, row: Rendition, store: BlobStore) -> HttpResponseBase:
    size = store.size(row.sha256)
    start, end, partial = 0, size - 1, False
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked and (asked[1] or asked[2]):
        start = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
        end = min(int(asked[2]), size - 1) if asked[1] and asked[2] else size - 1
        partial = True
        if start > end:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    # each kind of server wants its own kind of iterator, or it would read the whole film first
    pieces = _apieces if isinstance(request, ASGIRequest) else _pieces
    answer = StreamingHttpResponse(pieces(store, row.sha256, start, end), content_type=row.media_type)
    answer.status_code = 206 if partial else 200
    answer["Content-Length"], answer["Accept-Ranges"] = str(end - start + 1), "bytes"
    answer["ETag"], answer["Cache-Control"] = f'"{row.sha256}"', "private, max-age=300"
    if partial:
        answer["Content-Range"] = f"bytes {start}-{end}/{size}"
    return answer


async def _apieces(store: BlobStore, sha256: str, start: int, end: int) -> AsyncIterator[bytes]:
    while start <= end:
        piece = bytes(await store.aread_range(sha256, start, min(CHUNK, end - start + 1)))
        if not piece:
            return
        yield piece
        start += len(piece)


def _pieces(store: BlobStore, sha256: str, start: int, end: int) -> Iterator[bytes]:
    while start <= end:
        piece = store.read_range(sha256, start, min(CHUNK, end - start + 1))
        if not piece:
            return
        yield piece
        start += len(piece)
