"""Run the tests: those of the rooms in as many processes as there are processors, then those of the open house alone.

    python tools/tests.py [--soak] [PATH…]

`KESHEN_TEST_PROCESSES` sets the number of processes (default: processors, at most 4); 1 runs them in one.
The tests of the open house (`tests/e2e`) look at what plays in real time, so nothing runs beside them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "tests" / "e2e"
NOTHING_COLLECTED = 5


def pytest(*arguments: str) -> int:
    """pytest's exit code; no test chosen is no failure."""
    begun = time.monotonic()
    code = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT).returncode
    print(f"{time.monotonic() - begun:.0f} s", flush=True)
    return 0 if code == NOTHING_COLLECTED else code


def main(arguments: list[str]) -> int:
    soak = "--soak" in arguments
    paths = [Path(argument).resolve() for argument in arguments if argument != "--soak"] or [ROOT / "tests"]
    processors = min(os.cpu_count() or 1, 4)
    processes = 1 if soak else int(os.environ.get("KESHEN_TEST_PROCESSES") or processors)
    options = ["--durations=25", *(["-m", "soak"] if soak else [])]
    spread = [f"-n{processes}", "--dist=loadscope", "--no-loadscope-reorder"] if processes > 1 else []
    in_house = [path for path in paths if path.is_relative_to(HOUSE)]
    in_rooms = [path for path in paths if path not in in_house]
    codes = []
    if in_rooms:
        codes.append(pytest(*options, *spread, f"--ignore={HOUSE}", *map(str, in_rooms)))
    if any(HOUSE.is_relative_to(path) for path in in_rooms):
        in_house.append(HOUSE)
    if in_house:
        codes.append(pytest(*options, *map(str, in_house)))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
