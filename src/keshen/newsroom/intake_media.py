"""A picture, sound or film that came in by itself becomes an asset, with its credit, its words and its terms."""

from __future__ import annotations

from keshen.house.models import User
from keshen.house.phrases import phrase
from keshen.media import actions, pictures
from keshen.media.models import Asset
from keshen.media.probe import Unreadable as NotUsable
from keshen.newsroom.readers import Incoming, Kind, Status, Unreadable
from keshen.rights import actions as rights

FORMAT = "media"
"""The name of the reader of files that are media themselves."""


def is_media(item: Incoming) -> bool:
    """Whether the item is the file itself, rather than something that names files elsewhere."""
    return item.format == FORMAT


def bring_in(actor: User, filename: str, data: bytes, sha256: str, item: Incoming) -> Asset:
    """The asset of a file whose bytes are in the store under `sha256`; the same bytes are the same asset.

    A film or sound is brought into the house format by a job. Raises Unreadable, StoreError, `permissions.Denied`.
    """
    title = item.headline or filename
    credit = item.credit or item.byline or item.source
    if item.kind is Kind.PICTURE:
        alt = {item.language: text} if item.language and (text := item.media[0].alt) else {}
        try:
            asset = pictures.take_in(
                actor, data, name=filename, organisation=actor.organisation, title=title, credit=credit, alt=alt
            )
        except NotUsable as error:
            raise Unreadable(str(error), phrase("Send it again as JPEG, PNG or WebP.")) from error
    else:
        asset = actions.request_normalisation(
            actor,
            key=f"{actor.organisation_id}:{sha256}",
            organisation=actor.organisation,
            title=title,
            source_sha256=sha256,
            source_name=filename,
            kind=Asset.Kind.VIDEO if item.kind is Kind.VIDEO else Asset.Kind.AUDIO,
            credit=credit,
            language=item.language,
        )
    wordings = list(item.restrictions)
    if item.embargo:
        wordings.append(f"Embargo until {item.embargo.isoformat()}")
    if item.status is not Status.USABLE:
        wordings.append("Withheld by the sender")
    rights.set_terms(actor, asset.urn, wordings, language=item.language)
    return asset
