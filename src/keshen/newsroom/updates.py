"""What waits for a person when a sender's update met a text that was worked on here: take it, or keep ours."""

from __future__ import annotations

from django.utils.translation import gettext as _

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import User
from keshen.media.store import house_store
from keshen.newsroom import readers
from keshen.newsroom.actions import save_draft, save_version
from keshen.newsroom.content import Content
from keshen.newsroom.ingest import content_from
from keshen.newsroom.models import Original, Text
from keshen.newsroom.readers import Unreadable
from keshen.newsroom.workflow import NotLegal


def theirs(original: Original) -> Content:
    """The content that the sender's version would be. Raises Unreadable, StoreError, ContentError or BodyError."""
    items = readers.read(house_store().read(original.sha256), original.filename, original.text.language)
    found = items[original.part] if original.part < len(items) else None
    if found is None or isinstance(found, Unreadable):
        raise Unreadable(
            _("The sender's version can no longer be read."), _("Look at the original, and write what is new by hand.")
        )
    return content_from(found)


@action
def take(actor: User, original: Original) -> Text:
    """Make the sender's version the working copy; what stood is the version before it. Event: `story.update_taken`.

    Raises NotLegal when somebody settled it meanwhile or the story was killed, and what `theirs` raises.
    """
    original = _locked(actor, original)
    content = theirs(original)
    text = original.text
    if text.has_changes:
        save_version(actor, text, note=_("Before the sender's update"))
        text.refresh_from_db()
    text = save_draft(actor, text, content, text.draft_revision)
    _settle(original, text.working.digest())
    _record(actor, "story.update_taken", original)
    return text


@action
def keep_ours(actor: User, original: Original, reason: str = "") -> None:
    """Leave the text as it is; the sender's version stays with it, to be looked up. Event: `story.update_declined`.

    Raises NotLegal when somebody settled it meanwhile.
    """
    original = _locked(actor, original)
    _settle(original, "")
    _record(actor, "story.update_declined", original, reason)


def _locked(actor: User, original: Original) -> Original:
    rows = Original.objects.select_for_update(of=("self",)).select_related("text__story__organisation", "text__head")
    found = rows.get(pk=original.pk)
    permit(actor, "newsroom.write", found.text)
    if not found.waits:
        raise NotLegal(_("Somebody dealt with this update already."))
    if found.text.story.killed_at:
        raise NotLegal(_("The story was killed; write a new one and link it."))
    return found


def _settle(original: Original, digest: str) -> None:
    """It waits no longer, and neither do the sender's earlier versions of the same text."""
    earlier = Original.objects.filter(text=original.text_id, waits=True, pk__lt=original.pk)
    earlier.update(waits=False)
    original.waits, original.digest = False, digest
    original.save(update_fields=["waits", "digest"])


def _record(actor: User, kind: str, original: Original, reason: str = "") -> None:
    story = original.text.story
    after = {"original": original.pk, "version": original.sender_version, "filename": original.filename}
    record(actor, kind, story.urn or "", organisation=story.organisation, after=after, reason=reason)
