"""A command in another terminal finds the house where it was opened, without being told its port."""

from __future__ import annotations

from pathlib import Path

import pytest

from keshen.config import home as place
from keshen.config.supervisor import keys


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KESHEN_HOME", str(tmp_path))
    for name in ("KESHEN_URL", "KESHEN_PORT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_the_house_is_asked_where_it_was_opened(home: Path) -> None:
    with keys(home, url="http://localhost:8123"):
        assert place.url_opened() == "http://localhost:8123"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("KESHEN_PORT", "9000", "http://localhost:9000"), ("KESHEN_URL", "https://a.kz/", "https://a.kz")],
)
def test_what_the_environment_says_goes_first(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    with keys(home, url="http://localhost:8123"):
        assert place.url_opened() == expected


@pytest.mark.parametrize("kept", [None, "", "{", '{"pid": 7}'])
def test_a_house_that_was_never_opened_has_the_usual_address(home: Path, kept: str | None) -> None:
    if kept is not None:
        (home / "house.lock").write_text(kept)
    assert place.url_opened() == "http://localhost:8000"
