"""Making the demo's media: a reel encoded into an asset on the shelf, a drawing kept as a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from keshen.air import actions as air
from keshen.air.models import Stock
from keshen.config.demo.pictures import CREDIT, DRAWINGS, drawn, worded
from keshen.config.demo.reels import REELS, Reel, Take
from keshen.config.demo.services import RESTRICTIONS
from keshen.config.demo.sound import wav
from keshen.house.models import Organisation, Service, User
from keshen.media import actions as media
from keshen.media import captions, encode, houseformat
from keshen.media.confined import Limits
from keshen.media.graphics import filtergraph
from keshen.media.models import Asset, Track
from keshen.media.package import kept
from keshen.media.pictures import take_in
from keshen.media.store import house_store
from keshen.media.workplace import workplace
from keshen.rights.actions import attach
from keshen.rights.queries import terms_of

REVISION = 1
"""Part of each asset's key: a new look is a new number, and so new assets."""


def reels(key: str) -> list[Reel]:
    """The shelf places of one piece. Raises KeyError for a key that is not known."""
    found = [reel for reel in REELS if reel.key == key]
    if not found:
        raise KeyError(key)
    return found


def asset_of(key: str) -> Asset | None:
    """The asset of a reel, if it is ready."""
    return Asset.objects.filter(key=_key(key), state=Asset.State.READY).first()


def _key(key: str) -> str:
    return f"demo:{REVISION}:{key}"


def make(
    actor: User,
    key: str,
    *,
    check: Callable[[], None] | None = None,
    on_share: Callable[[float], None] | None = None,
) -> Asset:
    """Encode a reel and make its asset ready; what is ready already is left as it is. Raises what encode raises."""
    reel = reels(key)[0]
    owner = Organisation.objects.get(slug="documentary-centre" if reel.role == Stock.Role.PROGRAMME else "complex")
    asset = media.create_asset(
        actor,
        key=_key(key),
        kind=Asset.Kind.VIDEO if reel.service != "jibek-joly-radio" else Asset.Kind.AUDIO,
        organisation=owner,
        title=reel.titles["kk"],
        credit=CREDIT,
    )
    if asset.state != Asset.State.PREPARING:
        return asset
    take = reel.build()
    with workplace(f"demo-{key}") as folder:
        inputs: tuple[str, ...] = ()
        graph, picture, count = "", "", 0
        if take.shots:
            drawn_graph = filtergraph(take.shots, folder)
            inputs, graph, count = drawn_graph.inputs, drawn_graph.filter_complex, drawn_graph.input_count
            picture = "[picture]"
        heard = folder / "sound.wav"
        heard.write_bytes(wav(take.sound))
        seconds = houseformat.seconds(take.ticks)
        plan = encode.Plan(
            inputs=(*inputs, "-i", f"file:{heard}"),
            ticks=take.ticks,
            graph=graph,
            picture=picture,
            sounds=(encode.Sound(f"{count}:a", ""),),
        )
        made = encode.encode(
            plan,
            folder,
            limits=Limits(wall=120 + 20 * seconds, memory=8 << 30),
            check=check,
            on_seconds=(lambda done: on_share(min(1.0, done / seconds))) if on_share else None,
        )
        tracks = kept(made, house_store())
    tracks += _captions(take)
    media.mark_ready(actor, asset, tracks=tracks, ticks=take.ticks, by="keshen.config.demo")
    asset.refresh_from_db()
    return asset


def _captions(take: Take) -> list[media.NewTrack]:
    tracks = []
    for tag, lines in take.captions.items():
        second = houseformat.seconds(1)
        cues = [captions.Cue(at * second, (at + ticks) * second, (line,)) for at, ticks, line in lines]
        data = captions.webvtt(cues).encode()
        sha256 = house_store().put(data)
        tracks.append(
            media.NewTrack(Track.Kind.CAPTIONS, houseformat.CAPTION_RUNG, tag, sha256, len(data), codecs="wvtt")
        )
    return tracks


def shelve(actor: User, key: str, asset: Asset) -> None:
    """Put a ready reel on the shelves of its services, under its terms; those already there stay."""
    if key in RESTRICTIONS and not terms_of([asset.urn]).exists():
        wording, language = RESTRICTIONS[key]
        attach(actor, asset.urn, wording, language=language)
    found = {service.slug: service for service in services_of(key)}
    for reel in reels(key):
        air.stock(
            actor,
            asset,
            Stock.Role(reel.role),
            service=found[reel.service],
            titles=reel.titles,
            key=reel.programmes,
            position=reel.position,
        )


def services_of(key: str) -> list[Service]:
    """The services that play a reel."""
    slugs = [reel.service for reel in reels(key)]
    return list(Service.objects.filter(slug__in=slugs, kind__in=(Service.Kind.TV, Service.Kind.RADIO)))


def keep_pictures(actor: User, names: Iterable[str], said: Callable[[str], None]) -> Mapping[str, Asset]:
    """The assets of drawings, drawn where they are not there yet."""
    found = {}
    for name in names:
        asset = Asset.objects.filter(
            source_name=f"{name}.jpg", credit__startswith=CREDIT, state=Asset.State.READY
        ).first()
        if asset is None:
            said(name)
            owner = Organisation.objects.get(slug="complex")
            alt = DRAWINGS[name].alt
            asset = take_in(
                actor,
                drawn(name),
                name=f"{name}.jpg",
                organisation=owner,
                title=alt["en"],
                credit=CREDIT,
                alt=alt,
                worded=worded(name),
            )
            asset.refresh_from_db()
        found[name] = asset
    return found
