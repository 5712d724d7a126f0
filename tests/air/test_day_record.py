"""The sealed as-run of a day: every tick once, and no byte of it can be changed unnoticed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from keshen.air import actions
from keshen.air.commands import air as command
from keshen.air.proof import day_record, seal
from keshen.media.houseformat import TICKS_PER_HOUR, datetime_at
from tests.air.house import Air


def test_a_seal_holds_until_something_is_changed() -> None:
    key = seal.house_key("secret")
    document = seal.seal({"b": "Ақбөкен", "a": [1, {"y": 2, "x": 3}]}, key)
    record, by = seal.opened(document)
    assert record["b"] == "Ақбөкен"
    assert by == seal.public(key) != seal.public(seal.house_key("another"))
    seal.opened(json.dumps(json.loads(document), sort_keys=True).encode())  # laid out otherwise, it is the same record
    for changed in (document.replace(b'"x": 3', b'"x": 4'), b"{}", b"[]", b"", document.replace(b"Ed", b"Ed", 1)[:-9]):
        with pytest.raises(seal.BrokenSeal):
            seal.opened(changed)


def test_a_day_is_kept_once_it_is_over_and_verifies(
    air: Air, settings: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.KESHEN_HOME = tmp_path
    actions.lay(air.system, air.tv)
    day = timezone.localtime(datetime_at(air.time.tick)).date()
    air.time.on(TICKS_PER_HOUR)
    actions.lay(air.system, air.tv)
    air.time.on(24 * TICKS_PER_HOUR)
    actions.lay(air.system, air.tv)
    assert day_record.keep_yesterday() == 1
    assert day_record.keep_yesterday() == 0
    path = day_record.place(air.tv, day)
    record, _key = seal.opened(path.read_bytes())
    clock = record["parts"][0]["start_tick"]
    for part in record["parts"]:
        assert part["start_tick"] == clock
        clock = part["end_tick"]
    assert clock == record["to_tick"], "every second is accounted for"
    assert "off-air" in {part["programme"] for part in record["parts"]}
    run = CliRunner().invoke(command.app, ["verify", str(path)])
    assert run.exit_code == 0
    assert "unchanged; sealed by this house" in run.output
    path.write_text(path.read_text().replace('"substituted": false', '"substituted": true', 1))
    assert CliRunner().invoke(command.app, ["verify", str(path)]).exit_code == 1
    assert day_record.place(air.tv, day + timedelta(days=1)) != path
