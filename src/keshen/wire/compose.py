"""From a version to the item that goes out, and from a publication back to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.conf import settings
from django.utils import timezone

from keshen.house.models import Service, in_language
from keshen.house.urns import urn
from keshen.media import houseformat
from keshen.media.models import Asset
from keshen.media.queries import worded
from keshen.newsroom import body as bodies
from keshen.newsroom import models as newsroom
from keshen.newsroom.forms import Form, form
from keshen.newsroom.models import Publication, Text, Version
from keshen.newsroom.workflow import OUT
from keshen.rights.queries import terms_of
from keshen.wire.formats.item import (
    Link,
    Picture,
    PubStatus,
    Relation,
    Rendition,
    WireItem,
    clean,
    from_json,
)
from keshen.wire.media_addresses import address_of
from keshen.wire.products import bare

SERVICE = "kazinform"
FORM = "item"
SCRIPT_DERIVED = "algorithmicallyEnhanced"
MACHINE_WRITTEN = "trainedAlgorithmicMedia"
KINDS: Mapping[str, str] = {
    Asset.Kind.PICTURE: "picture",
    Asset.Kind.VIDEO: "video",
    Asset.Kind.AUDIO: "audio",
}
"""What goes with a text, by its IPTC nature."""


def agency() -> Service | None:
    """The service whose wire it is: its organisation decides who may see and manage clients. None without a wire."""
    return Service.objects.filter(slug=SERVICE, kind=Service.Kind.WIRE).first()


def wire_service() -> Service:
    """The agency's service, under whose name everything goes out."""
    return Service.objects.select_related("organisation").get(slug=SERVICE, kind=Service.Kind.WIRE)


def item_urn(text: Text, tag: str | None = None) -> str:
    """The name of a text on the wire, the same for all its versions; each script of it is an item of its own."""
    return urn("text", f"{text.story_id}-{tag or text.language}", text.story.created_at)


def compose(version: Version, service: Service, tag: str | None = None) -> WireItem:
    """The item of a version, under its own language tag or one derived from it; a kill version gives the cancel."""
    text = version.text
    tag = tag or text.language
    read = form(version, tag)
    item = WireItem(
        urn=item_urn(text, tag),
        version=version.number,
        version_urn=version.urn if tag == text.language else f"{version.urn}.{tag}",
        story_urn=text.story.urn or "",
        language=tag,
        headline=clean(read.headline),
        slugline=clean(version.slugline),
        urgency=version.urgency,
        created=text.story.created_at,
        version_created=version.created_at,
        provider=in_language(service.name, tag),
        copyright_holder=in_language(text.story.organisation.name, tag),
        copyright_notice=_copyright(text, tag),
    )
    if version.kind == Version.Kind.KILL:
        # what it led as a package is named still: the package is canceled with it
        packaged = tuple(link for link in _links(version, tag, out_only=False) if link.relation is Relation.PACKAGES)
        return replace(item, status=PubStatus.CANCELED, editor_note=clean(read.note), links=packaged)
    if version.kind == Version.Kind.HOLD:
        return replace(item, status=PubStatus.WITHHELD, editor_note=clean(read.note))
    return _with_content(item, version, read)


def called_back(item: WireItem, reason: str) -> WireItem:
    """The notice that an item which was sent ahead may not be used: its names, the reason, none of its words."""
    return WireItem(
        urn=item.urn,
        version=item.version,
        version_urn=item.version_urn,
        story_urn=item.story_urn,
        language=item.language,
        headline=item.headline,
        created=item.created,
        version_created=timezone.now(),
        status=PubStatus.WITHHELD,
        slugline=item.slugline,
        urgency=item.urgency,
        editor_note=clean(reason),
        provider=item.provider,
        copyright_holder=item.copyright_holder,
        copyright_notice=item.copyright_notice,
    )


def _with_content(item: WireItem, version: Version, read: Form) -> WireItem:
    pictures = _pictures(version, read)
    embargo = version.embargo if version.embargo and version.embargo > timezone.now() else None
    return replace(
        item,
        standfirst=clean(read.standfirst),
        body_html=clean(bodies.to_html(read.body)),
        paragraphs=tuple(clean(text) for text in bodies.paragraphs(read.body)),
        byline=clean(read.byline),
        dateline=clean(read.dateline),
        topics=tuple(bare(code) for code in version.topics),
        keywords=tuple(clean(word) for word in read.keywords),
        editor_note=clean(version.ednote),
        correction=clean(read.note) if version.kind == Version.Kind.CORRECTION else "",
        embargoed_until=embargo,
        credit=clean(version.text.story.source) or item.provider,
        usage_terms=clean(" ".join(version.restrictions)),
        digital_source=MACHINE_WRITTEN if read.machine else SCRIPT_DERIVED if read.derived else "",
        web_address="" if embargo else _web_address(version, item.language),
        pictures=pictures,
        links=_links(version, item.language),
        terms=tuple(row.terms for row in terms_of([version.text.story.urn or ""])),
    )


def _copyright(text: Text, tag: str) -> str:
    return f"© {in_language(text.story.organisation.name, tag)} {text.story.created_at:%Y}"


def _web_address(version: Version, tag: str) -> str:
    """The page of the story; its slug is decorative, so the slugline will do."""
    story = version.text.story
    return f"{settings.KESHEN_URL}/{tag}/{story.created_at:%Y/%m}/story-{story.pk}"


def _pictures(version: Version, read: Form) -> tuple[Picture, ...]:
    wanted = {row["asset"]: row for row in read.pictures}
    for node in bodies.pictures(read.body):
        wanted.setdefault(node["attrs"]["asset"], node["attrs"])
    assets = Asset.objects.filter(urn__in=wanted, state=Asset.State.READY, kind__in=KINDS)
    assets = assets.prefetch_related("renditions")
    by_urn = {asset.urn: asset for asset in assets}
    return tuple(_picture(by_urn[name], row, read.tag) for name, row in wanted.items() if name in by_urn)


def shown_in(version_id: int) -> set[str]:
    """The URNs of everything that goes with a version."""
    pictures, body = Version.objects.values_list("pictures", "body").get(pk=version_id)
    return {row["asset"] for row in pictures} | {node["attrs"]["asset"] for node in bodies.pictures(body)}


def _picture(asset: Asset, row: dict[str, str], tag: str) -> Picture:
    return Picture(
        urn=asset.urn,
        title=clean(row.get("caption") or asset.title),
        alt=clean(row.get("alt") or ""),
        credit=clean(asset.credit),
        renditions=tuple(
            Rendition(
                name=f"w{file.width}" if file.width else "sound",
                href=address_of(file.sha256),
                content_type=file.media_type,
                width=file.width,
                height=file.height,
                size_bytes=file.size,
            )
            for file in sorted(worded(asset, tag), key=lambda file: -file.width)
        ),
        created=asset.ready_at or asset.created_at,
        kind=KINDS[asset.kind],
        seconds=round((asset.duration_ticks or 0) * houseformat.TICK_MS / 1000, 2),
    )


_RELATIONS: Mapping[str, Relation] = {
    newsroom.Link.Kind.UPDATES: Relation.UPDATES,
    newsroom.Link.Kind.REWRITES: Relation.REWRITES,
    newsroom.Link.Kind.SUPPLEMENTS: Relation.SUPPLEMENTS,
    newsroom.Link.Kind.PACKAGES: Relation.PACKAGES,
}
"""What a link between stories is on the wire; any other kind is to be seen also."""


def _links(version: Version, tag: str, *, out_only: bool = True) -> tuple[Link, ...]:
    """The other languages of the story, and the stories it is linked to as they are named under the same tag."""
    others = version.text.story.texts.exclude(pk=version.text_id).exclude(published=None)
    found = [
        Link(
            Relation.TRANSLATION_OF if other.is_source else Relation.TRANSLATED_AS,
            item_urn(other),
            clean(other.published.headline),
            other.language,
        )
        for other in others.filter(state__in=OUT).select_related("published", "story")
        if other.published
    ]
    for link in version.text.story.links.select_related("target").order_by("id"):
        relation = _RELATIONS.get(link.kind, Relation.SEE_ALSO)
        targets = link.target.texts.filter(language=version.text.language).select_related("story", "published")
        for target in targets.filter(state__in=OUT) if out_only else targets:
            headline = ""
            if target.published:
                target.published.text = target
                headline = clean(form(target.published, tag).headline)
            found.append(Link(relation, item_urn(target, tag), headline, tag))
    return tuple(found)


def item_of(publication: Publication) -> WireItem:
    """The item a publication froze."""
    return from_json(publication.payload)
