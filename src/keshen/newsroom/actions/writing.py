"""Writing: stories, their texts and working copies, the versions made of them, and links between stories."""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Desk, Organisation, User
from keshen.house.urns import urn
from keshen.language.stemming import tokens
from keshen.newsroom import body as bodies
from keshen.newsroom.actions.steps import Conflict, locked, make_version, refuse_killed
from keshen.newsroom.content import Content
from keshen.newsroom.models import Link, Story, Text, Version


@action
def create_story(
    actor: User,
    *,
    language: str,
    content: Content,
    organisation: Organisation | None = None,
    desk: Desk | None = None,
    source: str = "",
) -> Text:
    """A new story with its source text, as a draft of the actor's. Event: `story.created`."""
    owner = organisation or actor.organisation
    permit(actor, "newsroom.write", Story(organisation=owner))
    content = content.checked()
    story = Story.objects.create(
        organisation=owner,
        desk=desk or actor.desk,
        slugline=content.slugline,
        urgency=content.urgency,
        source=source,
        created_by=actor,
    )
    story.urn = urn("story", story.pk, story.created_at)
    story.save(update_fields=["urn"])
    record(
        actor,
        "story.created",
        story.urn,
        organisation=story.organisation,
        after={"story": story.pk, "slugline": story.slugline, "language": language},
    )
    return _new_text(actor, story, language, content, is_source=True)


@action
def add_text(actor: User, story: Story, language: str, content: Content | None = None) -> Text:
    """The story in another language, beginning with the source's own words to translate. Event: `text.added`."""
    story = Story.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=story.pk)
    permit(actor, "newsroom.write", story)
    refuse_killed(story)
    source = story.texts.get(is_source=True)
    content = content or _to_translate(source.working)
    return _new_text(actor, story, language, content.checked(), is_source=False)


def _to_translate(source: Content) -> Content:
    """The source's content with each block naming the block it is to be translated from."""

    def from_block(node: bodies.Node) -> bodies.Node:
        made = dict(node)
        if "id" in node.get("attrs", {}):
            made["attrs"] = {**node["attrs"], "id": bodies.new_id(), "from": node["attrs"]["id"]}
        if "content" in node:
            made["content"] = [from_block(child) for child in node["content"]]
        return made

    return replace(source, body=from_block(source.body))


def _new_text(actor: User, story: Story, language: str, content: Content, *, is_source: bool) -> Text:
    text = Text.objects.create(
        story=story,
        language=language,
        is_source=is_source,
        draft=content.to_json(),
        draft_revision=1,
        draft_by=actor,
        draft_at=timezone.now(),
        search=_search(content, language),
    )
    record(
        actor,
        "text.added",
        story.urn or "",
        organisation=story.organisation,
        after={"text": text.pk, "language": language, "headline": content.headline},
    )
    return text


@action
def save_draft(actor: User, text: Text, content: Content, base_revision: int) -> Text:
    """Keep the working copy as it is typed. Raises Conflict when it changed since `base_revision`.

    Event: `text.draft_saved`, without the words: versions keep those.
    """
    text = locked(text)
    permit(actor, "newsroom.write", text)
    refuse_killed(text.story)
    content = content.checked()
    if text.draft_revision != base_revision:
        raise Conflict(text)
    before = text.draft_revision
    _keep(actor, text, content)
    record(
        actor,
        "text.draft_saved",
        text.story.urn or "",
        organisation=text.story.organisation,
        before={"text": text.pk, "revision": before},
        after={"text": text.pk, "revision": text.draft_revision},
    )
    return text


def _keep(actor: User, text: Text, content: Content) -> None:
    text.draft = content.to_json()
    text.draft_revision += 1
    text.draft_by = actor
    text.draft_at = timezone.now()
    text.search = _search(content, text.language)
    text.save(update_fields=["draft", "draft_revision", "draft_by", "draft_at", "search"])
    story = text.story
    if text.is_source:
        story.slugline, story.urgency = content.slugline, content.urgency
    story.save(update_fields=["slugline", "urgency", "changed_at"])


@action
def save_version(actor: User, text: Text, *, note: str = "", machine: bool = False) -> Version:
    """Make the working copy a version; when nothing changed, the version that is. Event: `text.version_saved`."""
    text = locked(text)
    permit(actor, "newsroom.write", text)
    refuse_killed(text.story)
    version = make_version(actor, text, note=note, machine=machine)
    text.save(update_fields=["head", "stale"])
    return version


def _search(content: Content, language: str) -> str:
    words = " ".join([content.headline, content.slugline, content.standfirst, *bodies.paragraphs(content.body)])
    return " ".join(dict.fromkeys(tokens(words, language)))


@action
def link(actor: User, story: Story, target: Story, kind: Link.Kind) -> Link:
    """Say how one story stands to another. Event: `story.linked`."""
    permit(actor, "newsroom.write", story)
    permit(actor, "newsroom.see", target)
    made, fresh = Link.objects.get_or_create(story=story, target=target, kind=kind)
    if fresh:
        record(
            actor,
            "story.linked",
            story.urn or "",
            organisation=story.organisation,
            after={"target": target.urn, "kind": kind},
        )
    return made
