"""The rule editor: rules in their order, one of them in a form, and the dry run that explains itself rule by rule."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from keshen.house.gate import needs
from keshen.house.languages import language_name
from keshen.house.models import Desk
from keshen.newsroom import listing, mediatopics
from keshen.wire.intake import queries, route, ruling
from keshen.wire.intake.models import Rule, Source
from keshen.wire.intake.routing import LEAST_URGENT, PARTS, RuleError
from keshen.wire.intake.words import PART_LABELS

MOST = 500
LISTED = ("sources", "languages", "topics")
TYPED = ("places", "words", "without")


@require_safe
@needs("wire.see")
def rules(request: HttpRequest) -> HttpResponse:
    """The rules in their order."""
    context = {
        "here": "wire-control:incoming",
        "tab": "rules",
        "rows": [(rule, _summary(rule)) for rule in Rule.objects.select_related("desk")],
        "may_edit": request.user.may("wire.rules"),
        "yesterday": _yesterday(),
    }
    return render(request, "wire/intake/rules.html", context)


def _summary(rule: Rule) -> list[tuple[Any, str]]:
    """What the rule asks, part by part, in words."""
    language = get_language() or "kk"
    made = []
    for part in PARTS:
        value = rule.conditions.get(part)
        if part == "urgency" and value:
            made.append((PART_LABELS[part], f"1–{value}"))
        elif part == "topics" and value:
            made.append((PART_LABELS[part], ", ".join(mediatopics.label(code, language) for code in value)))
        elif part == "sources" and value:
            names = dict(Source.objects.filter(slug__in=value).values_list("slug", "name"))
            made.append((PART_LABELS[part], ", ".join(names.get(slug, slug) for slug in value)))
        elif part == "languages" and value:
            made.append((PART_LABELS[part], ", ".join(language_name(tag) for tag in value)))
        elif value:
            made.append((PART_LABELS[part], ", ".join(value)))
    return made


@needs("wire.see")
def rule(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One rule in its form. A POST keeps it, or with `try` holds it against a day's traffic and keeps nothing."""
    kept = get_object_or_404(Rule, pk=pk) if pk else None
    context: dict[str, Any] = {"wanted": kept.conditions if kept else {}, "name": kept.name if kept else ""}
    context |= {"act": kept.act if kept else Rule.Act.ROUTE, "desk": kept.desk.slug if kept and kept.desk else ""}
    if request.method == "POST":
        sent = request.POST
        context = {"name": sent.get("name", ""), "act": sent.get("act", ""), "desk": sent.get("desk", "")}
        try:
            context["wanted"] = _conditions(sent)
            desk = Desk.objects.filter(slug=sent.get("desk", "")).first()
            drafted = ruling.drafted(sent.get("name", ""), context["wanted"], sent.get("act", ""), desk, kept)
        except RuleError as problem:
            messages.error(request, str(problem))
            context.setdefault("wanted", {})
        else:
            if "try" not in sent:
                ruling.keep(request.user, drafted)
                messages.success(request, _("Kept. It holds for what comes from now on."))
                return redirect("wire-control:rules")
            context |= _tried(request, drafted)
    language = get_language() or "kk"
    context |= {
        "here": "wire-control:incoming",
        "tab": "rules",
        "rule": kept,
        "acts": Rule.Act.choices,
        "desks": Desk.objects.order_by("slug"),
        "sources": queries.sources_seen_by(request.user),
        "tags": list(dict.fromkeys([*listing.languages(), *context["wanted"].get("languages", [])])),
        "topics": mediatopics.choices(language),
        "urgency": context["wanted"].get("urgency", LEAST_URGENT),
        "may_edit": request.user.may("wire.rules"),
        "day": context.get("day") or _yesterday(),
    }
    return render(request, "wire/intake/rule.html", context)


def _conditions(sent: QueryDict) -> dict[str, Any]:
    """The conditions of a form. Raises RuleError."""
    made: dict[str, Any] = {part: sent.getlist(part) for part in LISTED}
    made |= {part: [line.strip() for line in sent.get(part, "").splitlines() if line.strip()] for part in TYPED}
    try:
        made["urgency"] = int(sent.get("urgency") or LEAST_URGENT)
    except ValueError as error:
        raise RuleError(_("Urgency is a number from 1 (flash) to 9.")) from error
    return made


@require_safe
@needs("wire.see")
def dry_run(request: HttpRequest) -> HttpResponse:
    """The rules in force against a day's traffic."""
    context = {"here": "wire-control:incoming", "tab": "rules"} | _tried(request, None)
    return render(request, "wire/intake/dry_run.html", context)


def _tried(request: HttpRequest, drafted: Rule | None) -> dict[str, Any]:
    """What a day's items would do under the rules in force, the drafted one in its place or at the end."""
    day = _day(request)
    kept = [drafted if drafted and each.pk == drafted.pk else each for each in route.rules_on()]
    if drafted and drafted.pk is None:
        kept.append(drafted)
    start, end = queries.day(day)
    items = queries.traffic(queries.seen_by(request.user), start, end, MOST)
    tried = route.dry_run([(each, each.rule) for each in kept], items)
    tried.sort(key=lambda each: not each.changes)
    return {
        "tried": tried,
        "day": day,
        "parts": PART_LABELS,
        "changed": sum(each.changes for each in tried),
        "fitting": sum(each.rule is drafted for each in tried) if drafted else None,
    }


def _day(request: HttpRequest) -> date:
    given = request.POST.get("day") or request.GET.get("day") or ""
    try:
        return date.fromisoformat(given)
    except ValueError:  # nothing, or no date: the day before today is what is asked for most
        return _yesterday()


def _yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)


@require_POST
@needs("wire.rules")
def rule_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Earlier, later, on, off, remove."""
    found = get_object_or_404(Rule.objects.select_related("desk"), pk=pk)
    if verb in ("up", "down"):
        ruling.move(request.user, found, up=verb == "up")
    elif verb in ("on", "off"):
        ruling.switch(request.user, found, on=verb == "on")
    elif verb == "remove":
        ruling.remove(request.user, found)
    else:
        raise Http404
    return redirect("wire-control:rules")
