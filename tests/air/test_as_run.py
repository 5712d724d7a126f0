"""The as-run as people read it: what aired, whose doing it was, and the record that can be checked."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings as house_settings
from django.test import Client
from django.utils import timezone, translation

from keshen.air import actions
from keshen.air.models import Incident
from keshen.air.proof import day_record, orders, seal
from keshen.media.houseformat import TICKS_PER_HOUR, datetime_at
from tests.air.house import NOON, Air

SOON = NOON + 400


@pytest.fixture
def laid(air: Air) -> Air:
    air.item(air.story("Хабар"))
    actions.lay(air.system, air.tv)
    actions.plan(air.system, air.tv)
    return air


def told(air: Air, since: int = NOON) -> list[tuple[str, int, int, str]]:
    found = orders.orders(air.tv, since, air.time.tick)
    return [(one.kind.value, one.tick, one.until, one.reason) for one in found]


def test_orders_are_told_as_they_took_effect(laid: Air) -> None:
    film, clip = laid.make(1200, "film"), laid.make(188, "clip")
    actions.insert(laid.operator, laid.tv, start=SOON, asset=film.pk)
    laid.time.on(SOON - NOON + 50)
    broken = actions.break_in(laid.operator, laid.tv, assets=[clip.pk], reason="fire")
    assert told(laid) == [], "before it airs it is no part of what aired"
    laid.time.on(broken.start - laid.time.tick + 10)
    assert told(laid) == [("break-in", broken.start, broken.end, "fire")]
    home = actions.return_(laid.system, laid.tv)
    laid.time.on(home.start - laid.time.tick + 20)
    assert told(laid) == [("break-in", broken.start, home.start, "fire"), ("returned", home.start, home.start, "")]
    assert told(laid, home.start - 1)[0][0] == "break-in", "one that lasts into an interval is told of there"
    assert [one[0] for one in told(laid, home.start)] == ["returned"]
    skipped = actions.skip(laid.operator, laid.tv, "boring")
    laid.time.on(skipped.start - laid.time.tick + 5)
    assert told(laid)[-1] == ("skipped", skipped.start, skipped.start, "boring")
    by = {one.kind.value: one.username for one in orders.orders(laid.tv, NOON, laid.time.tick)}
    assert by == {"break-in": "operator", "returned": "system", "skipped": "operator"}


def test_what_was_taken_back_in_time_was_not_ordered(laid: Air) -> None:
    film, clip = laid.make(1200, "film"), laid.make(188, "clip")
    actions.insert(laid.operator, laid.tv, start=SOON, asset=film.pk)
    laid.time.on(SOON - NOON + 50)
    actions.break_in(laid.operator, laid.tv, assets=[clip.pk])
    actions.return_(laid.operator, laid.tv)
    actions.break_in(laid.operator, laid.tv, assets=[clip.pk])
    actions.undo(laid.operator, laid.tv)
    laid.time.on(60)
    actions.skip(laid.operator, laid.tv)
    actions.undo(laid.operator, laid.tv)
    laid.time.on(500)
    assert told(laid) == []
    assert Incident.objects.filter(service=laid.tv).count() >= 4, "though the log of events knows of all of it"


def test_the_screen_says_what_aired_to_the_second_and_by_whom(laid: Air) -> None:
    film, clip = laid.make(1200, "film"), laid.make(188, "clip")
    actions.insert(laid.operator, laid.tv, start=SOON, asset=film.pk, titles={"kk": "Дала", "en": "Steppe"})
    laid.time.on(SOON - NOON + 50)
    broken = actions.break_in(laid.operator, laid.tv, assets=[clip.pk], reason="<fire>")
    laid.time.on(600)
    client = Client(headers={"Accept-Language": "en"})
    laid.operator.interface_language = "en"
    laid.operator.save()
    client.force_login(laid.operator)
    with translation.override("en"):
        page = client.get("/control/air/jibek-joly/as-run/").content.decode()
        part = client.get("/control/air/jibek-joly/as-run/", headers={"X-Part": "run"}).content.decode()
    assert part.strip() in page or "<html" not in part
    at, until = (f"{timezone.localtime(datetime_at(tick)):%H:%M:%S}" for tick in (broken.start, broken.end))
    (order,) = re.findall(r'<tr id="o[^"]*" data-row data-order="break-in">.*?</tr>', page)
    assert f"<time>{at}</time> – <time>{until}</time>" in order
    assert "operator" in order and "&lt;fire&gt;" in order
    (row,) = re.findall(r'<tr id="r[^"]*" data-row data-how="break-in">.*?</tr>', page)
    assert f">{at}</time>" in row and "0:01:00" in row and "clip" in row
    placed = re.findall(r'<tr id="r[^"]*" data-row data-how="placed">.*?</tr>', page)
    assert placed and "Steppe" in placed[0] and "operator" in placed[0]
    day = timezone.localtime(datetime_at(broken.start)).date()
    only = client.get(f"/control/air/jibek-joly/as-run/?day={day}&view=otherwise").content.decode()
    assert 'data-how="break-in"' in only and 'data-how="placed"' not in only
    empty = client.get(f"/control/air/jibek-joly/as-run/?day={day - timedelta(days=400)}").content.decode()
    assert "Nothing was on the air then" in empty
    for wrong in ("?day=soon", "?day=2026-02-30", "?day=0001-01-01", "?day=9999-12-31"):
        assert client.get(f"/control/air/jibek-joly/as-run/{wrong}").status_code == 404
    assert client.get(f"/control/air/jibek-joly/as-run/?day={day}&hour=99").status_code == 200
    assert client.get("/control/air/nowhere/as-run/").status_code == 404


def test_the_record_of_a_day_names_the_orders_and_is_signed(laid: Air, settings: object, tmp_path: object) -> None:
    settings.KESHEN_HOME = tmp_path
    clip = laid.make(188, "clip")
    broken = actions.break_in(laid.operator, laid.tv, assets=[clip.pk], reason="fire")
    laid.time.on(600)
    day = timezone.localtime(datetime_at(broken.start)).date()
    client = Client()
    client.force_login(laid.operator)
    answer = client.get(f"/control/air/jibek-joly/as-run/{day}.json")
    assert answer["Content-Disposition"] == f'attachment; filename="jibek-joly-{day}.as-run.json"'
    record, key = seal.opened(answer.content)
    assert key == seal.public(seal.house_key(house_settings.SECRET_KEY))
    (order,) = record["orders"]
    assert (order["kind"], order["tick"], order["by"], order["reason"]) == (
        "break-in", broken.start, "operator", "fire",
    )  # fmt: skip
    (part,) = [one for one in record["parts"] if one.get("break_in")]
    assert (part["start_tick"], part["end_tick"], part["break_in"]) == (broken.start, broken.end, broken.start)
    with pytest.raises(seal.BrokenSeal):
        seal.opened(answer.content.replace(b'"fire"', b'"rain"'))
    assert client.get("/control/air/jibek-joly/as-run/soon.json").status_code == 404
    assert client.get(f"/control/air/jibek-joly/as-run/{day}.json?audience=XX:web").status_code == 404
    ahead = client.get(f"/control/air/jibek-joly/as-run/{day + timedelta(days=2)}.json")
    assert seal.opened(ahead.content)[0]["parts"] == [], "of a day to come there is nothing yet"

    laid.time.on(30 * TICKS_PER_HOUR)
    actions.lay(laid.system, laid.tv)
    assert day_record.keep_yesterday() == 1
    kept = day_record.place(laid.tv, day).read_bytes()
    assert client.get(f"/control/air/jibek-joly/as-run/{day}.json").content == kept, "once it is kept, it is that one"
