import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keshen.media import confined, loudness, speech
from keshen.media.captions import Spoken
from keshen.media.confined import Limits
from keshen.media.speech import Clip
from keshen.media.speech.espeak import Espeak

TEXTS = {
    "kk": ["Қазақ даласы кең.", "Бұл екінші сөйлем."],
    "ru": ["Степь широка.", "Это второе предложение."],
    "en": ["The steppe is wide.", "This is the second sentence."],
    "ar": ["السهوب واسعة.", "هذه جملة ثانية."],
    "tr": ["Bozkır geniş.", "Bu ikinci cümle."],
    "uz": ["Dala keng.", "Bu ikkinchi gap."],
    "ky": ["Талаа кең.", "Бул экинчи сүйлөм."],
}


def tone(seconds: float, rate: int = 22050, silence: float = 0.5) -> Clip:
    sound = (np.sin(np.arange(int(seconds * rate)) / 10) * 8000).astype(np.int16)
    quiet = np.zeros(int(silence * rate), np.int16)
    return Clip(rate, np.concatenate([quiet, sound, quiet]).tobytes())


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_of_the_house_has_a_voice(language: str) -> None:
    engine = speech.engine_for(f"{language}-XX")
    clips = engine.say(TEXTS[language], language)
    assert len(clips) == 2
    for clip, text in zip(clips, TEXTS[language], strict=True):
        samples = np.frombuffer(clip.samples, np.int16)
        assert np.abs(samples.astype(int)).max() > 3000
        assert 5 < len(text) / speech.trimmed(clip).seconds < 25


def test_no_voice_is_a_thing_of_its_own() -> None:
    with pytest.raises(speech.NoVoice) as caught:
        speech.engine_for("zh")
    assert caught.value.language == "zh"


def test_sentences_join_with_a_breath_and_are_timed() -> None:
    joined = speech.join([tone(1.0), tone(2.0)], pause=0.4)
    (first, second) = joined.parts
    assert first.start == 0 and first.end == pytest.approx(1.06, abs=0.02)
    assert second == Spoken(pytest.approx(1.46, abs=0.03), pytest.approx(3.52, abs=0.04))
    assert joined.clip.seconds == pytest.approx(second.end, abs=0.001)
    with pytest.raises(speech.SpeechFailed, match="silent"):
        speech.join([Clip(22050, bytes(4000))])
    with pytest.raises(speech.SpeechFailed, match="rates"):
        speech.join([tone(1), tone(1, rate=16000)])


def test_a_clip_survives_wav_and_other_bytes_are_refused() -> None:
    clip = tone(0.3)
    assert Clip.from_wav(clip.to_wav()) == clip
    for data in (b"", b"RIFF....WAVE", b"<html>"):
        with pytest.raises(speech.SpeechFailed):
            Clip.from_wav(data)


def test_a_voice_that_crashes_is_a_failed_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keshen.media.speech.espeak._CHILD", "/dev/null/none.py")
    with pytest.raises(speech.SpeechFailed, match="eSpeak NG"):
        Espeak().say(["Сөз."], "kk")


@pytest.mark.parametrize(
    ("command", "limits", "said"),
    [
        ("kill -SEGV $$", Limits(), "crashed"),
        ("sleep 60", Limits(wall=0.3), "longer than 0.3 s"),
        ("while :; do :; done", Limits(cpu=1, wall=1800), "processor time|killed"),
        ("exit 3", Limits(), "status 3"),
        ("head -c 100000 /dev/zero > {folder}/big", Limits(file=1000), "status|larger"),
    ],
)
def test_a_confined_program_keeps_to_its_limits(command: str, limits: Limits, said: str, tmp_path: Path) -> None:
    with pytest.raises(confined.ProgramFailed, match=said):
        confined.run(["/bin/sh", "-c", command.replace("{folder}", str(tmp_path))], limits=limits)


def test_piper_is_a_command_and_a_folder_of_voices(settings: Any, tmp_path: Path) -> None:
    wav = tmp_path / "said.wav"
    wav.write_bytes(tone(0.5).to_wav())
    command = tmp_path / "piper"
    command.write_text(f'#!/bin/sh\ncat > {tmp_path}/heard\necho "$@" > {tmp_path}/told\ncat {wav}\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "kk_KZ-voice-high.onnx").touch()
    settings.KESHEN_PIPER, settings.KESHEN_PIPER_VOICES = str(command), str(tmp_path)
    engine = speech.engine_for("kk")
    assert engine.name == "piper" and speech.engine_for("ru").name == "espeak-ng"
    assert engine.say(["Сөз."], "kk") == [tone(0.5)]
    assert (tmp_path / "heard").read_text() == "Сөз.\n"
    assert "kk_KZ-voice-high.onnx" in (tmp_path / "told").read_text()
    settings.KESHEN_PIPER = str(tmp_path / "none")
    with pytest.raises(speech.SpeechFailed, match="KESHEN_PIPER"):
        speech.engine_for("kk").say(["Сөз."], "kk")


@pytest.fixture
def voice_server() -> Iterator[tuple[str, list[bytes]]]:
    heard: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(503 if b"refuse" in heard[-1] else 200)
            self.end_headers()
            self.wfile.write(tone(0.4).to_wav())

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/say", heard
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_voice_behind_http(settings: Any, voice_server: tuple[str, list[bytes]]) -> None:
    url, heard = voice_server
    settings.KESHEN_SPEECH_URL, settings.KESHEN_SPEECH_LANGUAGES = url, ["kk"]
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = True
    engine = speech.engine_for("kk")
    assert engine.name == "http" and engine.say(["Сөз."], "kk") == [tone(0.4)]
    assert b'"language":"kk"' in heard[0].replace(b" ", b"")
    with pytest.raises(speech.SpeechFailed, match="503"):
        engine.say(["refuse"], "kk")
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = False
    with pytest.raises(speech.SpeechFailed, match="public address"):
        engine.say(["Сөз."], "kk")


@pytest.mark.parametrize(
    "sound", ["sine=300:r=48000:d=4,volume=-30dB", "anoisesrc=d=4:a=0.9", "sine=d=0.2,apad=whole_dur=4"]
)
def test_levelling_meets_the_target_or_the_peak(sound: str) -> None:
    found = loudness.measure(["-f", "lavfi", "-i", sound])
    after = loudness.measure(["-f", "lavfi", "-i", sound], loudness.levelling(found))
    assert after.true_peak <= loudness.PEAK
    assert after.integrated == pytest.approx(loudness.TARGET, abs=0.3) or found.too_peaky


def test_silence_is_left_alone() -> None:
    found = loudness.measure(["-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo", "-t", "2"])
    assert found.silent and found.gain == 0 and loudness.levelling(found) == "volume=0.000dB"


def test_a_peaky_sound_is_limited() -> None:
    found = loudness.Loudness(-40.0, -5.0)
    assert found.too_peaky and "alimiter" in loudness.levelling(found)
    clicks = "aevalsrc=0.02*sin(2*PI*300*t)+0.95*lt(mod(t\\,1)\\,0.0005):s=48000:d=5"
    before = loudness.measure(["-f", "lavfi", "-i", clicks])
    assert before.too_peaky
    after = loudness.measure(["-f", "lavfi", "-i", clicks], loudness.levelling(before))
    assert after.true_peak <= loudness.PEAK
