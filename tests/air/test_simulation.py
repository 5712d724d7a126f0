"""Five services through a day (the long form: a week) of simulated time, with everything that can happen to a house."""

from __future__ import annotations

import os

import pytest

from keshen.air.serving import load
from tests.air.house import Air
from tests.air.simulation import HOURS_A_DAY, KEPT_TICKS, Simulation

SEED = int(os.environ.get("KESHEN_SIMULATION_SEED") or 1)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "KEPT_TICKS", KEPT_TICKS)


def run(air: Air, seed: int, ticks: int, *, variants: bool = False) -> Simulation:
    made = Simulation(air, seed, variants=variants)
    made.run(ticks)
    print(f"seed {seed}: {dict(made.done)}")
    assert not made.problems, "\n".join([f"seed {seed}", *made.problems[:40]])
    return made


def test_a_day_breaks_no_rule(air: Air, quick: None) -> None:
    made = run(air, SEED, HOURS_A_DAY)
    assert made.done["guide lines that came true"] > 100


@pytest.mark.soak
@pytest.mark.parametrize("seed", [2, 3])
def test_a_week_breaks_no_rule(committed_air: Air, quick: None, seed: int) -> None:
    run(committed_air, seed, 7 * HOURS_A_DAY, variants=True)
