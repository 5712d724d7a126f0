"""Clips of what aired: exact, with their sources and rights, and never of what was withdrawn."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from django.test import Client

from keshen.air import actions, clips
from keshen.air.audiences import readiness
from keshen.air.audiences.readiness import State
from keshen.air.models import Stock
from keshen.air.serving import load
from keshen.house.jobs import perform
from keshen.house.models import Job
from keshen.house.permissions import Denied
from keshen.media import actions as media
from keshen.media import encode
from keshen.media.confined import Limits
from keshen.media.houseformat import TICKS_PER_HOUR
from keshen.media.models import Asset, Derivation
from keshen.media.package import kept
from keshen.media.store import house_store
from keshen.media.workplace import workplace
from keshen.rights import actions as rights
from keshen.rights.queries import terms_of
from tests.air.house import Air
from tests.air.streaming import decode

CAPTIONS = b"""WEBVTT

00:00:00.500 --> 00:00:02.000
Bir

00:00:05.000 --> 00:00:08.000
Eki
"""


def encoded(air: Air, ticks: int) -> Asset:
    """A programme encoded for real, in two languages and with captions."""
    asset = media.create_asset(
        air.system, key="encoded", kind=Asset.Kind.VIDEO, organisation=air.tv.organisation, title="encoded"
    )
    lavfi = ("-f", "lavfi", "-t", "10", "-i")
    inputs = (*lavfi, "testsrc2=s=320x180:r=25", *lavfi, "sine=440:r=48000", *lavfi, "sine=880:r=48000")
    sounds = (encode.Sound("1:a", "kk"), encode.Sound("2:a", "ru"))
    with workplace("encoded") as folder:
        made = encode.encode(encode.Plan(inputs, ticks, picture="0:v", sounds=sounds), folder, limits=Limits(wall=600))
        tracks = kept(made, house_store())
    tracks.append(media.NewTrack("captions", "c", "kk", house_store().put(CAPTIONS), len(CAPTIONS)))
    media.mark_ready(air.system, asset, tracks=tracks, ticks=ticks)
    return asset


def test_a_clip_has_every_frame_and_sample_between_two_ticks(air: Air, tmp_path: Path) -> None:
    asset = encoded(air, 27)
    Stock.objects.filter(role__in=("programme", "filler")).delete()
    for role in (Stock.Role.PROGRAMME, Stock.Role.FILLER):
        actions.stock(air.operator, asset, role, key="steppe", titles={"kk": "Дала"})
    actions.lay(air.system, air.tv)
    air.time.on(400)
    row = next(
        entry
        for entry, after in pairwise(air.laid())
        if entry.asset == after.asset == asset and entry.end_tick - entry.start_tick == 27
    )
    made = clips.request(air.system, air.tv, row.start_tick + 5, row.start_tick + 24 + 5)
    perform(Job.objects.get(name=clips.CLIP).pk)
    made.refresh_from_db()
    job = Job.objects.get(name=clips.CLIP)
    assert (made.state, made.duration_ticks) == ("ready", 24), f"{job.reason} {job.tail}"
    tracks = {(track.kind, track.rung, track.language): track for track in made.tracks.all()}
    assert {" ".join(track).strip() for track in tracks} == {
        "audio a kk", "audio a ru", "captions c kk", "video v360", "video v720",
    }  # fmt: skip
    for (kind, _rung, _language), track in tracks.items():
        if kind == "captions":
            said = house_store().read(track.blob_sha256).decode()
            assert "00:00:00.000 --> 00:00:00.400\nBir" in said, "from the clip's own start"
            assert said.count("Bir") == 2, "it goes on into the next airing"
            continue
        assert track.cuts == [12, 12], "its own house cut, wherever it was cut out"
        path = tmp_path / f"{track.pk}.mp4"
        path.write_bytes(house_store().read(track.init_sha256) + house_store().read(track.blob_sha256))
        if kind == "video":
            frames, complaints = decode(str(path))
            assert frames == 24 * 8
            assert not complaints


def test_rights_and_sources_go_along(air: Air) -> None:
    actions.lay(air.system, air.tv)
    air.time.on(2000)
    row = next(entry for entry in air.laid() if entry.asset.stock.filter(role=Stock.Role.PROGRAMME).exists())
    rights.attach(air.editor, row.asset.urn, "Not for use in Russia", language="en")
    made = clips.request(air.operator, air.tv, row.start_tick + 5, row.start_tick + 60, title="Үзінді")
    assert made.title == "Үзінді"
    assert clips.request(air.operator, air.tv, row.start_tick + 5, row.start_tick + 60).pk == made.pk
    assert [terms.wording for terms in terms_of([made.urn])] == ["Not for use in Russia"]
    how = Derivation.objects.get(made_urn=made.urn, from_urn=row.asset.urn).how
    assert how == {"clip": "jibek-joly", "from": row.start_tick + 5, "to": row.start_tick + 60}
    assert Job.objects.filter(name=clips.CLIP).count() == 1
    rights.attach(air.editor, row.asset.urn, "No archive use", language="en")
    clips.follow(row.asset.urn)
    assert terms_of([made.urn]).count() == 2
    actions.withdraw(air.operator, row.asset.urn, "Killed")
    clips.withdraw(row.asset.urn)
    assert made.urn in load.withdrawals()
    with pytest.raises(clips.NotKept, match="алынып"):
        clips.request(air.operator, air.tv, row.start_tick + 10, row.start_tick + 60)


@pytest.mark.parametrize(
    ("start", "end"), [(-100, -100), (-100, 50), (-2, -1), (-6 * TICKS_PER_HOUR, -10), (-900, -50)]
)
def test_what_cannot_be_cut_is_refused(air: Air, start: int, end: int) -> None:
    actions.lay(air.system, air.tv)
    air.time.on(600)
    with pytest.raises(clips.NotKept):
        clips.request(air.operator, air.tv, air.time.tick + start, air.time.tick + end)
    assert not Asset.objects.filter(key__startswith="clip:").exists()


def test_who_may_not_add_media_makes_no_clip(air: Air) -> None:
    actions.lay(air.system, air.tv)
    air.time.on(600)
    air.operator.roles = []
    with pytest.raises(Denied):
        clips.request(air.operator, air.tv, air.time.tick - 200, air.time.tick - 100)


def test_languages_are_there_missing_or_late() -> None:
    order = ("kk", "ru", "en")

    def said(there: dict[str, bool], *, coming: bool = False, late: bool = False) -> list[str]:
        declared = {"kk": ("ru", "original")}
        return [cell.said for cell in readiness.cells(order, there, declared, order, coming=coming, late=late)]

    assert said({"kk": False, "ru": True, "en": False}) == ["kk✓", "ru⚙", "en✓"]
    assert said({"ru": False}) == ["kk○→ru", "ru✓", "en○→ru"]
    assert said({"en": False}, late=True) == ["kk!→en", "ru!→en", "en✓"]
    assert said({}, coming=True) == ["kk◷", "ru◷", "en◷"]
    assert said({"": False}) == ["kk✓", "ru✓", "en✓"], "music is for everybody"


def test_the_page_shows_what_lacks_and_makes_a_clip(air: Air, client: Client) -> None:
    actions.lay(air.system, air.silk)
    air.time.on(600)
    rows = readiness.board(air.silk)
    assert rows and rows[0].worst is State.LATE, "silk-way speaks English and Russian, the programmes Kazakh"
    assert readiness.board(air.tv, 1) == [] or readiness.board(air.tv, 1)[0].worst is State.READY
    client.force_login(air.operator)
    shown = client.get("/control/air/silk-way/variants/").content.decode()
    assert "Тілдер" in shown and "en" in shown
    from keshen.media.houseformat import datetime_at

    times = {name: datetime_at(air.time.tick - ago).isoformat() for name, ago in (("from", 300), ("to", 100))}
    answer = client.post("/control/air/silk-way/clip/", times, follow=True)
    assert answer.status_code == 200
    assert Asset.objects.filter(key__startswith="clip:").count() == 1
    refused = client.post("/control/air/silk-way/clip/", {"from": "noon", "to": ""}, follow=True).content.decode()
    assert "Екі уақытты да" in refused
