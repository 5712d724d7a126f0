"""What a home keeps is for its owner: others may neither list it nor read it."""

from __future__ import annotations

import stat
from pathlib import Path

from keshen.config.supervisor import keys


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_home_is_closed_to_others_each_time_it_is_opened(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "media").mkdir(parents=True, mode=0o755)
    with keys(home):
        # the embedded database's own user passes through, and sees nothing of the rest
        assert _mode(home) == 0o711 and _mode(home / "media") == 0o700
