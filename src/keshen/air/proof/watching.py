"""The patrol's findings kept: counts of each rule and day, and alarms."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final

import httpx
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from keshen.air import clock
from keshen.air.audiences import variants
from keshen.air.models import Ruling, Watch
from keshen.air.proof import alarm_log
from keshen.air.proof.conformance import Fault, Rule
from keshen.air.proof.patrol import Finding, Patrol
from keshen.air.serving import load
from keshen.air.ways_out.hls import WINDOW_TICKS
from keshen.house.models import Service
from keshen.media.houseformat import TICKS_PER_HOUR

PLAYLISTS_A_ROUND: Final = 20
"""Services looked at in one round; a house with more is looked at in turn."""
SECONDS: Final = 4.0

SHIFT_TICKS: Final = TICKS_PER_HOUR
"""How much later the variant follows that is looked at."""

_turn = 0
_rounds: dict[int, int] = {}
_one_at_a_time = threading.Lock()


@lru_cache(maxsize=1)
def _patrol() -> Patrol:
    """This process's patrol, which remembers what it saw."""
    client = httpx.Client(base_url=settings.KESHEN_URL, timeout=SECONDS)

    def fetch(path: str) -> tuple[int, bytes]:
        try:
            answer = client.get(path)
        except httpx.HTTPError as error:
            raise OSError(f"{path}: {error or type(error).__name__}") from error
        return answer.status_code, answer.content

    return Patrol(fetch, clock.milliseconds)


def patrol(looks: Patrol | None = None) -> None:
    """Look at the services whose turn it is, and keep what was found."""
    global _turn
    services = [service for service in load.services() if service.entries.exists()]
    if not services or not _one_at_a_time.acquire(blocking=False):
        return
    try:
        start = _turn % len(services)
        chosen = (services[start:] + services[:start])[:PLAYLISTS_A_ROUND]
        _turn = start + len(chosen)
        for service in chosen:
            found = (looks or _patrol()).look(service.slug)
            if found.reached and (variant := _variant(service)):
                found = _both(found, (looks or _patrol()).look(service.slug, variant))
            keep(service, found)
    finally:
        _one_at_a_time.release()


def _variant(service: Service) -> str:
    """The variant of a service whose turn it is: those that are denied something, and one that follows later."""
    denied = Ruling.objects.filter(service=service).exclude(spans=[]).order_by("audience")
    audiences = list(denied.values_list("audience", flat=True).distinct())
    own = load.offered(service).platform
    known = [
        variants.written(variants.Variant(territory, "" if platform == own else platform))
        for territory, _, platform in (audience.partition(":") for audience in audiences)
    ]
    _rounds[service.pk] = _rounds.get(service.pk, -1) + 1
    turns = [one for one in (*known, variants.written(variants.Variant(shift=SHIFT_TICKS))) if one]
    first = service.entries.order_by("start_tick").values_list("start_tick", flat=True).first()
    if first is None or first > clock.tick() - SHIFT_TICKS - WINDOW_TICKS:
        turns.pop()  # nothing was laid an hour ago
    return turns[_rounds[service.pk] % len(turns)] if turns else ""


def _both(one: Finding, other: Finding) -> Finding:
    """Two looks at one service as one; a variant that does not answer is a fault of its own."""
    one.checked.update(other.checked)
    one.faults += other.faults
    if not other.reached:
        one.checked[Rule.READABLE] += 1
        one.faults.append(Fault(Rule.READABLE, other.reason))
    return one


@transaction.atomic
def keep(service: Service, finding: Finding) -> None:
    """Count what was checked, raise what is broken, clear what holds again."""
    broken = Counter(fault.rule for fault in finding.faults)
    _count(service, timezone.localdate(), finding.checked, broken)
    if not finding.reached:
        alarm_log.sound(service, alarm_log.UNREACHED, finding.reason)
        return
    for rule in broken:
        alarm_log.sound(service, rule.value, next(fault.detail for fault in finding.faults if fault.rule == rule))
    held = [rule.value for rule in finding.checked if rule not in broken]
    alarm_log.clear(service, [alarm_log.UNREACHED, *held])
    if leap := clock.leap():
        alarm_log.sound(service, alarm_log.CLOCK, f"{leap / 1000:+.1f} s")
    else:
        alarm_log.clear(service, [alarm_log.CLOCK])


def _count(service: Service, day: date, checked: Mapping[Rule, int], broken: Mapping[Rule, int]) -> None:
    rows = [(service.pk, day, rule.value, number, broken.get(rule, 0)) for rule, number in sorted(checked.items())]
    table = Watch._meta.db_table
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (service_id, day, rule, checked, broken) VALUES (%s, %s, %s, %s, %s)"
            f" ON CONFLICT (service_id, day, rule) DO UPDATE SET checked = {table}.checked + excluded.checked,"
            f" broken = {table}.broken + excluded.broken",
            rows,
        )
