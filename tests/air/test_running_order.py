"""Lines found by tick: the same as looking through all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from keshen.air.scheduling.running_order import RunningOrder
from keshen.air.scheduling.schedule import BULLETIN, Line

HERE = st.integers(-5, 400)


@st.composite
def lines(draw: st.DrawFn) -> list[Line]:
    """Lines one after the other, some with room between, in any order."""
    found, cursor = [], 0
    for gap, ticks, news in draw(st.lists(st.tuples(st.integers(0, 9), st.integers(3, 40), st.booleans()), max_size=9)):
        found.append(Line(cursor + gap, ticks, kind=BULLETIN if news else "programme"))
        cursor = found[-1].end
    return draw(st.permutations(found))


@given(lines(), HERE)
def test_lines_are_found_as_by_looking_through_all(lines: list[Line], tick: int) -> None:
    order = RunningOrder(lines)
    by_start = sorted(lines, key=lambda line: line.start)
    assert order.ending_after(tick) == next((line for line in by_start if line.end > tick), None)
    assert order.covering(tick) == next((line for line in lines if line.start < tick < line.end), None)
    assert order.starting_at(tick) == next((line for line in lines if line.start == tick), None)
    assert order.next_start(tick) == min((line.start for line in lines if line.start > tick), default=None)
    bounds = [line.start for line in lines if line.start < tick] + [line.end for line in lines if line.end <= tick]
    assert order.last_bound(tick) == max(bounds, default=None)
    told = [line.start for line in lines if line.kind == BULLETIN and line.start >= tick]
    assert order.next_bulletin(tick) == min(told, default=None)
