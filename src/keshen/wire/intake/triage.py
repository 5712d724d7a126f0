"""The desk's verbs on what came in: take, merge, route, drop, put back. Each names who did it."""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Desk, User
from keshen.newsroom import actions as newsroom
from keshen.newsroom import body as bodies
from keshen.newsroom import origins
from keshen.newsroom.content import Content
from keshen.newsroom.models import Story, Text
from keshen.newsroom.origins import Came
from keshen.newsroom.readers import Kind
from keshen.wire.intake.models import IncomingItem
from keshen.wire.intake.pictures import of_item, with_pictures


class Settled(Exception):
    """Somebody was first, or the item cannot be dealt with so; the message says who, or what to do."""


@action
def take(actor: User, item: IncomingItem) -> Text:
    """Make a draft of the item, for its desk or the actor's; an update of a story that was taken goes into that story.

    Event: `item.taken`, or `item.merged`. Raises Settled.
    """
    item = locked(actor, item)
    _refuse_what_is_no_text(item)
    story = story_before(item)
    if story is not None:
        return merge(actor, item, story)
    text = origins.take_as_story(
        actor,
        with_pictures(item.understood, of_item(item)),
        _came(item),
        language=item.language,
        source=item.credit,
        organisation=item.organisation,
        desk=item.desk or actor.desk,
    )
    settle(actor, item, IncomingItem.State.TAKEN, text.story)
    return text


@action
def merge(actor: User, item: IncomingItem, story: Story) -> Text:
    """Put the item into a story the house has: instead of what it updates while nobody has touched that, else below.

    The story comes under the item's terms as well, and a language it was not told in gets a text of its own. Event:
    `item.merged`. Raises Settled.
    """
    item = locked(actor, item)
    _refuse_what_is_no_text(item)
    permit(actor, "newsroom.write", story)
    if story.killed_at:
        raise Settled(_("Story %(id)d was killed. Take the item as a story of its own.") % {"id": story.pk})
    text = Text.objects.filter(story=story, language=item.language).select_related("story__organisation").first()
    content = with_pictures(item.understood, of_item(item))
    if text is None:
        text = newsroom.add_text(actor, story, item.language, content)
    else:
        joined = _joined(text.working, content, untouched=_is_untouched(text, item))
        text = newsroom.save_draft(actor, text, joined, text.draft_revision)
    origins.note_origin(actor, text, content, _came(item))
    settle(actor, item, IncomingItem.State.MERGED, story)
    return text


@action
def route(actor: User, item: IncomingItem, desk: Desk | None, reason: str = "") -> None:
    """Give the item to another desk, or to none. Event: `item.routed`. Raises Settled."""
    item = locked(actor, item)
    before = item.desk.slug if item.desk else ""
    item.desk, item.rule = desk, None
    item.save(update_fields=["desk", "rule"])
    record(
        actor,
        "item.routed",
        item.urn,
        organisation=item.organisation,
        before={"desk": before},
        after={"desk": desk.slug if desk else ""},
        reason=reason,
    )


@action
def drop(actor: User, item: IncomingItem, reason: str = "") -> None:
    """Decide that the item is not wanted. It stays findable, with its bytes. Event: `item.dropped`. Raises Settled."""
    item = locked(actor, item)
    settle(actor, item, IncomingItem.State.DROPPED, None, reason)


@action
def put_back(actor: User, item: IncomingItem) -> None:
    """Make a dropped item new again. Event: `item.put_back`. Raises Settled when it was not dropped."""
    permit(actor, "wire.triage", item)
    item = _row(item)
    if item.state != IncomingItem.State.DROPPED:
        raise Settled(_("Only what was dropped can be put back."))
    item.state, item.settled_by, item.settled_at, item.reason = IncomingItem.State.NEW, None, None, ""
    item.save(update_fields=["state", "settled_by", "settled_at", "reason"])
    record(actor, "item.put_back", item.urn, organisation=item.organisation)


def story_before(item: IncomingItem) -> Story | None:
    """The story that an earlier version of the item became part of, unless it was killed."""
    before = item.updates
    while before is not None:
        if before.story is not None:
            return None if before.story.killed_at else before.story
        before = before.updates
    return None


def _row(item: IncomingItem) -> IncomingItem:
    rows = IncomingItem.objects.select_for_update(of=("self",))
    return rows.select_related("source", "organisation", "desk", "updates", "settled_by").get(pk=item.pk)


def locked(actor: User, item: IncomingItem) -> IncomingItem:
    """The item, this transaction's own, if it still waits."""
    permit(actor, "wire.triage", item)
    item = _row(item)
    if item.state != IncomingItem.State.NEW:
        who = item.settled_by or item.source
        raise Settled(
            _("№ %(id)d waits no longer: %(state)s, %(who)s.")
            % {"id": item.pk, "state": item.get_state_display().lower(), "who": who}
        )
    return item


def _refuse_what_is_no_text(item: IncomingItem) -> None:
    if item.kind != Kind.TEXT:
        raise Settled(
            _("A story is made of a text; this is a %(kind)s. It stays here with its bytes.") % {"kind": item.kind}
        )
    if item.withdrawn:
        raise Settled(_("The sender took this back. Drop it; if the house told it, kill the story."))


def settle(actor: User, item: IncomingItem, state: IncomingItem.State, story: Story | None, reason: str = "") -> None:
    item.state, item.story, item.reason = state, story, reason
    item.settled_by, item.settled_at = actor, timezone.now()
    item.save(update_fields=["state", "story", "reason", "settled_by", "settled_at"])
    record(
        actor,
        f"item.{state}",
        item.urn,
        organisation=item.organisation,
        after={"item": item.pk, "headline": item.headline, "story": story.urn if story else ""},
        reason=reason,
    )


def _came(item: IncomingItem) -> Came:
    return Came(
        item.filename,
        item.sha256,
        item.part,
        item.format,
        tuple(item.identifiers),
        item.version,
        item.sent_at,
        tuple(item.warnings),
    )


def _is_untouched(text: Text, item: IncomingItem) -> bool:
    """Whether the text is still word for word what the item that this one updates made of it."""
    before = item.updates
    return before is not None and text.working.fingerprint() == before.understood.fingerprint()


def _joined(present: Content, new: Content, *, untouched: bool) -> Content:
    """The story's content with the new item's: its words in place of untouched ones, else below; terms of both."""
    restrictions = tuple(dict.fromkeys([*present.restrictions, *new.restrictions]))
    embargo = max(filter(None, [present.embargo, new.embargo]), default=None)
    if untouched:
        kept = with_pictures(present, new.pictures).pictures
        return replace(new, pictures=kept, restrictions=restrictions, embargo=embargo).checked()
    heading = bodies.paragraph(new.headline)
    blocks = [*present.body["content"], heading, *_renamed(new.body)["content"]]
    return replace(
        with_pictures(present, new.pictures),
        body=bodies.document(blocks),
        topics=tuple(dict.fromkeys([*present.topics, *new.topics])),
        keywords=tuple(dict.fromkeys([*present.keywords, *new.keywords])),
        urgency=min(present.urgency, new.urgency),
        restrictions=restrictions,
        embargo=embargo,
    ).checked()


def _renamed(node: bodies.Node) -> bodies.Node:
    """The same blocks under new ids: two of one id cannot stand in a body."""
    made = dict(node)
    if "id" in node.get("attrs", {}):
        made["attrs"] = {**node["attrs"], "id": bodies.new_id()}
    if "content" in node:
        made["content"] = [_renamed(child) for child in node["content"]]
    return made
