"""Orders and clocks on a real log: what aired decides what comes, the plan is what is laid, edits keep the order."""

from __future__ import annotations

from itertools import pairwise

from keshen.air import actions
from keshen.air.models import Slot, Stock
from keshen.media.houseformat import TICKS_PER_HOUR
from tests.air.house import Air


def serial(air: Air, count: int = 7) -> dict[int, int]:
    Stock.objects.filter(role=Stock.Role.PROGRAMME).delete()
    made = {}
    for episode in range(count):
        asset = air.make(700, f"part {episode}")
        actions.stock(
            air.operator, asset, Stock.Role.PROGRAMME, service=air.tv, key="steppe", series="Saga", episode=episode
        )
        made[asset.pk] = episode
    block = {"at": "00:00", "title": {"en": "Saga"}, "programmes": "steppe", "order": "series"}
    actions.set_week(air.operator, air.tv, {"blocks": [block]})
    return made


def aired(air: Air, made: dict[int, int]) -> list[int]:
    return [made[entry.asset_id] for entry in air.laid() if entry.asset_id in made]


def test_episodes_follow_each_other_over_every_laying_and_the_plan_says_so(air: Air) -> None:
    made = serial(air)
    actions.lay(air.system, air.tv)
    actions.plan(air.system, air.tv)
    planned = [part[2] for slot in Slot.objects.filter(service=air.tv) for part in slot.parts if part[2] in made]
    first = aired(air, made)
    air.time.on(TICKS_PER_HOUR)
    actions.lay(air.system, air.tv)
    air.check()
    found = aired(air, made)
    assert found == [(found[0] + n) % 7 for n in range(len(found))]
    assert [made[asset] for asset in planned][: len(found) - len(first)] == found[len(first) :]


def test_an_insertion_leaves_no_episode_out(air: Air) -> None:
    made = serial(air)
    actions.lay(air.system, air.tv)
    clip = air.make(300, "clip")
    actions.insert(air.operator, air.tv, start=air.time.tick + 3000, asset=clip.pk, hard=True)
    air.check()
    found = aired(air, made)
    steps = {(after - before) % 7 for before, after in pairwise(found)}
    assert 1 in steps
    assert steps <= {0, 1}, "one that was cut short may come again, none is left out"
