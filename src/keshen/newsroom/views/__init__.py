"""The newsroom's screens: the list of stories with one of them open beside it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from keshen.house import outlets
from keshen.house.gate import needs, part
from keshen.house.models import Desk
from keshen.newsroom import diff, listing
from keshen.newsroom.holds import questions
from keshen.newsroom.models import Story, Text, Version
from keshen.newsroom.reading import reading
from keshen.newsroom.verbs import verbs_for
from keshen.newsroom.workflow import STATE_LABELS

TABS = {"read": _("Read"), "history": _("History"), "where": _("Where it went"), "rights": _("Rights")}
FIELDS = ("slugline", "byline", "dateline", "urgency", "topics", "keywords", "ednote", "embargo", "restrictions")


@require_safe
@needs("newsroom.see")
def stories(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The list; with `pk`, that story beside it. The parts `stories` and `detail` can be asked for alone."""
    visible = listing.seen_by(request.user)
    story = get_object_or_404(visible, pk=pk) if pk else None
    asked = part(request)
    if story and asked == "detail":
        context = _detail(request, story)
        whole = "HX-Request" in request.headers
        return render(request, f"newsroom/{'detail_pane' if whole else 'detail'}.html", context)
    tags = listing.languages()
    page = Paginator(listing.filtered(visible, request.GET), listing.PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "rows": listing.rows(page.object_list, tags),
        "page": page,
        "current": story.pk if story else None,
        "query": _query(request),
        "filtering": any(request.GET.get(name) for name in ("q", "state", "language", "desk")),
    }
    if asked == "stories":
        return render(request, "newsroom/rows.html", context)
    context |= {
        "here": "newsroom:list",
        "tags": tags,
        "states": STATE_LABELS.items(),
        "desks": Desk.objects.order_by("slug"),
        "wanted": request.GET,
    }
    if story:
        context |= _detail(request, story)
    else:
        context["legend"] = listing.legend()
    return render(request, "newsroom/list.html", context)


def _query(request: HttpRequest) -> str:
    """The list's own part of the query, for links that keep it."""
    kept = request.GET.copy()
    for name in ("tab", "text", "version"):
        kept.pop(name, None)
    return kept.urlencode()


def _detail(request: HttpRequest, story: Story) -> dict[str, Any]:
    """What the open story shows in the tab that is asked for."""
    texts = list(story.texts.select_related("head", "approved", "published", "draft_by"))
    wanted = request.GET.get("text")
    text = next((each for each in texts if each.language == wanted), texts[0] if texts else None)
    tab = request.GET.get("tab")
    tab = tab if tab in TABS else "read"
    context: dict[str, Any] = {
        "story": story,
        "row": listing.row(story, listing.languages()),
        "text": text,
        "tab": tab,
        "tab_names": TABS.items(),
        "query": _query(request),
        "verbs": verbs_for(request.user, text) if text else [],
        "questions": questions(text) if text and text.is_out else [],
        "may_write": request.user.may("newsroom.write", story) and not story.killed_at,
    }
    if text and tab == "read":
        context["reading"] = reading(text)
    elif text and tab == "history":
        context |= _history(text, request.GET.get("version"))
    elif tab == "where":
        context["receipts"] = outlets.receipts(story.pk)
    elif tab == "rights":
        context["decisions"] = decisions_about(story)
    return context


def _history(text: Text, number: str | None) -> dict[str, Any]:
    """All versions of a text, and what one of them (the last, unless asked otherwise) changed."""
    versions = list(text.versions.select_related("author"))
    chosen = next((each for each in versions if str(each.number) == number), versions[0] if versions else None)
    before = next((each for each in versions if chosen and each.number == chosen.number - 1), None)
    return {
        "versions": versions,
        "chosen": chosen,
        "before": before,
        "changes": changes(before, chosen) if chosen else [],
        "fields": changed_fields(before, chosen) if before and chosen else [],
    }


def changes(before: Version | None, after: Version) -> list[diff.Paragraph]:
    """The words of two versions, compared."""
    return diff.paragraphs(_lines(before) if before else [], _lines(after))


def _lines(version: Version) -> list[str]:
    from keshen.newsroom import body

    return [line for line in (version.headline, version.standfirst, *body.paragraphs(version.body)) if line]


def changed_fields(before: Version, after: Version) -> list[tuple[str, str, str]]:
    """Fields outside the words that differ: the column's label, what it was, what it is."""
    made = []
    for name in FIELDS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            label = str(Version._meta.get_field(name).verbose_name)
            made.append((label, _shown(old), _shown(new)))
    return made


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "–")


def decisions_about(story: Story) -> list[Any]:
    from keshen.rights.models import Decision

    return list(Decision.objects.filter(subjects__contains=[story.urn]).order_by("-id")[:40])
