"""The wire's screens: products, clients and their health, deliveries with their receipts; and the client's own page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keshen.house.actions import permit
from keshen.house.gate import part
from keshen.newsroom import mediatopics
from keshen.newsroom.models import Story
from keshen.wire import actions, client_form
from keshen.wire.channels.registry import OFFERED
from keshen.wire.formats.registry import FORMATS
from keshen.wire.models import Delivery, Product, Subscriber, encodings
from keshen.wire.products import Filter, FilterError
from keshen.wire.queries import waiting
from keshen.wire.selection import taken_by

PAGE = 50

MEDIA_NAMES = {
    "text": gettext_lazy("Text"),
    "picture": gettext_lazy("Pictures"),
    "video": gettext_lazy("Video"),
    "audio": gettext_lazy("Sound"),
}


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Products, who receives them and how they are, and the latest deliveries."""
    permit(request.user, "wire.see", actions.agency())
    subscribers = Subscriber.objects.select_related("product")
    if part(request) == "client-rows":
        return render(request, "wire/_clients.html", {"subscribers": subscribers, "waiting": waiting(subscribers)})
    if part(request) == "latest-rows":
        return render(request, "wire/_latest.html", {"deliveries": _rows(Delivery.objects.all())[:20]})
    products = list(Product.objects.all())
    return render(
        request,
        "wire/overview.html",
        {
            "here": "wire-control:overview",
            "products": products,
            "subscribers": subscribers,
            "waiting": waiting(subscribers),
            "deliveries": _rows(Delivery.objects.all())[:20],
            "formats": FORMATS.values(),
            "languages": ["kk", "ru", "en", "ar"],
            "scripts": Subscriber.Script.choices,
            "media_names": MEDIA_NAMES,
            "topic_names": {
                code: mediatopics.label(code, request.user.interface_language)
                for product in products
                for code in product.filter.get("topics", ())
            },
            "topics": [
                {"code": topic.code, "here": topic.label(request.user.interface_language)}
                for topic in mediatopics.topics().values()
                if topic.parent is None
            ],
            "may_manage": request.user.may("wire.manage", actions.agency()),
        },
    )


def _rows(deliveries: Any) -> Any:
    return deliveries.select_related("subscriber", "version__text", "story", "decision").defer("payload")


@require_POST
def add_product(request: HttpRequest) -> HttpResponse:
    slug, name = request.POST.get("slug", "").strip(), request.POST.get("name", "").strip()
    try:
        selection = Filter.from_json(
            {
                "languages": request.POST.getlist("languages"),
                "script": request.POST.get("script", ""),
                "places": [place.strip() for place in request.POST.get("places", "").split(",") if place.strip()],
                "media": request.POST.getlist("media"),
                "topics": request.POST.getlist("topics"),
                "urgency": int(request.POST.get("urgency") or 9),
            }
        )
        if not slug or not name or Product.objects.filter(slug=slug).exists():
            raise FilterError(_("A product needs a name and a short name of its own, for its address."))
        actions.add_product(
            request.user, slug, {request.user.interface_language: name}, selection, is_open="is_open" in request.POST
        )
    except ValueError as problem:
        messages.error(request, str(problem))
    return redirect("wire-control:overview")


@require_http_methods(["GET", "POST"])
def add_subscriber(request: HttpRequest) -> HttpResponse:
    """A form for one way of having the stream (`?by=`), and what comes of it; a mistake loses nothing typed."""
    permit(request.user, "wire.manage", actions.agency())
    given, problem = (request.POST, "") if request.method == "POST" else (request.GET, "")
    if request.method == "POST":
        number = given.get("product", "")
        product = get_object_or_404(Product, pk=int(number) if number.isascii() and number.isdigit() else 0)
        try:
            made, key = actions.add_subscriber(
                request.user,
                given.get("name", "").strip() or _("Unnamed client"),
                product,
                given.get("format", ""),
                given.get("push_url", "").strip(),
                client_form.options(given),
            )
            return _show(request, made, key=key)
        except actions.Mistaken as mistake:
            problem = str(mistake)
    way = given.get("by", "") if given.get("by") in OFFERED else client_form.FETCHED
    context = {
        "here": "wire-control:overview",
        "problem": problem,
        "given": given,
        "way": way,
        "ways": client_form.ways(),
        "fields": client_form.fields(way, client_form.options(given)),
        "example": client_form.example(way),
        "products": Product.objects.all(),
        "formats": [entry for entry in FORMATS.values() if entry.carries_canceled or way == client_form.FETCHED],
    }
    return render(request, "wire/add_client.html", context, status=422 if problem else 200)


@require_GET
def subscriber(request: HttpRequest, slug: str) -> HttpResponse:
    permit(request.user, "wire.see", actions.agency())
    return _show(request, get_object_or_404(Subscriber.objects.select_related("product"), slug=slug))


def _show(request: HttpRequest, made: Subscriber, *, key: str = "") -> HttpResponse:
    page = Paginator(_rows(made.deliveries), PAGE).get_page(request.GET.get("page"))
    context = {
        "here": "wire-control:overview",
        "subscriber": made,
        "key": key,
        "waiting": waiting(Subscriber.objects.filter(pk=made.pk)).get(made.pk, 0),
        "page": page,
        "may_manage": request.user.may("wire.manage", actions.agency()),
        "may_resume": request.user.may("wire.resume", actions.agency()),
        "taken": [
            {"product": product, "terms": terms, "territories": sorted(terms.territories), "media": sorted(terms.media)}
            for product, terms in taken_by(made)
        ],
        "products": Product.objects.all(),
        "scripts": Subscriber.Script.choices,
        "encodings": encodings(),
        "fields": client_form.fields(made.channel, made.options, kept=True),
    }
    response = render(request, "wire/subscriber.html", context)
    if key:
        response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def subscriber_action(request: HttpRequest, slug: str) -> HttpResponse:
    """Suspend, resume, or a new key."""
    made = get_object_or_404(Subscriber.objects.select_related("product"), slug=slug)
    verb = request.POST.get("verb")
    try:
        if verb == "suspend":
            actions.suspend(request.user, made, request.POST.get("reason", ""))
        elif verb == "resume":
            options = client_form.options(request.POST)
            actions.resume(request.user, made, request.POST.get("push_url", "").strip(), options)
        elif verb == "key":
            return _show(request, made, key=actions.new_key(request.user, made))
        else:
            raise Http404
    except actions.Mistaken as problem:
        messages.error(request, str(problem))
    return redirect("wire-control:subscriber", slug=slug)


@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """All deliveries, by state, subscriber and story."""
    permit(request.user, "wire.see", actions.agency())
    found = _rows(Delivery.objects.all())
    state, slug, story = (request.GET.get(name, "") for name in ("state", "subscriber", "story"))
    story = story if story.isascii() and story.isdigit() and len(story) < 19 else ""
    if state in Delivery.State.values:
        found = found.filter(state=state)
    if slug:
        found = found.filter(subscriber__slug=slug)
    if story:
        found = found.filter(story=int(story))
    context = {
        "here": "wire-control:overview",
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "states": Delivery.State.choices,
        "state": state,
        "subscriber_slug": slug,
        "story": story,
        "query": urlencode({"state": state, "subscriber": slug, "story": story}) + "&",
    }
    return render(request, "wire/deliveries.html", context)


@require_GET
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    permit(request.user, "wire.see", actions.agency())
    found = get_object_or_404(
        Delivery.objects.select_related("subscriber", "version__text", "story", "decision", "publication"), pk=pk
    )
    context = {
        "here": "wire-control:overview",
        "delivery": found,
        "bytes": _bytes(found).decode("utf-8", "replace"),
        "may_resume": request.user.may("wire.resume", found.story),
    }
    return render(request, "wire/delivery.html", context)


@require_GET
def payload(request: HttpRequest, pk: int) -> HttpResponse:
    """The very bytes that were sent, as a download; `?number=` for those sent before rights changed them."""
    permit(request.user, "wire.see", actions.agency())
    found = get_object_or_404(Delivery.objects.select_related("subscriber", "publication"), pk=pk)
    number, body = found.sequence or 0, _bytes(found)
    earlier = request.GET.get("number", "")
    if earlier.isascii() and earlier.isdigit() and len(earlier) < 19 and int(earlier) != number:
        copy = get_object_or_404(found.earlier, sequence=int(earlier))
        number, body = copy.sequence, bytes(copy.payload)
    response = HttpResponse(body, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.subscriber.slug}-{number}.bin"'
    return response


def _bytes(found: Delivery) -> bytes:
    return bytes(found.payload) if found.payload is not None else b""


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        actions.retry(request.user, get_object_or_404(Delivery, pk=pk))
    except actions.Mistaken as problem:
        messages.error(request, str(problem))
    return redirect("wire-control:delivery", pk=pk)


@require_POST
def reconsider(request: HttpRequest, pk: int) -> HttpResponse:
    actions.reconsider(request.user, get_object_or_404(Story.objects.select_related("organisation"), pk=pk))
    return redirect(f"/control/wire/deliveries/?story={pk}")
