"""Reads of media that more than one caller needs."""

from __future__ import annotations

from collections.abc import Sequence

from keshen.house.models import Service
from keshen.house.urns import parse
from keshen.media import store as stores
from keshen.media.cutlist import Key, Need, missing, needs, places
from keshen.media.houseformat import Rung
from keshen.media.marks import Mark
from keshen.media.models import Asset, Derivation, Piece, Rendition, Track
from keshen.media.profiles import DEFAULT, PROFILES
from keshen.media.store import BlobStore, house_store


def asset_by_urn(urn: str) -> Asset | None:
    """The asset of this name, or None."""
    return Asset.objects.filter(urn=urn).prefetch_related("tracks", "renditions").first()


def rungs_in_use() -> tuple[Rung, ...]:
    """Every rendition of the picture that some channel of the house plays, the house's own among them."""
    named = Service.objects.filter(settings__has_key="profile").values_list("settings__profile", flat=True)
    wanted = [PROFILES[name] for name in sorted(set(named)) if name in PROFILES]
    found = {rung.name: rung for profile in (*wanted, DEFAULT) for rung in profile.rungs}
    return tuple(sorted(found.values(), key=lambda rung: (-rung.height, -rung.frame_rate, rung.name)))


def original_bytes(asset: Asset) -> bytes:
    """The bytes that came in. Raises StoreError."""
    return house_store().read(asset.source_sha256)


def worded(asset: Asset, tag: str) -> list[Rendition]:
    """A picture's renditions with their words in a language; as it came where there are none."""
    every = list(asset.renditions.all())
    return [row for row in every if row.tag == tag] or [row for row in every if not row.tag]


def rendition(asset: Asset, width: int, media_type: str = "image/webp") -> Rendition | None:
    """The smallest rendition at least `width` wide, else the largest there is."""
    found = [row for row in worded(asset, "") if row.media_type == media_type]
    wide = [row for row in found if row.width >= width]
    return min(wide, key=lambda row: row.width) if wide else max(found, key=lambda row: row.width, default=None)


def made_from(urn: str) -> list[str]:
    """URNs of everything this was made from, near first, back to where nothing earlier is known."""
    return _follow(urn, "made_urn", "from_urn")


def made_of(urn: str) -> list[str]:
    """URNs of everything that was made from this, near first."""
    return _follow(urn, "from_urn", "made_urn")


def _follow(urn: str, near: str, far: str) -> list[str]:
    seen, edge = [urn], [urn]
    while edge:
        rows = Derivation.objects.filter(**{f"{near}__in": edge}).order_by("id").values_list(far, flat=True)
        edge = [name for name in dict.fromkeys(rows) if name not in seen]
        seen += edge
    return seen[1:]


def verify(asset: Asset, store: BlobStore | None = None) -> int:
    """Read back every blob of the asset and give the bytes checked. Raises BlobMissing or BlobDamaged."""
    held = store or house_store()
    names = {asset.source_sha256, *(row.sha256 for row in asset.renditions.all())}
    for track in asset.tracks.all():
        names |= {track.init_sha256, track.blob_sha256}
    names |= set(asset.pieces.values_list("blob_sha256", flat=True))
    return sum(stores.verify(held, name) for name in sorted(names) if name)


def is_asset(urn: str) -> bool:
    """Whether a URN names an asset of some house."""
    name = parse(urn)
    return name is not None and name.kind == "asset"


def piece_keys(asset: int) -> frozenset[Key]:
    """The pieces an asset has."""
    rows = Piece.objects.filter(asset=asset)
    return frozenset(rows.values_list("kind", "rung", "language", "first_tick", "ticks", "form"))


def missing_pieces(asset: Asset, first: int, cuts: Sequence[int], marks: Sequence[Mark]) -> list[Need]:
    """What still has to be made of what a cut list from tick `first` of an asset wants, in any of its tracks."""
    tracks = [track for track in asset.tracks.all() if track.kind != Track.Kind.CAPTIONS]
    grid = dict(places(0, tracks[0].cuts)) if tracks else {}
    pictured = any(track.kind == Track.Kind.VIDEO for track in tracks)
    wanted = needs(grid, sum(grid.values()), first, cuts, marks if pictured else ())
    return missing(wanted, [(track.kind, track.rung, track.language) for track in tracks], piece_keys(asset.pk))
