"""Processes that die in the middle of their work: the house goes on, and what was asked is done once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.house import WAIT_SECONDS, House, close_house, start, until
from tests.e2e.test_story import OWN, left_once
from tests.waiting import LIMIT

PROGRAMS = {
    "web": "granian",
    "fast": "worker --queue fast",
    "render": "worker --queue render",
    "pump": "wire pump",
}

HEADLINES = {
    "render": "Дала мектебі күзгі маусымын ашты",
    "fast": "Алматыда алма бағы гүлдеді",
    "pump": "Каспий жағасында құстар саналды",
    "web": "Балқашта ғылыми топ жұмыс істеді",
}


@pytest.fixture
def own_house(house: House) -> House:
    if house.process is None:
        pytest.skip("this house belongs to somebody else: nothing of it is killed")
    return house


def numbers(house: House, name: str) -> list[int]:
    """The processes of one of the house's programs."""
    return sorted(number for number, line in house.processes().items() if PROGRAMS[name] in line)


def kill(house: House, name: str) -> None:
    """Kill -9 every process of a program; returns when the house runs it again."""
    before = numbers(house, name)
    assert before, f"no {name} runs"
    for number in before:
        os.kill(number, signal.SIGKILL)
    until(lambda: set(numbers(house, name)) - set(before), f"{name} again")


def variant(folder: Path, words: str) -> Path:
    """Our story with another headline: a story of its own."""
    lines = OWN.read_text(encoding="utf-8").splitlines()
    lines[0] = f" date 2026-03-03 {words}"
    lines[1] = f"АСТАНА. KAZINFORM — {words}: дала туралы деректі топтама басталды."
    path = folder / "story.txt"
    path.write_text("\n".join([*lines[:3], *lines[-1:]]) + "\n", encoding="utf-8")
    return path


def ingest(house: House, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(Path(sys.executable).parent / "keshen"), "ingest", str(path), "--as", "editor", "--publish", "--wait",
         "--timeout", str(WAIT_SECONDS), "--json"],
        env=house.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def arrived(waiting: subprocess.Popen[str]) -> dict[str, Any]:
    out, errors = waiting.communicate(timeout=WAIT_SECONDS + LIMIT)
    assert waiting.returncode == 0, out + errors
    (story,) = json.loads(out)["stories"]
    assert {row["state"] for row in story["outlets"]} == {"out"}, story["outlets"]
    assert all(row["seconds"] is not None for row in story["outlets"]), story["outlets"]
    return dict(story)


def test_a_render_worker_killed_in_the_middle(own_house: House, tmp_path: Path) -> None:
    waiting = ingest(own_house, variant(tmp_path, HEADLINES["render"]))

    def rendering_pictures() -> list[int]:
        """The ffmpeg that encodes the television package of this story."""
        return [
            number for number, line in own_house.processes().items() if "v720.mp4" in line and "work/render-" in line
        ]

    until(rendering_pictures, "the package being rendered", seconds=WAIT_SECONDS, every=0.05)
    time.sleep(0.5)
    running = own_house.rows("SELECT name FROM house_job WHERE state = 'running' AND name = 'media.render'")
    assert running
    kill(own_house, "render")
    story = arrived(waiting)
    left_once(own_house, story["id"], versions=1)
    jobs = own_house.rows(
        "SELECT state, attempts FROM house_job WHERE name = 'media.render' ORDER BY created_at DESC LIMIT 2"
    )
    assert {state for state, _attempts in jobs} == {"done"}
    print("\nrender worker killed: " + ", ".join(f"{row['form']} {row['seconds']} s" for row in story["outlets"]))


@pytest.mark.soak
@pytest.mark.parametrize("name", ["fast", "pump", "web"])
def test_another_process_killed_while_a_story_goes_out(own_house: House, tmp_path: Path, name: str) -> None:
    # as soon as it is in the house, whatever is being done with it
    count = own_house.rows("SELECT count(*) FROM newsroom_story")[0][0]
    waiting = ingest(own_house, variant(tmp_path, HEADLINES[name]))
    until(
        lambda: own_house.rows("SELECT count(*) FROM newsroom_story")[0][0] > count or waiting.poll() is not None,
        "the story taken in",
        every=0.05,
    )
    kill(own_house, name)
    story = arrived(waiting)
    left_once(own_house, story["id"], versions=1)


def test_the_database_killed(own_house: House) -> None:
    stories = own_house.rows("SELECT count(*) FROM newsroom_story")
    before = own_house.postmaster()
    assert before is not None
    os.kill(before, signal.SIGKILL)
    begun = time.monotonic()
    until(lambda: own_house.postmaster() not in (None, before), "the database again")
    until(lambda: own_house.rows("SELECT 1"), "the database letting people in")
    until(lambda: own_house.newest_segment(), "the channel playing")
    until(lambda: own_house.get("/control/", follow_redirects=True).status_code == 200, "the control room's door")
    print(f"\ndatabase killed: all there again after {time.monotonic() - begun:.1f} s")
    assert own_house.rows("SELECT count(*) FROM newsroom_story") == stories


def gone(house: House) -> bool:
    return not house.processes() and house.postmaster() is None


def kill_supervisor(house: House) -> None:
    assert house.process is not None
    house.process.kill()
    house.process.wait()


def kill_all(house: House) -> None:
    assert house.process is not None
    database = house.postmaster()
    house.process.kill()
    for number in [*house.processes(), *([database] if database else [])]:
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            continue  # it went with the supervisor
    house.process.wait()


@pytest.mark.parametrize("end", [close_house, kill_supervisor, kill_all], ids=["Ctrl-C", "supervisor", "everything"])
def test_the_next_start_is_clean(own_house: House, end: Callable[[House], None]) -> None:
    stories = own_house.rows("SELECT count(*) FROM newsroom_story")
    told = len(own_house.log.read_text(errors="replace"))
    before = time.monotonic()
    end(own_house)
    until(lambda: gone(own_house), "every process gone", every=0.05)
    closed = time.monotonic() - before
    seconds = start(own_house)
    print(f"\nclosed in {closed:.1f} s, playing again after {seconds:.1f} s")
    # nothing is made or rendered anew: it plays what it had laid
    said = own_house.log.read_text(errors="replace")[told:]
    assert "demo house: " not in said and "preparing: " not in said, own_house.last_lines()
    assert own_house.rows("SELECT count(*) FROM newsroom_story") == stories
