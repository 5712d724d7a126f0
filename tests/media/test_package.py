import io
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest
from django.db import connection
from PIL import Image

from keshen.house import jobs
from keshen.house.models import Event, Job, User
from keshen.media import actions, houseformat, loudness, pictures, queries
from keshen.media import store as stores
from keshen.media.brief import Brief
from keshen.media.models import Asset, Derivation, StageResult, Track
from keshen.media.store import house_store
from tests.waiting import until

KAZAKH = (
    "Қазақ даласында ақбөкен саны көбейді. Ғалымдар оларды әуеден санады.",
    "Ақбөкен көктемде солтүстікке қарай көшеді.",
)
ENGLISH = (
    "Saiga numbers have grown on the Kazakh steppe. Scientists counted them from the air.",
    "They migrate north in spring.",
)
LATIN = (
    "Qazaq dalasynda aqböken sany köbeidı. Ğalymdar olardy äueden sanady.",
    "Aqböken köktemde soltüstıkke qarai köşedı.",
)


def request(system: User, brief: Brief, key: str) -> Asset:
    return actions.request_package(
        system, brief, key=key, organisation=system.organisation, title=brief.headline,
        made_from=["urn:newsml:keshen.localhost:20300101:version-1"],
    )  # fmt: skip


def run(asset: Asset) -> Job:
    job = Job.objects.get(subject=asset.urn)
    jobs.run(job.pk)
    job.refresh_from_db()
    asset.refresh_from_db()
    return job


def joined(track: Track) -> bytes:
    return house_store().read(track.init_sha256) + house_store().read(track.blob_sha256)


def sound(system: User, tmp_path: Path, expression: str, seconds: float, title: str) -> Asset:
    path = tmp_path / f"{title}.wav"
    rate = 44100
    t = np.arange(int(seconds * rate)) / rate
    samples = (eval(expression, {"np": np, "t": t}) * 12000).astype("<i2")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
    asset = actions.request_normalisation(
        system, key=title, organisation=system.organisation, title=title, kind="audio",
        source_sha256=house_store().put_file(path), source_name=path.name,
    )  # fmt: skip
    assert run(asset).state == Job.State.DONE, Job.objects.get(subject=asset.urn).reason
    return asset


def test_a_radio_package_is_a_levelled_voice_with_bed_and_ident(system: User, tmp_path: Path) -> None:
    bed = sound(system, tmp_path, "np.sin(2*np.pi*220*t)*0.5", 5.0, "bed")
    ident = sound(system, tmp_path, "np.sin(2*np.pi*660*t)*np.exp(-t)", 2.0, "ident")
    brief = Brief("radio", "kk", "Ақбөкен", KAZAKH, voices={"en": ENGLISH}, bed=bed.urn, ident=ident.urn)
    asset = request(system, brief, "radio-1")
    job = run(asset)
    assert (job.state, asset.state) == (Job.State.DONE, Asset.State.READY), (job.reason, job.tail)
    assert asset.reason == ""
    tracks = {track.language: track for track in asset.tracks.all()}
    assert set(tracks) == {"kk", "en"}
    assert all(track.kind == "audio" and track.rung == "a" and track.machine for track in tracks.values())
    assert all(track.cuts == houseformat.cut(asset.duration_ticks) for track in tracks.values())
    for track in tracks.values():
        path = tmp_path / f"{track.language}.mp4"
        path.write_bytes(joined(track))
        found = loudness.measure(["-i", str(path)])
        assert found.integrated == pytest.approx(-23.0, abs=0.5)
        assert found.true_peak <= -1.0
    assert set(queries.made_from(asset.urn)) >= {bed.urn, ident.urn, "urn:newsml:keshen.localhost:20300101:version-1"}
    assert queries.verify(asset) > 10_000


def test_a_television_package_has_every_track_on_one_cut_list(system: User, tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.linear_gradient("L").resize((1600, 1000)).convert("RGB").save(picture, "JPEG")
    shown = pictures.take_in(
        system, picture.getvalue(), name="steppe.jpg", organisation=system.organisation, title="Steppe"
    )
    brief = Brief(
        "television", "kk", "Ақбөкен көбейді", KAZAKH, place="Ақтөбе", pictures=(shown.urn, "urn:gone"),
        accent="#00b2a9", service="Jibek Joly", voices={"en": ENGLISH, "zh": ("你好。",)},
        captions={"kk": KAZAKH, "kk-Latn": LATIN, "en": ENGLISH, "ar": ("نص واحد.",)},
    )  # fmt: skip
    asset = request(system, brief, "tv-1")
    began = time.monotonic()
    job = run(asset)
    took = time.monotonic() - began
    assert (job.state, asset.state) == (Job.State.DONE, Asset.State.READY), (job.reason, job.tail)
    print(f"{houseformat.seconds(asset.duration_ticks):.1f} s of television in {took:.1f} s")
    assert "urn:gone" in asset.reason and "no voice speaks zh" in asset.reason
    tracks = {(track.kind, track.rung, track.language): track for track in asset.tracks.all()}
    assert set(tracks) == {
        ("video", "v720", ""), ("video", "v360", ""), ("audio", "a", "kk"), ("audio", "a", "en"),
        *(("captions", "c", tag) for tag in ("kk", "kk-Latn", "en", "ar")),
    }  # fmt: skip
    cuts = houseformat.cut(asset.duration_ticks)
    assert all(track.cuts == cuts for track in tracks.values() if track.kind != "captions")
    with av.open(io.BytesIO(joined(tracks["video", "v720", ""]))) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert len(frames) == asset.duration_ticks * houseformat.FRAMES_PER_TICK
    assert np.abs(frames[30].astype(int) - frames[90]).mean() > 1
    starts = {}
    for tag in ("kk", "kk-Latn", "en"):
        text = house_store().read(tracks["captions", "c", tag].blob_sha256).decode()
        assert text.startswith("WEBVTT\n\n")
        starts[tag] = re.findall(r"^(\S+) -->", text, re.MULTILINE)
    assert starts["kk"][0] == starts["kk-Latn"][0] == starts["en"][0] == "00:00:02.000"
    assert len(starts["kk"]) == len(starts["kk-Latn"]) >= 3


def test_asking_again_and_running_again_changes_nothing(system: User) -> None:
    brief = Brief("radio", "ru", "Сайгаки", ("Сайгаков стало больше.",))
    asset = request(system, brief, "twice")
    run(asset)
    assert request(system, brief, "twice") == asset
    jobs.kinds["media.render"].run(jobs.JobContext(Job.objects.get(subject=asset.urn)), asset_id=asset.pk)
    assert Event.objects.filter(kind="asset.ready", subject=asset.urn).count() == 1
    assert asset.tracks.count() == 1
    assert Derivation.objects.filter(made_urn=asset.urn).count() == 1


def test_no_voice_on_radio_is_said_at_once_and_on_television_means_captions_only(system: User) -> None:
    radio = request(system, Brief("radio", "zh", "标题", ("你好。",)), "zh-radio")
    job = run(radio)
    assert job.state == Job.State.FAILED and job.attempts == 1
    assert radio.state == Asset.State.FAILED and "no voice speaks zh" in radio.reason
    assert Event.objects.filter(kind="asset.failed", subject=radio.urn).exists()

    spoken = Brief("television", "ky", "Кыргыз", ("Бир сөз.",), captions={"ky": ("Бир сөз.",)})
    silent = Brief.from_json({**spoken.to_json(), "language": "tt"})
    television = request(system, silent, "tt-tv")
    assert run(television).state == Job.State.DONE
    assert "no voice speaks tt: captions only" in television.reason
    track = television.tracks.get(kind="audio")
    assert (track.language, track.machine) == ("tt", False)


def test_a_killed_render_goes_on_from_its_last_stage(system: User, tmp_path: Path) -> None:
    brief = Brief("television", "kk", "Ақбөкен", KAZAKH * 3, captions={"kk": KAZAKH * 3})
    asset = request(system, brief, "killed")
    job = Job.objects.get(subject=asset.urn)
    code = f"""
import django; django.setup()
from pathlib import Path
from django.conf import settings
from django.db import connection
settings.KESHEN_HOME = Path({str(tmp_path)!r})
settings.KESHEN_STORE = {str(tmp_path / "media")!r}
connection.settings_dict["NAME"] = {connection.settings_dict["NAME"]!r}
from keshen.house import jobs
jobs.run({job.pk})
"""
    worker = subprocess.Popen([sys.executable, "-c", code])
    work = tmp_path / "work"

    def encoding() -> bool:
        assert worker.poll() is None, "it ended before it could be killed"
        return StageResult.objects.filter(stage="mix").exists() and bool(list(work.glob("*/v720.mp4")))

    until(encoding, "the picture being encoded")
    before = {row.pk: row.created_at for row in StageResult.objects.all()}
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    asset.refresh_from_db()
    assert asset.state == Asset.State.PREPARING and not asset.tracks.exists()
    assert len(list(work.iterdir())) == 1
    until(
        lambda: subprocess.run(["pgrep", "-f", str(work)], stdout=subprocess.DEVNULL, check=False).returncode == 1,
        "the encoder ended with its worker",
    )

    assert run(asset).state == Job.State.DONE
    assert asset.state == Asset.State.READY
    assert {row.pk: row.created_at for row in StageResult.objects.filter(pk__in=before)} == before
    assert list(work.iterdir()) == []
    assert Event.objects.filter(kind="asset.ready", subject=asset.urn).count() == 1


def test_a_full_disk_fails_the_job_and_a_retry_makes_the_asset(
    system: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = request(system, Brief("radio", "en", "Saiga", ENGLISH), "full")
    full = tmp_path / "full"
    full.write_bytes(b"")
    monkeypatch.setattr("keshen.media.tasks.house_store", lambda: stores.FolderStore(full / "store"))
    job = Job.objects.get(subject=asset.urn)
    Job.objects.filter(pk=job.pk).update(attempts=jobs.kinds[job.name].attempts - 1)
    assert run(asset).state == Job.State.FAILED
    assert asset.state == Asset.State.FAILED and "cannot write" in asset.reason
    monkeypatch.undo()
    Job.objects.filter(pk=job.pk).update(state=Job.State.WAITING)
    assert run(asset).state == Job.State.DONE
    assert asset.state == Asset.State.READY and asset.reason == ""
