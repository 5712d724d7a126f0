import io
from pathlib import Path

import av
import pytest

from keshen.house import jobs
from keshen.house.models import Event, Job, User
from keshen.media import actions, ffmpeg, houseformat, loudness
from keshen.media.confined import Limits
from keshen.media.models import Asset
from keshen.media.store import house_store


def film(path: Path, *options: str) -> Path:
    ffmpeg.encode([*options, f"file:{path}"], limits=Limits(wall=1800))
    return path


def run(system: User, path: Path, kind: str = "video") -> tuple[Asset, Job]:
    asset = actions.request_normalisation(
        system, key=path.name, organisation=system.organisation, title=path.stem, kind=kind, language="kk",
        source_sha256=house_store().put_file(path), source_name=path.name,
    )  # fmt: skip
    job = Job.objects.get(subject=asset.urn)
    jobs.run(job.pk)
    job.refresh_from_db()
    asset.refresh_from_db()
    return asset, job


def test_a_film_of_any_shape_becomes_house_format(system: User, tmp_path: Path) -> None:
    path = film(
        tmp_path / "film.mkv", "-f", "lavfi", "-i", "testsrc2=s=720x576:r=30000/1001:d=5", "-f", "lavfi", "-i",
        "sine=300:r=44100:d=3,adelay=1000,apad=whole_dur=5", "-c:v", "mpeg4", "-c:a", "aac",
    )  # fmt: skip
    asset, job = run(system, path)
    assert asset.state == Asset.State.READY, (job.reason, job.tail)
    assert asset.duration_ticks == houseformat.ticks_for(5.0)
    tracks = {track.rung: track for track in asset.tracks.all()}
    assert set(tracks) == {"v720", "v360", "a"}
    assert tracks["a"].language == "kk" and not tracks["a"].machine
    assert (asset.measured["cue_in"], asset.measured["cue_out"]) == (3, 13)
    store = house_store()
    sound = tmp_path / "a.mp4"
    sound.write_bytes(store.read(tracks["a"].init_sha256) + store.read(tracks["a"].blob_sha256))
    found = loudness.measure(["-i", str(sound)])
    assert found.integrated == pytest.approx(-23, abs=0.7) and found.true_peak <= -1
    picture = store.read(tracks["v360"].init_sha256) + store.read(tracks["v360"].blob_sha256)
    with av.open(io.BytesIO(picture)) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert len(frames) == asset.duration_ticks * houseformat.FRAMES_PER_TICK
    assert frames[0][180, 5] < 20 and frames[0].shape == (360, 640)


def test_a_silent_film_gets_silence(system: User, tmp_path: Path) -> None:
    path = film(tmp_path / "silent.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=2")
    asset, job = run(system, path)
    assert asset.state == Asset.State.READY, (job.reason, job.tail)
    assert asset.tracks.filter(kind="audio").count() == 1


@pytest.mark.parametrize(
    ("name", "data", "kind", "said"),
    [
        ("film.mp4", b"", "video", "not a film or sound"),
        ("film.mov", b"\x00\x01binary" * 5000, "video", "not a film or sound"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:4,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", "video", "not a film or sound"),
        ("concat.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n", "video", "not a film or sound"),
        ("page.mp4", b"<html><script>alert(1)</script></html>", "audio", "not a film or sound"),
    ],
)
def test_what_is_not_what_it_says_is_quarantined_and_kept(
    system: User, tmp_path: Path, name: str, data: bytes, kind: str, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    asset, job = run(system, path, kind)
    assert asset.state == Asset.State.QUARANTINED and job.state == Job.State.FAILED and job.attempts == 1
    assert said in asset.reason and said in job.reason
    assert house_store().read(asset.source_sha256) == data
    assert Event.objects.filter(kind="asset.quarantined", subject=asset.urn).count() == 1


def test_sound_sent_as_film_is_said(system: User, tmp_path: Path) -> None:
    asset, _ = run(system, film(tmp_path / "song.mp3", "-f", "lavfi", "-i", "sine=d=2"))
    assert asset.state == Asset.State.QUARANTINED and "only sound" in asset.reason


def test_a_truncated_film_is_taken_as_far_as_it_goes_or_quarantined(system: User, tmp_path: Path) -> None:
    path = film(tmp_path / "cut.ts", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=4", "-f", "mpegts")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    asset, _ = run(system, path)
    assert asset.state in (Asset.State.READY, Asset.State.QUARANTINED)
    assert asset.state == Asset.State.QUARANTINED or 3 <= (asset.duration_ticks or 0) <= 12
