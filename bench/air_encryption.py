"""What encryption costs a node: processor time for a segment of 3.84 s, beside giving it its place on the air.

Each segment is encrypted once in a process, however many ask for it. The picture is noisy on purpose, so that the
segments are as long as a rung allows.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keshen.air.protection import keys
from keshen.media import boxes, cenc, encode
from keshen.media.confined import Limits

SECONDS = float(os.environ.get("KESHEN_BENCH_SECONDS") or 10) / 4
TICKS = 24
LAVFI = ("-f", "lavfi", "-t", "8", "-i")


def tell(name: str, value: float, unit: str, **more: Any) -> None:
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, **more}))


def cost(work: Callable[[], object]) -> float:
    """Processor milliseconds of one call."""
    calls, began = 0, time.process_time()
    while time.process_time() - began < SECONDS:
        work()
        calls += 1
    return (time.process_time() - began) * 1000 / calls


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="kb-") as folder:
        plan = encode.Plan(
            (*LAVFI, "testsrc2=s=1280x720:r=25,noise=alls=40:allf=t", *LAVFI, "anoisesrc=r=48000:a=0.2"), TICKS,
            picture="0:v", sounds=(encode.Sound("1:a", "kk"),), crf=18,
        )  # fmt: skip
        made = encode.encode(plan, Path(folder), limits=Limits(wall=300))
        key = keys.key("a secret", "bench", 1)
        for track in (one for one in made if one.rung in {"v720", "a"}):
            first = track.index.segments[0]
            raw = track.path.read_bytes()[track.index.start :][: first.length]
            segment = bytes(boxes.restamp(raw, 5_600_000_000, 1, track.units))
            how = cenc.coding(track.index.init)
            plain = cost(lambda raw=raw, units=track.units: boxes.restamp(raw, 5_600_000_000, 1, units))
            whole = cost(lambda segment=segment: keys.whole(segment, key, 1))
            samples = cost(lambda segment=segment, how=how: cenc.protect(segment, how, key))
            what = f"{'picture, 720p' if track.kind == 'video' else 'sound'}, {len(segment) / 1000:.0f} kB"
            beside = {"against": "its place on the air alone", "reference": round(plain, 3)}
            tell(f"a segment encrypted whole ({what})", whole, "ms", aim="<= 10", **beside)
            tell(f"a segment under cbcs ({what})", samples, "ms", aim="<= 10", **beside)


if __name__ == "__main__":
    main()
