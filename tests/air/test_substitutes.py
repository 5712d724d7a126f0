"""What a variant shows instead: by rule, of exactly the length, ready before it airs, and named in the guide."""

from __future__ import annotations

import pytest

from keshen.air import actions, clock, queries, tasks
from keshen.air.audiences import offers, substitutes
from keshen.air.audiences.offers import OfferError
from keshen.air.audiences.variants import Variant
from keshen.air.log import standby
from keshen.air.models import Alarm, Entry, Stock, Substitute
from keshen.air.proof import alarm_log
from keshen.house.models import Job, Territory
from keshen.house.permissions import Denied
from keshen.media import actions as media
from keshen.media.houseformat import RUNGS, cut
from keshen.media.models import Asset, Derivation
from keshen.media.store import house_store
from keshen.rights import actions as rights
from tests.air.house import INIT, Air
from tests.air.test_variants import ask, film, on


def real(air: Air, ticks: int, title: str, languages: tuple[str, ...] = ("",)) -> Asset:
    """An asset whose segments are bytes in the store, each its own."""
    asset = media.create_asset(
        air.operator, key=f"real:{title}:{ticks}", kind=Asset.Kind.VIDEO, organisation=air.tv.organisation, title=title
    )
    tracks = []
    for kind, rung, language in [("video", rung, "") for rung in RUNGS] + [("audio", "a", tag) for tag in languages]:
        parts = [f"{title} {rung} {language} {n}".encode().ljust(60) for n in range(len(cut(ticks)))]
        blob = house_store().put(b"".join(parts))
        segments = [[length, n * 60, 60] for n, length in enumerate(cut(ticks))]
        tracks.append(
            media.NewTrack(kind, rung, language, blob, 60 * len(parts), init_sha256=INIT[rung], segments=segments)
        )
    media.mark_ready(air.system, asset, tracks=tracks, ticks=ticks)
    return asset


@pytest.fixture
def world(air: Air, monkeypatch: pytest.MonkeyPatch) -> Air:
    """Silk Way to the world, a standby with bytes that are no sound, and a film that Russia may not have."""
    monkeypatch.setattr(substitutes, "sound_between", lambda track, *_given: f"faded {track.pk}".encode().ljust(60))
    for code in ("WORLD", "QA", "RU"):
        Territory.objects.get_or_create(code=code, defaults={"name": {"en": code}})
    air.silk.territories.set(Territory.objects.filter(code="WORLD"))
    actions.stock(air.operator, real(air, 120, "standby"), Stock.Role.STANDBY)
    for ticks in standby.TAILS:
        actions.stock(air.operator, real(air, ticks, "tail"), Stock.Role.TAIL)
    rights.attach(air.editor, film(air).asset.urn, "Not for use in Russia", language="en")
    return air


def prepare(air: Air) -> int:
    return substitutes.prepare(air.silk, lambda done, total: None, lambda: None)


def first(air: Air) -> Entry:
    return next(one for one in air.laid(air.silk) if one.asset_id == film(air).asset_id)


def test_a_substitute_has_the_cut_list_of_the_entry_and_is_shown_from_its_first_segment(world: Air) -> None:
    other = real(world, 130, "nature", ("en", "ru"))
    substitutes.set_offer(world.operator, world.silk, {"instead": [{"play": "asset", "asset": other.urn}]})
    actions.lay(world.system, world.silk)
    wanted = substitutes.wanted(world.silk, world.time.tick)
    assert {whom for _entry, found in wanted for whom in found} == {":tv", ":web", "RU:tv", "RU:web"}
    made = prepare(world)
    assert made and prepare(world) == 0
    row = Substitute.objects.get(entry=first(world), audience="RU:tv")
    assert row.decision is not None and row.decision.permits
    assert [track.cuts for track in row.asset.tracks.all()] == [cut(500)] * 4, "two pictures and two languages"
    assert row.asset.duration_ticks == 500
    sources = set(Derivation.objects.filter(made_urn=row.asset.urn).values_list("from_urn", flat=True))
    assert other.urn in sources
    picture = row.asset.tracks.get(rung="v360")
    data = house_store().read(picture.blob_sha256)
    told = [data[offset : offset + length].split(b"v360")[0].strip() for _ticks, offset, length in picture.segments]
    assert told[:10] == [b"nature"] * 10, "its whole segments first"
    assert set(told[10:-1]) == {b"standby"}
    assert told[-1] == b"tail"
    assert len(data) < 60 * 30, "what is shown again is kept once"
    sound = row.asset.tracks.get(language="ru")
    data = house_store().read(sound.blob_sha256)
    faded = [b"faded" in data[offset : offset + length] for _ticks, offset, length in sound.segments]
    # a body of 130 ticks is left after ten segments; the loop of 120 where the tail of eight comes, not where it ends
    assert [number for number, one in enumerate(faded) if one] == [9, len(faded) - 2]
    entry = on(world, film(world).asset_id)
    text = ask(world, "/air/silk-way/v360/index.m3u8", "territory=RU")[1]
    assert f"\ns{entry.pk}x{row.asset_id}-3.m4s" in text
    assert f"\ns{entry.pk}-" not in text
    assert f"\ne{entry.pk}-3.m4s" in ask(world, "/air/silk-way/v360/index.m3u8", "territory=KZ")[1]
    assert ask(world, f"/air/silk-way/v360/s{entry.pk}x{film(world).asset_id}-3.m4s")[0] == 404, "not any asset"
    view = queries.snapshot(world.silk, world.time.tick).for_variant(Variant("RU"), world.time.tick)
    segment = view.timeline.segment_at(entry.start_tick + 40)
    source = view.source(entry.timed(), 3, "v360", substitute=view.given_instead(segment))
    assert source is not None and source.track.blob == picture.blob_sha256


def test_equal_lengths_share_one_asset(world: Air) -> None:
    actions.lay(world.system, world.silk)
    made = prepare(world)
    assert made > len(set(Substitute.objects.values_list("asset", flat=True)))


def test_a_rule_is_passed_over_when_rights_forbid_what_it_plays(world: Air) -> None:
    other = real(world, 130, "nature")
    rights.attach(world.editor, other.urn, "Not for use in Russia", language="en")
    substitutes.set_offer(world.operator, world.silk, {"instead": [{"play": "asset", "asset": other.urn}]})
    actions.lay(world.system, world.silk)
    prepare(world)
    row = Substitute.objects.get(entry=first(world), audience="RU:tv")
    assert other.title not in row.asset.title
    assert "standby" in row.asset.title


def test_rules_choose_by_territory_and_platform_and_from_the_shelf(world: Air) -> None:
    filler = real(world, 60, "filler with bytes")
    Stock.objects.filter(role="filler").delete()
    actions.stock(world.operator, filler, Stock.Role.FILLER)
    rules = [{"play": "fillers", "territories": ["ru"], "platforms": ["tv"], "titles": {"en": "Music"}}]
    substitutes.set_offer(world.operator, world.silk, {"instead": [*rules, {"play": "standby"}]})
    actions.lay(world.system, world.silk)
    prepare(world)
    titles = {one.audience: one.asset.title for one in Substitute.objects.filter(entry=first(world))}
    assert "filler" in titles["RU:tv"]
    assert "filler" not in titles["RU:web"]
    entry = on(world, film(world).asset_id)
    guide = ask(world, "/air/silk-way/guide.json", "territory=RU")[1]
    assert '"titles": {"en": "Music"}' in guide
    xmltv = ask(world, "/air/silk-way/epg.xml", "territory=RU&platform=web")[1]
    assert offers.TITLES["kk"] in xmltv
    assert 'id="silk-way.RU.web"' in xmltv
    assert offers.TITLES["kk"] not in ask(world, "/air/silk-way/epg.xml", "territory=KZ")[1]
    assert entry.slot_titles


def test_what_is_not_prepared_in_time_is_the_standby_and_an_alarm(world: Air) -> None:
    tasks.keep_laid()
    tasks.keep_variants()
    entry = first(world)
    assert Job.objects.filter(name="air.substitutes").count() == 1
    assert not Alarm.objects.filter(kind=alarm_log.SUBSTITUTE).exists(), "it was only just asked for"
    world.time.on(entry.start_tick - clock.tick() - 60)
    tasks.keep_variants()
    assert Alarm.objects.filter(service=world.silk, kind=alarm_log.SUBSTITUTE, cleared_at=None).exists()
    world.time.on(160)
    before = ask(world, "/air/silk-way/v360/index.m3u8", "territory=RU")[1]
    assert f"\ns{entry.pk}-3.m4s" in before
    prepare(world)
    tasks.keep_variants()
    assert not Alarm.objects.filter(service=world.silk, kind=alarm_log.SUBSTITUTE, cleared_at=None).exists()
    world.time.on(60)
    after = ask(world, "/air/silk-way/v360/index.m3u8", "territory=RU")[1]
    assert f"\ns{entry.pk}-" in after and f"\ns{entry.pk}x" in after


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"instead": [{"play": "film"}]}, "play is one of"),
        ({"instead": [{"play": "asset"}]}, "URN"),
        ({"instead": [{"play": "asset", "asset": "urn:nothing"}]}, "no asset"),
        ({"instead": [{"play": "standby", "territories": ["XX"]}]}, "reaches KZ, QA, RU"),
        ({"instead": [{"play": "programmes"}]}, "key"),
        ({"instead": [{"play": "card", "colour": "red"}]}, "colour"),
        ({"instead": ["card"]}, "no object"),
        ({"instead": {}}, "list"),
        ({"languages": {"kk": "ru"}}, "language tags"),
        ({"insted": []}, "nothing else"),
    ],
)
def test_an_offer_that_cannot_be_read_is_refused(world: Air, body: dict[str, object], said: str) -> None:
    with pytest.raises(OfferError, match=said):
        substitutes.set_offer(world.operator, world.silk, body)


def test_a_reporter_may_not_change_the_offer(world: Air) -> None:
    world.operator.roles = ["reporter"]
    with pytest.raises(Denied):
        substitutes.set_offer(world.operator, world.silk, {})


def test_a_missing_language_falls_back_as_the_service_declared(world: Air) -> None:
    asset = real(world, 60, "in Russian and German", ("ru", "de"))
    declared = {"kk": ["de", "original"], "en": ["original"]}
    substitutes.set_offer(world.operator, world.silk, {"languages": declared})
    view = queries.snapshot(world.silk, world.time.tick)
    from keshen.air.serving import load

    held = load.assets([asset.pk], {})[asset.pk]
    assert {tag: view.track(held, f"a-{tag}").language for tag in ("kk", "en", "ru")} == {
        "kk": "de", "en": "ru", "ru": "ru",
    }  # fmt: skip


def test_variants_that_cannot_be_kept_are_an_alarm_until_they_can(world: Air, monkeypatch: pytest.MonkeyPatch) -> None:
    actions.lay(world.system, world.silk)

    def broken(service: object) -> None:
        raise RuntimeError("the rulings of this service are broken")

    with monkeypatch.context() as patched:
        patched.setattr(tasks.rulings, "keep", broken)
        tasks.keep_variants()
        tasks.keep_variants()
    alarm = Alarm.objects.get(service=world.silk, kind=alarm_log.VARIANTS)
    assert (alarm.count, alarm.cleared_at) == (2, None)
    tasks.keep_variants()
    alarm.refresh_from_db()
    assert alarm.cleared_at is not None
