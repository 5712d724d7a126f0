"""A channel's house profile: its ladder, what fits it, and that it is kept for life."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from keshen.air import actions
from keshen.air.log import standby
from keshen.air.models import Stock
from keshen.air.serving import load
from keshen.air.ways_out import dash, hls
from keshen.house.permissions import Denied
from keshen.media import actions as media
from keshen.media import queries
from keshen.media.houseformat import cut
from keshen.media.models import Asset
from keshen.media.profiles import DEFAULT, PROFILES
from tests.air.house import Air


def complete(air: Air, ticks: int) -> Asset:
    """An asset with every rendition that is in use, as rows."""
    asset = media.create_asset(
        air.operator, key=f"whole:{ticks}", kind=Asset.Kind.VIDEO, organisation=air.tv.organisation, title="whole"
    )
    segments = [[length, n * 1000, 1000] for n, length in enumerate(cut(ticks))]
    rungs = [("video", rung.name, "") for rung in queries.rungs_in_use()] + [("audio", "a", "kk")]
    media.mark_ready(
        air.system, asset, ticks=ticks,
        tracks=[
            media.NewTrack(kind, rung, tag, f"{ticks:064d}", 1000, init_sha256=f"{rung:0>64}", segments=segments)
            for kind, rung, tag in rungs
        ],
    )  # fmt: skip
    return asset


@pytest.mark.parametrize("name", ["1080", "50", "720-30", "720-2997", "hevc"])
def test_a_channels_ladder_is_its_profiles(air: Air, name: str) -> None:
    actions.set_profile(air.system, air.silk, name)
    profile = PROFILES[name]
    ladder = load.ladder(air.silk)
    assert [(one.rung, one.height, one.frame_rate) for one in ladder.pictures] == [
        (rung.name, rung.height, rung.frame_rate) for rung in profile.rungs
    ]
    told = hls.multivariant(ladder)
    assert told.count(f"FRAME-RATE={float(profile.frame_rate):.3f},") == len(profile.rungs)
    assert (name == "hevc") == ("hvc1.1.6.L120.90" in told)
    assert load.ladder(air.tv).pictures == load.ladder(air.radio).pictures or load.ladder(air.radio).pictures == ()


def test_what_has_not_every_rendition_is_not_laid_there(air: Air) -> None:
    old = Stock.objects.filter(role=Stock.Role.PROGRAMME).first()
    assert old is not None
    actions.set_profile(air.system, air.silk, "1080")
    assert {rung.name for rung in queries.rungs_in_use()} == {"v1080", "v720", "v360"}
    held = load.assets([old.asset_id], {})[old.asset_id]
    assert load.fits(held, air.tv) and not load.fits(held, air.silk)
    fresh = complete(air, 120)
    assert load.fits(load.assets([fresh.pk], {})[fresh.pk], air.silk)
    assert not standby.is_prepared(), "the standby has to be made in the new rendition"
    actions.stock(air.operator, fresh, Stock.Role.STANDBY)
    assert standby.is_prepared()


def test_a_channel_keeps_what_it_began_with(air: Air) -> None:
    with translation.override("en"):
        with pytest.raises(Denied):
            actions.set_profile(air.operator, air.silk, "1080")
        with pytest.raises(ValidationError, match="There are: 720, 1080, 50, 720-30, 720-2997, hevc"):
            actions.set_profile(air.system, air.silk, "8k")
        actions.set_profile(air.system, air.silk, DEFAULT.name)
        air.lay_all()
        with pytest.raises(ValidationError, match="began with"):
            actions.set_profile(air.system, air.silk, "50")


def test_each_codec_has_its_own_adaptation_set(air: Air) -> None:
    actions.set_profile(air.system, air.silk, "hevc")
    fresh = complete(air, 120)
    actions.stock(air.operator, fresh, Stock.Role.STANDBY)
    actions.stock(air.operator, fresh, Stock.Role.PROGRAMME, key="steppe", titles={"en": "Steppe"})
    actions.lay(air.system, air.silk)
    snapshot = load.snapshot(air.silk, air.time.on(200), {})
    manifest = snapshot.manifests("/air").live(air.time.tick)
    assert manifest is not None
    assert manifest.count(b'contentType="video"') == 2
    ids = [part.split(b'"')[1] for part in manifest.split(b"<AdaptationSet ")[1:]]
    assert len(set(ids)) == len(ids)
    assert dash.MANIFEST_TYPE == "application/dash+xml"


def test_dash_counts_split_pictures_in_their_own_units(air: Air) -> None:
    actions.set_profile(air.system, air.silk, "720-2997")
    fresh = complete(air, 127)
    actions.stock(air.operator, fresh, Stock.Role.STANDBY)
    actions.stock(air.operator, fresh, Stock.Role.PROGRAMME, key="steppe", titles={"en": "Steppe"})
    actions.lay(air.system, air.silk)
    snapshot = load.snapshot(air.silk, air.time.on(200), {})
    manifest = snapshot.manifests("/air").live(air.time.tick)
    assert manifest is not None
    assert b'frameRate="30000/1001"' in manifest and b'timescale="90000"' in manifest
    assert b'd="345600"' in manifest, "a segment of twelve ticks"
    at = int(manifest.split(b'<S t="')[1].split(b'"')[0])
    assert dash.parse_segment_name(f"t{at}.m4s", "v720n30") == at // 28_800
    assert dash.parse_segment_name(f"t{at}.m4s", "v720") is None or at % 4096 == 0
