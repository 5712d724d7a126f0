"""Clips of what aired: exact, with their sources and rights, and never of what was withdrawn."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from keshen.air import actions, clips, load, readiness
from keshen.air.models import Stock
from keshen.air.readiness import State
from keshen.house.models import Job
from keshen.house.permissions import Denied
from keshen.media.houseformat import TICKS_PER_HOUR
from keshen.media.models import Asset, Derivation
from keshen.rights import actions as rights
from keshen.rights.queries import terms_of
from tests.air.house import Air
from tests.air.streaming import Stream, decode

pytestmark = pytest.mark.xdist_group("air-stream")

MAKE = """
import django, json, sys
django.setup()
from keshen.air import clips, clock
from keshen.house.jobs import perform
from keshen.house.models import Job, Service, User
from keshen.media.models import Asset
from keshen.media.store import house_store
service = Service.objects.get(slug=sys.argv[1])
start = clock.tick() - 300
asset = clips.request(User.objects.system(), service, start, start + 101)
perform(Job.objects.get(name="air.clip").pk)
asset.refresh_from_db()
job = Job.objects.get(name="air.clip")
found = {"state": asset.state, "ticks": asset.duration_ticks, "reason": job.reason, "tail": job.tail, "tracks": {}}
for track in asset.tracks.all():
    path = f"{sys.argv[2]}/{track.kind}-{track.rung}-{track.language}"
    with open(path, "wb") as file:
        if track.init_sha256:
            file.write(house_store().read(track.init_sha256))
        file.write(house_store().read(track.blob_sha256))
    found["tracks"][path] = [track.kind, track.cuts]
print(json.dumps(found))
"""


def test_a_clip_has_every_frame_and_sample_between_two_ticks(stream: Stream, tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-c", MAKE, "jibek-joly", str(tmp_path)],
        env=stream.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]
    found = json.loads(made.stdout.splitlines()[-1])
    assert found["state"] == "ready", found
    assert found["ticks"] == 101
    kinds = [kind for kind, _cuts in found["tracks"].values()]
    assert sorted(kinds) == ["audio", "audio", "captions", "video", "video"], "two pictures, two languages, captions"
    for path, (kind, cuts) in found["tracks"].items():
        if kind == "captions":
            assert "-->" in Path(path).read_text()
            continue
        assert sum(cuts) == 101
        assert cuts[:8] == [12] * 8, "its own house cut, wherever it was cut out"
        if kind == "video":
            frames, complaints = decode(path)
            assert frames == 101 * 8
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
