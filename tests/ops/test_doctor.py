"""The doctor finds what is wrong, says what to do, and gets to the end whatever happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from keshen.config import doctor


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KESHEN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("KESHEN_STORE", raising=False)
    return tmp_path / "home"


def states(check: str) -> list[str]:
    return [finding.state for finding in getattr(doctor, check)()]


def test_this_installation_is_well() -> None:
    faults = [finding for finding in doctor.examine() if finding.state == "fail" and "front end" not in finding.what]
    assert faults == []


def test_an_ffmpeg_that_does_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KESHEN_FFMPEG", str(tmp_path / "no-such-program"))
    (finding,) = doctor.ffmpeg()
    assert finding.state == "fail" and "KESHEN_FFMPEG" in finding.remedy


def test_an_ffmpeg_without_what_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho 'ffmpeg version 1 Copyright'\n")
    program.chmod(0o755)
    monkeypatch.setenv("KESHEN_FFMPEG", str(program))
    (finding,) = doctor.ffmpeg()
    assert finding.state == "fail" and "libx264" in finding.what


def test_letters_a_font_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(doctor.LETTERS, "latin", "ә漢")
    findings = list(doctor.fonts())
    assert findings[0].state == "fail" and "漢" in findings[0].what and "ә" not in findings[0].what


def test_a_language_without_a_voice_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "VOICES", ("kk", "tlh-no"))
    assert states("voices") == ["warn", "ok"]


def test_a_store_that_is_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    monkeypatch.setenv("KESHEN_STORE", str(tmp_path / "store"))
    assert states("media_store") == ["fail"]


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "GIGABYTE", 10**15)
    assert states("disk") == ["fail"]


def test_a_secret_that_others_can_read(home: Path) -> None:
    home.mkdir()
    (home / "secret-key").write_text("secret")
    (home / "secret-key").chmod(0o644)
    assert states("permissions") == ["ok", "warn"]


def test_a_database_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert states("database") == ["fail"]


def test_a_check_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[doctor.Finding]:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(doctor, "CHECKS", (broken, doctor.python))
    found = doctor.examine()
    assert [finding.state for finding in found] == ["fail", "ok"]
    assert "unforeseen" in found[0].what


def test_the_report_says_whether_something_is_at_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", (doctor.python,))
    assert doctor.report() is False
    assert "All is well" in capsys.readouterr().out
    monkeypatch.setenv("KESHEN_PORT", "many")
    monkeypatch.setattr(doctor, "CHECKS", (doctor.port,))
    assert doctor.report() is True
    assert "KESHEN_PORT" in capsys.readouterr().out
