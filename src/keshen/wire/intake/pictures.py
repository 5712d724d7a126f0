"""Pictures that an item names: fetched within limits when it comes, and kept as assets with their credit and terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

from django.utils.translation import gettext as _

from keshen.house.actions import action
from keshen.house.jobs import JobContext, Permanent, defer
from keshen.house.models import Event, Organisation, User
from keshen.media import pictures as media
from keshen.media.probe import Unreadable
from keshen.media.store import house_store
from keshen.newsroom import actions as newsroom
from keshen.newsroom import readers
from keshen.newsroom.content import Content, Picture
from keshen.newsroom.models import Original, Text
from keshen.rights.actions import set_terms
from keshen.wire.intake.channels import Later, Over, http
from keshen.wire.intake.models import IncomingItem

JOB: Final = "wire.fetch_pictures"
STORY_JOB: Final = "wire.fetch_story_pictures"
MOST: Final = 10
"""How many pictures of one item are fetched."""
ACCEPT: Final = "image/webp, image/jpeg, image/png, image/*;q=0.8"


def ask_for(actor: User, item: IncomingItem) -> None:
    """Have an item's pictures fetched. Call inside the action that made it."""
    if item.pictures and not item.withdrawn:
        defer(JOB, key=f"{JOB}:{item.pk}", actor=actor, subject=item.urn, args={"item_id": item.pk})


def fetch(context: JobContext, item_id: int) -> None:
    """Fetch what is not there yet; a story that the item became meanwhile gets them, if nobody has written in it.

    Raises Later for the queue to try again, and Permanent with what could not be fetched.
    """
    item = IncomingItem.objects.select_related("source", "organisation", "story").get(pk=item_id)
    wanted = item.pictures[:MOST]
    missing: list[str] = []
    again: Later | None = None
    for number, picture in enumerate(wanted):
        context.progress(number, len(wanted))
        if picture.get("asset"):
            continue
        try:
            _keep(item, number, _take_in(_owner(item), picture))
        except Later as later:
            again = later
            missing.append(str(later))
        except (Over, Unreadable) as problem:
            missing.append(str(problem))
    _give(item_id)
    context.progress(len(wanted), len(wanted))
    if again is not None and context.job.attempts < 3:
        raise again
    if missing:
        raise Permanent(
            _("%(n)d of %(all)d pictures could not be fetched: %(why)s The item is there without them.")
            % {"n": len(missing), "all": len(wanted), "why": " ".join(missing)}
        )


def of_item(item: IncomingItem) -> tuple[Picture, ...]:
    """The pictures that were fetched, as a story has them."""
    return tuple(
        Picture(asset=picture["asset"], alt=picture.get("alt", ""), caption=picture.get("caption", ""))
        for picture in item.pictures
        if picture.get("asset")
    )


def with_pictures(content: Content, pictures: Sequence[Picture]) -> Content:
    """The content with these pictures after its own, each once."""
    by_asset = {picture.asset: picture for picture in reversed(pictures)}
    by_asset |= {picture.asset: picture for picture in content.pictures}
    order = dict.fromkeys(picture.asset for picture in [*content.pictures, *pictures])
    return replace(content, pictures=tuple(by_asset[asset] for asset in order))


@dataclass(frozen=True, slots=True)
class _Owner:
    """What a picture inherits from the item that names it, and where addresses without a host begin."""

    organisation: Organisation
    urn: str
    headline: str
    credit: str
    language: str
    restrictions: tuple[str, ...]
    base: str = ""


def _owner(item: IncomingItem) -> _Owner:
    return _Owner(
        organisation=item.organisation,
        urn=item.urn,
        headline=item.headline,
        credit=item.credit,
        language=item.language,
        restrictions=tuple(item.content.get("restrictions", ())),
        base=item.source.address if "://" in item.source.address else "",
    )


def ask_for_story(event: Event) -> None:
    """Have the pictures fetched that a story names which somebody brought as a file. Call inside the action."""
    about = event.after or {}
    if about.get("pictures"):
        args = {"story": event.subject, "sha256": about["sha256"], "part": about["part"]}
        defer(STORY_JOB, key=f"{STORY_JOB}:{event.pk}", actor=event.actor, subject=event.subject, args=args)


def fetch_for_story(context: JobContext, story: str, sha256: str, part: int) -> None:
    """Fetch the pictures a story's original names, and give them to it if nobody has written in it meanwhile.

    Raises Later for the queue to try again, and Permanent with what could not be fetched.
    """
    rows = Original.objects.select_related("text__story__organisation")
    original = rows.filter(story__urn=story, sha256=sha256, part=part).order_by("pk").last()
    if original is None:
        return
    items = readers.read(house_store().read(sha256), original.filename, original.text.language)
    item = items[part] if part < len(items) else None
    if item is None or isinstance(item, readers.Unreadable):
        return
    owner = _Owner(
        organisation=original.text.story.organisation,
        urn=story,
        headline=item.headline,
        credit=item.credit or item.source,
        language=item.language,
        restrictions=item.restrictions,
    )
    wanted, found, missing = item.pictures[:MOST], [], []
    for number, each in enumerate(wanted):
        context.progress(number, len(wanted))
        try:
            asset = _take_in(owner, {**asdict(each), "restrictions": each.restrictions})
            found.append(Picture(asset=asset, alt=each.alt, caption=each.caption))
        except Later:
            if context.job.attempts < 3:
                raise
            missing.append(each.href[:200])
        except (Over, Unreadable) as problem:
            missing.append(str(problem))
    _give_story(User.objects.system(), original.pk, tuple(found))
    context.progress(len(wanted), len(wanted))
    if missing:
        raise Permanent(
            _("%(n)d of %(all)d pictures could not be fetched: %(why)s The item is there without them.")
            % {"n": len(missing), "all": len(wanted), "why": " ".join(missing)}
        )


@action
def _give_story(actor: User, original_id: int, pictures: tuple[Picture, ...]) -> None:
    original = Original.objects.select_for_update(of=("self",)).select_related("text__story").get(pk=original_id)
    text = original.text
    if text.state != "draft" or text.story.killed_at or original.digest != text.working.digest():
        return
    content = with_pictures(text.working, pictures)
    if content != text.working:
        text = newsroom.save_draft(actor, text, content, text.draft_revision)
        # the sender's next version may still take its place: nobody here wrote in it
        Original.objects.filter(pk=original.pk).update(digest=text.working.digest())


def _take_in(item: _Owner, picture: Mapping[str, Any]) -> str:
    """The picture's asset; its URN. Raises Later, Over or Unreadable."""
    house = User.objects.system()
    address = urljoin(item.base, picture["href"])
    if urlsplit(address).scheme not in ("http", "https"):
        raise Over(_("%(name)s is no address a picture can be fetched from.") % {"name": picture["href"][:200]})
    got = http.fetch(address, headers={"Accept": ACCEPT, "User-Agent": http.AGENT}, most=media.MOST_BYTES)
    asset = media.take_in(
        house,
        got.data,
        name=_name(address, got.media_type),
        organisation=item.organisation,
        title=picture.get("headline") or picture.get("caption") or item.headline,
        credit=picture.get("credit") or item.credit,
        alt={item.language: picture["alt"]} if picture.get("alt") and item.language else None,
        made_from=[item.urn],
    )
    terms = [*picture.get("restrictions", ()), *item.restrictions]
    set_terms(house, asset.urn, terms, language=item.language)
    return asset.urn


def _name(address: str, media_type: str) -> str:
    """A name whose ending tells the form, by the server's word rather than the address's."""
    path = PurePosixPath(unquote(urlsplit(address).path))
    kind = media_type.removeprefix("image/") if media_type.startswith("image/") else path.suffix.lstrip(".")
    return f"{path.stem[:80] or 'picture'}.{'jpg' if kind in ('', 'jpeg') else kind}"


@action
def _note(actor: User, item_id: int, number: int, asset: str) -> None:
    item = IncomingItem.objects.select_for_update().get(pk=item_id)
    item.pictures[number]["asset"] = asset
    item.save(update_fields=["pictures"])


def _keep(item: IncomingItem, number: int, asset: str) -> None:
    _note(User.objects.system(), item.pk, number, asset)
    item.pictures[number]["asset"] = asset


def _give(item_id: int) -> None:
    """Hand the pictures to the story the item became while they were being fetched."""
    item = IncomingItem.objects.select_related("story").get(pk=item_id)
    if item.story is None or item.story.killed_at:
        return
    text = Text.objects.filter(story=item.story, language=item.language).first()
    if text is None or text.working.fingerprint() != item.understood.fingerprint() or text.state != "draft":
        return
    content = with_pictures(text.working, of_item(item))
    if content != text.working:
        newsroom.save_draft(User.objects.system(), text, content, text.draft_revision)
