"""Run the benchmarks in `bench/`, one after another, and print one table. `bench/README.md` says how one is written.

python tools/bench.py [NAME…]     all of them, or those named
"""

from __future__ import annotations

import json
import operator
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "bench"
SECONDS = 900
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
AIM = re.compile(r"(<=|>=|<|>)\s*([0-9.]+)")


def run(path: Path, console: Console) -> list[dict[str, Any]]:
    """One benchmark's findings; a failure is a finding too."""
    console.print(f"[bold]{path.stem}[/]")
    rows: list[dict[str, Any]] = []
    tail: list[str] = []
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, path],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            text = line.rstrip()
            if text.startswith("{"):
                rows.append(json.loads(text))
            elif text:
                tail = [*tail[-15:], text]
                console.print(f"  {text}", style="dim", markup=False, highlight=False)
        code = process.wait(SECONDS)
    if code != 0:
        rows.append({"name": path.stem, "failed": f"exit code {code}: {tail[-1] if tail else 'it said nothing'}"})
    return rows


def verdict(row: dict[str, Any]) -> str:
    """What a finding amounts to: well, missed, skipped, failed, or nothing aimed at."""
    if "failed" in row:
        return "failed"
    if "skipped" in row:
        return "skipped"
    match = AIM.fullmatch(str(row.get("aim", "")).strip())
    if match is None:
        return ""
    measured = float(row.get("ratio") or row["value"])
    return "well" if COMPARE[match[1]](measured, float(match[2])) else "missed"


def number(value: Any) -> str:
    if not isinstance(value, int | float):
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def main(names: list[str]) -> int:
    # off a terminal the table is as wide as it needs, so that no figure is broken over lines
    console = Console(width=None if sys.stdout.isatty() else 200)
    chosen = [path for path in sorted(FOLDER.glob("[a-z]*.py")) if not names or path.stem in names]
    findings = [{"bench": path.stem, **row} for path in chosen for row in run(path, console)]
    table = Table("what", "ours", "unit", "compared with", "theirs", "ratio", "aim", "verdict")
    for row in findings:
        reason = row.get("failed") or row.get("skipped") or row.get("against", "")
        ours, theirs, ratio = (number(row.get(name)) for name in ("value", "reference", "ratio"))
        cells = (row["name"], ours, row.get("unit", ""), reason, theirs, ratio, row.get("aim", ""), verdict(row))
        table.add_row(*(str(cell) for cell in cells))
    console.print(table if findings else "There is nothing to measure.")
    results = FOLDER / "results"
    results.mkdir(exist_ok=True)
    name = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ.json")
    (results / name).write_text(json.dumps(findings, indent=1, ensure_ascii=False))
    bad = {"failed", "missed"} | ({"skipped"} if os.environ.get("CI") == "true" else set())
    return 1 if any(verdict(row) in bad for row in findings) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
