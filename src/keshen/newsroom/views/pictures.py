"""Pictures of stories: those the house has, one more from somebody's machine, and their bytes for staff."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from keshen.house.gate import needs
from keshen.house.models import User
from keshen.house.permissions import permit
from keshen.media import pictures
from keshen.media.models import Asset
from keshen.media.queries import rendition
from keshen.media.store import StoreError, house_store
from keshen.newsroom.views.editing import said

SHOWN = 60
WIDTH = 640


def _seen_by(person: User) -> QuerySet[Asset]:
    found = Asset.objects.filter(kind=Asset.Kind.PICTURE, state=Asset.State.READY)
    return found if person.is_of_the_house else found.filter(organisation=person.organisation_id)


@needs("newsroom.write")
def shelf(request: HttpRequest) -> HttpResponse:
    """GET: the newest pictures to choose from. POST: take one more in; answers with its URN, or says why not."""
    if request.method != "POST":
        playing = Asset.objects.filter(kind__in=[Asset.Kind.VIDEO, Asset.Kind.AUDIO], state=Asset.State.READY)
        if not request.user.is_of_the_house:
            playing = playing.filter(organisation=request.user.organisation_id)
        context = {"pictures": _seen_by(request.user)[:SHOWN], "playing": playing[:SHOWN]}
        return render(request, "newsroom/shelf.html", context)
    sent = request.FILES.get("picture")
    permit(request.user, "media.add")
    if sent is None:
        return said(_("No picture came. Choose a file and send it again."), 400)
    try:
        name = sent.name or "picture"
        title = name.rpartition(".")[0] or name
        asset = pictures.take_in(
            request.user, sent.read(), name=name, organisation=request.user.organisation, title=title
        )
    except (pictures.Unreadable, StoreError) as error:
        return said(str(error), 422)
    return JsonResponse({"urn": asset.urn})


@require_safe
@needs("newsroom.see")
def picture(request: HttpRequest, urn: str) -> HttpResponse:
    """A picture's bytes, at a width that fits a page."""
    asset = get_object_or_404(_seen_by(request.user).prefetch_related("renditions"), urn=urn)
    chosen = rendition(asset, WIDTH) or rendition(asset, WIDTH, "image/jpeg")
    if chosen is None:
        raise Http404
    answer = HttpResponse(house_store().read(chosen.sha256), content_type=chosen.media_type)
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer
