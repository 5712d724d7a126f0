"""Writing: the editor's page, saving as one types, and the verbs of the workflow."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keshen.house.actions import permit
from keshen.house.gate import needs
from keshen.house.models import User
from keshen.house.permissions import Denied
from keshen.house.words import spoken
from keshen.language.actions import override_script, remove_override
from keshen.language.derive import transliterate
from keshen.language.models import ScriptOverride
from keshen.language.queries import overrides_for
from keshen.newsroom import actions, holds, listing, mediatopics
from keshen.newsroom import body as bodies
from keshen.newsroom.content import Content, ContentError
from keshen.newsroom.forms import DERIVED, tags_of
from keshen.newsroom.holds import questions
from keshen.newsroom.models import Text
from keshen.newsroom.reading import direction_of, reading
from keshen.newsroom.verbs import verbs_for
from keshen.newsroom.words import editor_words
from keshen.newsroom.workflow import BY_VERB, NotLegal

MAX_DRAFT_BYTES = 5_000_000
REFUSALS = (NotLegal, actions.NotPublishable, actions.Conflict, ContentError, bodies.BodyError)
_WORD = re.compile(r"\w+(?:[-'’]\w+)*|[^\w]+")


def said(text: str, status: int = 200, **more: Any) -> JsonResponse:
    return JsonResponse({"said": text, **more}, status=status)


def text_or_404(person: User, pk: int, language: str) -> Text:
    texts = Text.objects.select_related("story__organisation", "head", "approved", "published", "draft_by")
    return get_object_or_404(texts, story__in=listing.seen_by(person), story=pk, language=language)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("newsroom.write")
def new(request: HttpRequest) -> HttpResponse:
    """A new, empty story in the chosen language (Kazakh, unless the person chose another), open for writing.

    Whoever comes by a bookmark, or by signing in again, gets the list, where the button is: a look makes no story.
    """
    if request.method != "POST":
        return redirect("newsroom:list")
    language = request.POST.get("language") or "kk"
    if language not in listing.languages():
        raise Http404
    text = actions.create_story(request.user, language=language, content=Content())
    return redirect("newsroom:edit", text.story_id, language)


@require_POST
@needs("newsroom.write")
def add(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """The story in another language, open beside its source."""
    story = get_object_or_404(listing.seen_by(request.user), pk=pk)
    if language not in listing.languages():
        raise Http404
    if not story.texts.filter(language=language).exists():
        actions.add_text(request.user, story, language)
    return redirect("newsroom:edit", pk, language)


@require_safe
@needs("newsroom.see")
def edit(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """The editor: the text, its source beside it when it is a translation, and what surrounds it."""
    text = text_or_404(request.user, pk, language)
    source = text.story.texts.filter(is_source=True).exclude(pk=text.pk).select_related("head").first()
    interface = get_language() or "kk"
    context = {
        "here": "newsroom:list",
        "text": text,
        "story": text.story,
        "row": listing.row(text.story, listing.languages()),
        "content": text.draft,
        "direction": direction_of(language),
        "source": source,
        "source_reading": reading(source) if source else None,
        "source_direction": direction_of(source.language) if source else "ltr",
        "editable": request.user.may("newsroom.write", text) and not text.story.killed_at,
        "verbs": verbs_for(request.user, text, editing=True),
        "questions": questions(text) if text.is_out else [],
        "topics": [(f"{mediatopics.ALIAS}:{code}", label) for code, label in mediatopics.choices(interface)],
        "urgencies": range(1, 10),
        "scripts": [tag for tag, tongue in DERIVED.items() if tongue == language],
        "script_words": editor_words(),
    }
    return render(request, "newsroom/edit.html", context)


@require_POST
@needs("newsroom.write")
def draft(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Keep the working copy. Answers with the new revision; 409 with what is there when somebody saved meanwhile."""
    text = text_or_404(request.user, pk, language)
    if len(request.body) > MAX_DRAFT_BYTES:
        return said(_("The text is too large to save. Divide it into several stories."), 413)
    try:
        sent = json.loads(request.body)
        content = Content.from_json(sent["content"])
        revision = int(sent["revision"])
    except (ContentError, bodies.BodyError) as error:
        return said(spoken(error), 422)
    except (ValueError, KeyError, TypeError):
        return said(_("This is not a draft: send JSON with content and revision."), 400)
    if content.digest() == text.working.digest():
        return JsonResponse({"revision": text.draft_revision, "at": _clock(text)})
    try:
        text = actions.save_draft(request.user, text, content, revision)
    except actions.Conflict as conflict:
        theirs = conflict.text
        return said(str(conflict), 409, revision=theirs.draft_revision, content=theirs.draft)
    except NotLegal as error:
        return said(spoken(error), 422)
    return JsonResponse({"revision": text.draft_revision, "at": _clock(text)})


def _clock(text: Text) -> str:
    return f"{timezone.localtime(text.draft_at):%H:%M:%S}"


type Verb = Callable[[User, Text, str], object]

VERBS: dict[str, tuple[Verb, Any]] = {
    "submit": (lambda actor, text, _reason: actions.submit(actor, text), lambda: _("Submitted to the desk.")),
    "approve": (lambda actor, text, _reason: actions.approve(actor, text), lambda: _("Approved.")),
    "return": (actions.send_back, lambda: _("Returned to the author.")),
    "publish": (lambda actor, text, _reason: actions.publish(actor, text), lambda: _("Published. See where it went.")),
    "hold": (holds.hold, lambda: _("Held. Readers and clients are told that it is being revised.")),
    "release": (lambda actor, text, _reason: holds.release(actor, text), lambda: _("Released. It is out again.")),
    "kill": (
        lambda actor, text, reason: actions.kill(actor, text.story, reason),
        lambda: _("Killed. It is being taken down everywhere."),
    ),
}


@require_POST
@needs("newsroom.see")
def do(request: HttpRequest, pk: int, language: str, verb: str) -> HttpResponse:
    """One verb of the workflow; answers with what to say, and where to go next."""
    if verb not in BY_VERB:
        raise Http404
    text = text_or_404(request.user, pk, language)
    try:
        if verb == "correct":
            done = _correct(request, text)
        else:
            act, done = VERBS[verb]
            act(request.user, text, request.POST.get("reason", "").strip())
    except Denied as denied:
        return said(str(denied), 403)
    except REFUSALS as refusal:
        return said(spoken(refusal), 409)
    text.refresh_from_db()
    if verb == "publish" and text.release_at:
        answer = _("Held by its embargo until %(time)s; the house publishes it then.") % {
            "time": f"{timezone.localtime(text.release_at):%d.%m.%Y %H:%M}"
        }
    else:
        answer = done()
    more = {"to": _after(verb, pk, language)} if request.POST.get("from") == "editor" else {}
    return said(answer, **more)


def _correct(request: HttpRequest, text: Text) -> Callable[[], str]:
    """Publish the correction, with an answer for everything it asks about."""
    answers = {asked.name: request.POST.get(f"answer-{asked.name}") or asked.default for asked in questions(text)}
    if open_questions := [name for name, answer in answers.items() if answer not in ("hold", "keep")]:
        raise actions.NotPublishable(
            _("Say for each published translation whether to hold it or keep it until it is revised: %(languages)s.")
            % {"languages": ", ".join(open_questions)}
        )
    chosen = {answer: [name for name, given in answers.items() if given == answer] for answer in ("hold", "keep")}
    # what the correction asks about may have changed since: packages are held anyway, and texts that are gone are gone
    actions.correct(
        request.user, text, request.POST.get("reason", "").strip(), hold=chosen["hold"], keep=chosen["keep"]
    )
    return lambda: _("The correction is going out.")


def _after(verb: str, pk: int, language: str) -> str:
    """What goes out is watched on its way; what stays in the house is read."""
    tab = "&tab=where" if verb in {"publish", "correct", "hold", "release", "kill"} else ""
    return f"{reverse('newsroom:story', args=[pk])}?text={language}{tab}"


@needs("newsroom.see")
def scripts(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """The working copy in the scripts derived from it, word by word; a POST decides how a word is written."""
    text = text_or_404(request.user, pk, language)
    subject = text.story.urn or ""
    if request.method == "POST":
        permit(request.user, "language.override", text)
        tag, source = request.POST.get("tag", ""), request.POST.get("source", "").strip()
        try:
            if request.POST.get("remove"):
                remove_override(
                    request.user, get_object_or_404(ScriptOverride, subject=subject, pk=request.POST["remove"])
                )
                return said(_("The rules decide again."))
            override_script(request.user, subject, tag, source, request.POST.get("replacement", ""))
        except ValidationError as error:
            return said(" ".join(error.messages), 422)
        return said(_("Written so from now on, also after later edits."))
    content = text.working
    lines = [line for line in (content.headline, content.standfirst, *bodies.paragraphs(content.body)) if line]
    made = []
    for tag in tags_of(language)[1:]:
        overrides = dict(overrides_for(subject, tag))
        made.append(
            {
                "tag": tag,
                "direction": direction_of(tag),
                "lines": [_pairs(line, tag, overrides) for line in lines],
                "overrides": ScriptOverride.objects.filter(subject=subject, tag=tag),
            }
        )
    return render(request, "newsroom/scripts.html", {"scripts": made, "text": text})


def _pairs(line: str, tag: str, overrides: dict[str, str]) -> list[tuple[str, str, bool]]:
    """Each word of a line with how it is written in the script, and whether a person decided that."""
    pieces = _WORD.findall(line)
    return [
        (source, derived, source in overrides)
        for source, derived in zip(pieces, transliterate(pieces, tag, overrides=overrides), strict=True)
    ]
