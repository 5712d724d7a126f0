"""Variants: one log for every territory, platform and hour; what rights deny to some is something else as long."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from keshen.air import actions, clock, guide, queries
from keshen.air.audiences import denials, rulings, variants
from keshen.air.audiences.denials import Ruled
from keshen.air.audiences.variants import NoSuchVariant, Offered, Variant
from keshen.air.log import restrictions
from keshen.air.models import Entry, Ruling, Stock
from keshen.air.programmes import AirGuide
from keshen.air.proof import conformance
from keshen.air.serving.server import Air as Server
from keshen.air.timeline import Timeline, merged, shifted
from keshen.air.ways_out import hls
from keshen.house.models import Territory
from keshen.media.houseformat import TICKS_PER_HOUR, datetime_at, tick_at
from keshen.rights import actions as rights
from tests.air.house import Air
from tests.air.test_pure import START, lay

OFFERED = Offered("tv", frozenset({"WORLD"}), frozenset({"WORLD", "KZ", "RU"}), ("kk", "ru"), ("kk", "kk-Latn"))


# What may be asked for.


def test_a_query_is_read_and_written() -> None:
    asked = variants.parse("territory=ru&platform=WEB&shift=2.5&audio=RU&captions=kk-latn&from=1", OFFERED)
    assert asked == Variant("RU", "web", 28_125, "ru", "kk-Latn")
    assert variants.written(asked) == "territory=RU&platform=web&shift=2.5"
    assert variants.parse(variants.written(asked), OFFERED) == Variant("RU", "web", 28_125)
    assert variants.mark(asked) == "RU.web.+2.5"
    assert variants.written(Variant()) == variants.mark(Variant()) == ""


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("territory=XX", 400, "KZ, RU"),
        ("territory=WORLD", 403, "KZ, RU"),
        ("platform=cinema", 400, "tv, web"),
        ("audio=fr", 400, "kk, ru"),
        ("captions=fr", 400, "kk-Latn"),
        ("shift=-1", 400, "from 0 to 12"),
        ("shift=13", 400, "from 0 to 12"),
        ("shift=nan", 400, "from 0 to 12"),
        ("shift=soon", 400, "from 0 to 12"),
        ("a=" + "x" * 3000, 414, "long"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(query: str, status: int, said: str) -> None:
    with pytest.raises(NoSuchVariant, match=said) as refused:
        variants.parse(query, OFFERED)
    assert refused.value.status == status


def test_a_territory_the_channel_does_not_reach_is_refused() -> None:
    with pytest.raises(NoSuchVariant, match="not offered in RU") as refused:
        variants.parse("territory=RU", Offered("tv", frozenset({"KZ"}), frozenset({"KZ", "RU"})))
    assert refused.value.status == 403


# What rulings add up to.

span = st.builds(lambda a, b: (a, None if b is None else a + b), st.integers(0, 50), st.none() | st.integers(1, 40))


@settings(deadline=None)
@given(st.lists(span, max_size=6))
def test_merged_spans_hold_the_same_ticks_in_order(spans: list[tuple[int, int | None]]) -> None:
    made = merged(spans)
    for tick in range(100):
        assert denials.is_denied(made, tick) == denials.is_denied(spans, tick)
    assert all(a[1] is not None and a[1] < b[0] for a, b in pairwise(made))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.lists(span, max_size=3)), max_size=4), st.booleans())
def test_the_last_ruling_decides(given_: list[tuple[int, list[tuple[int, int | None]]]], unruled: bool) -> None:
    rulings_ = [Ruled(tick, tuple(spans)) for tick, spans in sorted(given_, key=lambda one: one[0])]
    made = denials.denied(rulings_, unruled=unruled)
    for tick in range(100):
        before = [one for one in rulings_ if one.tick <= tick]
        expected = denials.is_denied(before[-1].spans, tick) if before else unruled
        assert denials.is_denied(made, tick) == expected


# What variants list.

lengths = st.lists(st.integers(3, 200), min_size=3, max_size=20)
rules = st.lists(
    st.tuples(
        st.integers(0, 20), st.integers(-200, 1500), st.lists(st.tuples(st.integers(-100, 900), st.integers(1, 500)))
    ),
    max_size=6,
)


@settings(max_examples=100, deadline=None)
@given(lengths, rules, st.integers(0, 3) | st.just(5000), st.integers(-300, 1500), st.data())
def test_successive_playlists_of_a_variant_keep_the_rules(
    laid: list[int], ruled: list[tuple[int, int, list[tuple[int, int]]]], later: int, ready: int, data: st.DataObject
) -> None:
    """Whatever is ruled, whenever it is heard of within a breath, and whenever the substitute is ready."""
    entries = lay([150, *laid, 700])
    timeline = Timeline(entries)
    inits = {entry.asset: "init-a.mp4" for entry in entries}

    ready_from = {entry.id: (900 + entry.id, START + ready) for entry in entries}

    def writer(known_at: int, suffix: str = "m4s") -> hls.Playlists:
        held: dict[int, list[Ruled]] = {}
        for place, at, spans in sorted(ruled, key=lambda one: one[1]):
            entry = entries[place % len(entries)]
            tick = START + at
            if tick <= known_at:
                until = tuple((tick + max(0, since), tick + max(0, since) + ticks) for since, ticks in spans)
                held.setdefault(entry.id, []).append(Ruled(tick, until))
        withheld = {entry: shifted(denials.denied(rows, unruled=False), later) for entry, rows in held.items()}
        prepared = ready_from if START + ready <= known_at else {}
        names = inits if suffix == "m4s" else {}
        return hls.Playlists(
            timeline, suffix, names, withheld=withheld, later=later, prepared=prepared,
            substitute_init="init-a.mp4" if suffix == "m4s" else "",
        )  # fmt: skip

    ticks = sorted(data.draw(st.lists(st.integers(START + 130, timeline.end), min_size=2, max_size=6)))
    read = []
    for tick in ticks:
        present = tick + later
        deaf = data.draw(st.integers(0, 2))
        text = writer(present - deaf).live(tick)
        assert text is not None
        playlist = conformance.read(text)
        assert not conformance.judge(playlist, present * 320), text
        words = conformance.read(writer(present - deaf, "vtt").live(tick) or "")
        assert not conformance.judge_renditions({"picture": playlist, "words": words})
        plain = conformance.read(hls.Playlists(timeline, "m4s", inits).live(tick) or "")
        assert [one.sequence for one in plain.segments] == [one.sequence for one in playlist.segments]
        assert [one.length for one in plain.segments] == [one.length for one in playlist.segments]
        read.append(playlist)
    for place, before in enumerate(read):
        for after in read[place + 1 :]:
            assert not conformance.judge_update(before, after)


# A house with a channel to the world.


@pytest.fixture
def world(air: Air) -> Air:
    """Silk Way reaches everywhere; the house knows three places."""
    for code in ("WORLD", "QA", "RU"):
        Territory.objects.get_or_create(code=code, defaults={"name": {"en": code}})
    air.silk.territories.set(Territory.objects.filter(code="WORLD"))
    return air


def film(air: Air) -> Stock:
    return next(row for row in Stock.objects.filter(role="programme") if row.asset.duration_ticks == 500)


def ask(air: Air, path: str, query: str = "", bound: str = "", edge: str = "") -> tuple[int, str]:
    server = Server()
    server.hub.services = {one.slug: queries.snapshot(one, air.time.tick) for one in (air.tv, air.silk)}
    answer = asyncio.run(server.answer(path, query, bound, edge))
    return answer.status, answer.body.decode("utf-8", "replace")


def on(air: Air, asset: int) -> Entry:
    """Go to the middle of the first entry of an asset that is still to come."""
    entry = next(one for one in air.laid(air.silk) if one.asset_id == asset and one.start_tick > air.time.tick)
    air.time.on(entry.start_tick + 120 - air.time.tick)
    return entry


def test_what_one_territory_may_not_see_is_laid_for_the_others(world: Air) -> None:
    row = film(world)
    rights.attach(world.editor, row.asset.urn, "Not for use in Russia", language="en")
    actions.lay(world.system, world.silk)
    world.check(world.silk)
    entry = on(world, row.asset_id)
    assert entry.restricted and entry.barred
    assert entry.decision.outcome == "deny"
    denied = rulings.denied_to(world.silk, [entry])
    assert denied == {entry.pk: [":tv", ":web", "RU:tv", "RU:web"]}, "everywhere includes Russia"
    address = "/air/silk-way/v360/index.m3u8"
    told = {query: ask(world, address, query)[1] for query in ("", "territory=KZ", "territory=QA", "territory=RU")}
    assert f"\ne{entry.pk}-3.m4s" in told["territory=KZ"]
    assert told["territory=KZ"] == told["territory=QA"]
    for query in ("", "territory=RU"):
        assert f"\ns{entry.pk}-3.m4s" in told[query]
        assert f"\ne{entry.pk}-" not in told[query]
    lists = [conformance.read(text) for text in told.values()]
    numbers = [[(one.sequence, one.length, one.at, one.init) for one in found.segments] for found in lists]
    assert all(one == numbers[0] for one in numbers), "sequence numbers, cuts and inits are the same everywhere"
    assert "territory=KZ" in ask(world, "/air/silk-way/index.m3u8", "territory=KZ")[1]


def test_every_ruling_keeps_its_decision_and_unclear_terms_deny(world: Air) -> None:
    row = film(world)
    rights.attach(world.editor, row.asset.urn, "Not for use in Russia. Only when the moon is full", language="en")
    actions.lay(world.system, world.silk)
    assert not [entry for entry in world.laid(world.silk) if entry.asset_id == row.asset_id], "nobody may have it"
    clear = next(one for one in Stock.objects.filter(role="programme") if one.asset.duration_ticks == 270)
    rights.attach(world.editor, clear.asset.urn, "Not for web use", language="en")
    restrictions.decide_anew(clear.asset.urn)
    found = {one.audience: one.decision.outcome for one in Ruling.objects.filter(service=world.silk, asset=clear.asset)}
    assert found["KZ:tv"] == found[":tv"] == "permit"
    assert found["KZ:web"] == found[":web"] == "deny"


def test_terms_that_change_are_obeyed_by_the_variants_they_name(world: Air) -> None:
    row = film(world)
    actions.lay(world.system, world.silk)
    entry = on(world, row.asset_id)
    before = ask(world, "/air/silk-way/v360/index.m3u8", "territory=RU")[1]
    assert f"\ne{entry.pk}-3.m4s" in before
    terms = rights.attach(world.editor, row.asset.urn, "Not for use in Russia", language="en")
    restrictions.decide_anew(row.asset.urn)
    world.time.on(40)
    after = {query: ask(world, "/air/silk-way/v360/index.m3u8", query)[1] for query in ("territory=RU", "territory=KZ")}
    assert f"\ns{entry.pk}-" in after["territory=RU"]
    assert "s" not in {line[0] for line in hls_lines(after["territory=KZ"])}
    assert not conformance.judge_update(conformance.read(before), conformance.read(after["territory=RU"]))
    assert ask(world, f"/air/silk-way/v360/e{entry.pk}-1.m4s", bound="territory=RU")[0] == 410
    assert ask(world, f"/air/silk-way/v360/e{entry.pk}-1.m4s", edge="RU")[0] == 410
    rights.withdraw(world.editor, terms, reason="Bought")
    restrictions.decide_anew(row.asset.urn)
    world.time.on(40)
    given = ask(world, "/air/silk-way/v360/index.m3u8", "territory=RU")[1]
    assert f"\ne{entry.pk}-" in given
    assert not conformance.judge_update(conformance.read(after["territory=RU"]), conformance.read(given))


def hls_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_a_window_ends_by_itself_on_the_air_and_in_the_past(world: Air) -> None:
    row = film(world)
    end = datetime_at(world.time.tick + 2000).strftime("%Y-%m-%dT%H:%M:%SZ")
    from keshen.rights.models import Terms
    from keshen.rights.terms import Terms as Meaning
    from keshen.rights.terms import Window

    meaning = Meaning(windows=(Window(None, datetime_at(world.time.tick + 2000)),))
    Terms.objects.create(
        subject=row.asset.urn, wording=f"until {end}", policy=meaning.to_json(), clear=True, set_by=world.editor
    )
    actions.lay(world.system, world.silk)
    entry = on(world, row.asset_id)
    assert entry.start_tick < world.time.tick < entry.end_tick
    assert f"\ne{entry.pk}-3.m4s" in ask(world, "/air/silk-way/v360/index.m3u8")[1]
    start = datetime_at(entry.start_tick).timestamp()
    world.time.on(2600)
    status, past = ask(world, "/air/silk-way/v360/index.m3u8", f"from={start:.2f}&to={start + 40:.2f}")
    assert status == 200
    assert f"\ns{entry.pk}-" in past and f"\ne{entry.pk}-" not in past, "the window is over"


def test_a_place_the_house_learns_of_is_denied_until_it_was_ruled_on(world: Air) -> None:
    row = film(world)
    rights.attach(world.editor, row.asset.urn, "Not for use in Russia", language="en")
    actions.lay(world.system, world.silk)
    Territory.objects.create(code="TR", name={"en": "Türkiye"})
    entry = on(world, row.asset_id)
    address, query = "/air/silk-way/v360/index.m3u8", "territory=TR"
    assert f"\ns{entry.pk}-" in ask(world, address, query)[1]
    assert rulings.keep(world.silk) > 0
    assert rulings.keep(world.silk) == 0
    world.time.on(60)
    assert f"\ne{entry.pk}-" in ask(world, address, query)[1]


def test_a_variant_that_follows_later_shows_the_same_with_its_own_hours(world: Air) -> None:
    actions.lay(world.system, world.silk)
    early = ask(world, "/air/silk-way/v360/index.m3u8")[1]
    guide_early = ask(world, "/air/silk-way/guide.json")[1]
    world.time.on(TICKS_PER_HOUR)
    actions.lay(world.system, world.silk)
    late = ask(world, "/air/silk-way/v360/index.m3u8", "shift=1")[1]
    assert hls_lines(early) == hls_lines(late)
    assert not conformance.judge(conformance.read(late), clock.milliseconds())
    first = str(datetime_at(world.time.tick - TICKS_PER_HOUR))[:16]
    assert first.replace(" ", "T") not in late
    assert guide_early.count("{") > 3
    status, manifest = ask(world, "/air/silk-way/manifest.mpd", "shift=1&territory=KZ")
    assert status == 200
    assert 'availabilityStartTime="1970-01-01T01:00:00.000Z"' in manifest
    assert "$Time$.m4s?territory=KZ&amp;shift=1" in manifest
    now = ask(world, "/air/silk-way/now.json", "shift=1")[1]
    assert str(datetime_at(world.time.tick))[:10] in now


def test_the_programme_on_is_started_over(world: Air) -> None:
    actions.lay(world.system, world.silk)
    world.time.on(900)
    status, text = ask(world, "/air/silk-way/index.m3u8", "restart&audio=ru")
    assert status == 200
    line = next(
        one for one in queries.snapshot(world.silk, world.time.tick).programmes(world.time.tick, world.time.tick + 1)
    )
    address = next(one for one in hls_lines(text) if one.startswith("v360"))
    rung, _, query = address.partition("?")
    assert 'LANGUAGE="ru",DEFAULT=YES' in text
    told = ask(world, f"/air/silk-way/{rung}", query)[1]
    read = conformance.read(told)
    assert read.segments[0].at == line.start * 320, "from its first segment"
    assert not read.closed


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=1000&to=2000", 404),
        ("from=99999999999", 404),
        ("from=yesterday", 400),
        ("from=9" + "9" * 40, 400),
        ("to=1772453356", 400),
        ("territory=XX", 400),
        ("audio=xx", 400),
        ("shift=99", 400),
        ("&".join(f"a{n}=1" for n in range(30)), 400),
    ],
)
def test_bad_questions_are_answered_with_what_to_do(world: Air, query: str, status: int) -> None:
    actions.lay(world.system, world.silk)
    for name in ("index.m3u8", "manifest.mpd"):
        answered, said = ask(world, f"/air/silk-way/{name}", query)
        assert answered == status, said
        assert len(said) > 20


def test_a_signed_address_is_bound_to_its_audience(world: Air) -> None:
    actions.lay(world.system, world.silk)
    assert ask(world, "/air/silk-way/index.m3u8", "territory=KZ", bound="territory=RU")[0] == 403
    status, text = ask(world, "/air/silk-way/index.m3u8", bound="territory=RU&platform=web")
    assert status == 200
    assert "territory=RU&platform=web" in text


def test_an_edge_that_knows_where_viewers_are_is_believed_and_they_are_not(world: Air) -> None:
    actions.lay(world.system, world.silk)
    address = "/air/silk-way/index.m3u8"
    assert "territory=RU" in ask(world, address, edge="ru")[1]
    assert ask(world, address, "territory=KZ", edge="RU")[0] == 403
    assert ask(world, address, "territory=KZ", edge="FR")[0] == 403, "elsewhere sees what may be seen everywhere"
    status, plain = ask(world, address, edge="FR")
    assert status == 200 and "territory" not in plain


def test_pages_are_told_what_may_not_be_shown_on_the_web(world: Air) -> None:
    row = film(world)
    rights.attach(world.editor, row.asset.urn, "Not for web use", language="en")
    actions.lay(world.system, world.silk)
    entry = on(world, row.asset_id)
    pages = AirGuide()
    now = pages.now_next("silk-way")
    assert now.now is not None and not now.now.on_web
    lines = pages.day("silk-way", timezone.localdate(datetime_at(entry.start_tick)))
    barred = [one for one in lines if not one.on_web]
    assert barred and all(one.titles != {} for one in lines), "it keeps its name"
    for one in barred:
        start, end = tick_at(one.start), tick_at(one.end)
        held = [
            e for e in world.laid(world.silk) if e.start_tick < end and e.end_tick > start and e.kind == "programme"
        ]
        assert {e.asset_id for e in held} == {row.asset_id}
    address = "/air/silk-way/v360/index.m3u8"
    assert f"\ns{entry.pk}-" in ask(world, address, "platform=web")[1]
    assert f"\ne{entry.pk}-" in ask(world, address)[1]
    assert any(one.on_web for one in lines), "and nothing else is"


def test_lists_of_all_channels_are_of_the_variant_asked_for(world: Air) -> None:
    world.lay_all()
    assert ask(world, "/air/epg.xml", "territory=XX")[0] == 400
    status, listed = ask(world, "/air/channels.m3u", "territory=RU&shift=2")
    assert status == 200
    assert 'tvg-id="silk-way.RU.+2"' in listed and "jibek-joly" not in listed, "only what reaches Russia"
    assert "/air/silk-way/index.m3u8?territory=RU&shift=2" in listed
    assert 'channel id="silk-way.KZ"' in ask(world, "/air/epg.xml", "territory=KZ")[1]


def test_the_as_run_of_a_variant_says_what_was_shown_instead(world: Air) -> None:
    row = film(world)
    rights.attach(world.editor, row.asset.urn, "Not for use in Russia", language="en")
    actions.lay(world.system, world.silk)
    entry = on(world, row.asset_id)
    view = queries.snapshot(world.silk, world.time.tick)
    seen = {}
    for code in ("KZ", "RU"):
        variant = view.for_variant(Variant(code), world.time.tick)
        parts = guide.as_run(variant.timeline, entry.start_tick, world.time.tick, variant.withheld)
        seen[code] = {part.substituted for part in parts}
    assert seen == {"KZ": {False}, "RU": {True}}
