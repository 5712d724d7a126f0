"""The clock of the air goes on whatever is done to the machine's."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from keshen.air.clock import DRAWN, NOTICED_MS, SteadyClock

MS = 1_000_000
START = 1_772_366_400_000


class Machine:
    def __init__(self) -> None:
        self.wall, self.steady = START * MS, 5_000 * MS

    def on(self, ms: int) -> None:
        self.wall += ms * MS
        self.steady += ms * MS

    def clock(self) -> SteadyClock:
        return SteadyClock(lambda: self.wall, lambda: self.steady)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5000), st.sampled_from([0, 0, 0, 1, -1, 300, -300, 3_600_000, -3_600_000]))))
def test_it_never_goes_back_and_never_leaps(steps: list[tuple[int, int]]) -> None:
    machine = Machine()
    clock = machine.clock()
    before = clock.milliseconds()
    for passed, set_by in steps:
        machine.on(passed)
        machine.wall += set_by * MS
        now = clock.milliseconds()
        assert before <= now <= before + passed + passed // DRAWN + 2 * NOTICED_MS
        before = now


def test_it_is_the_machines_clock_while_nobody_sets_that() -> None:
    machine = Machine()
    clock = machine.clock()
    for passed in (0, 1, 7, 40_000, 3_600_000):
        machine.on(passed)
        assert clock.milliseconds() == machine.wall // MS
        assert clock.leap == 0


def test_after_a_leap_it_says_so_and_comes_together_again() -> None:
    for set_by in (60_000, -60_000):
        machine = Machine()
        clock = machine.clock()
        machine.wall += set_by * MS
        machine.on(10)
        assert abs(clock.milliseconds() - START) <= 10
        assert clock.leap == set_by
        for _ in range(DRAWN * 60):
            machine.on(1000)
            clock.milliseconds()
        assert abs(clock.milliseconds() - machine.wall // MS) <= NOTICED_MS
        assert clock.leap == 0
