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

from keshen.air import alarm_log, clock, load
from keshen.air.conformance import Rule
from keshen.air.models import Watch
from keshen.air.patrol import Finding, Patrol
from keshen.house.models import Service

PLAYLISTS_A_ROUND: Final = 20
"""Services looked at in one round; a house with more is looked at in turn."""
SECONDS: Final = 4.0

_turn = 0
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
            keep(service, (looks or _patrol()).look(service.slug))
    finally:
        _one_at_a_time.release()


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
