"""The patrol looks at channels as a player does; what it finds is counted, alarms are raised and cleared."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from django.test import Client

from keshen.air import actions, clock, queries
from keshen.air.models import Alarm, Stock, Watch
from keshen.air.proof import alarm_log, watching
from keshen.air.proof.conformance import Rule
from keshen.air.proof.patrol import Patrol
from keshen.air.serving.server import Air as Server
from keshen.house.models import Event, Territory, User
from keshen.media.houseformat import TICKS_PER_HOUR
from keshen.rights import actions as rights
from tests.air.house import Air


class Player:
    """What the patrol fetches, with what a test spoils."""

    def __init__(self, air: Air) -> None:
        self.air = air
        self.server = Server()
        self.server.hub.services = {
            service.slug: queries.snapshot(service, air.time.tick) for service in (air.tv, air.radio, air.silk)
        }
        self.loop = asyncio.new_event_loop()
        self.away = False
        self.asked: set[str] = set()
        self.spoil: tuple[str, str] = ("", "")

    def __call__(self, path: str) -> tuple[int, bytes]:
        if self.away:
            raise OSError("Connection refused")
        if path.endswith((".m4s", ".vtt")):
            return 200, b"bytes"  # assets of these tests have none
        self.asked.add(path)
        path, _, query = path.partition("?")
        answer = self.loop.run_until_complete(self.server.answer(path, query))
        text = answer.body.decode()
        return answer.status, text.replace(*self.spoil).encode() if self.spoil[0] else text.encode()


@pytest.fixture
def player(air: Air) -> Iterator[Player]:
    air.lay_all()
    made = Player(air)
    yield made
    made.loop.close()


def patrol(player: Player) -> Patrol:
    return Patrol(player, lambda: clock.milliseconds())


def test_a_channel_that_keeps_the_rules_has_counts_and_no_alarm(air: Air, player: Player) -> None:
    looks = patrol(player)
    for _ in range(3):
        watching.patrol(looks)
        air.time.on(7)
    counted = {row.rule: (row.checked, row.broken) for row in Watch.objects.filter(service=air.tv)}
    assert set(counted) == {rule.value for rule in Rule}, "every rule is checked"
    assert all(checked > 0 and not broken for checked, broken in counted.values())
    assert Watch.objects.values("service").distinct().count() == 3
    assert not Alarm.objects.exists()


def test_variants_are_looked_at_in_turn(air: Air) -> None:
    Territory.objects.create(code="RU", name={"en": "Russia"})
    air.silk.territories.set(Territory.objects.all())
    for row in Stock.objects.filter(role="programme"):
        rights.attach(air.editor, row.asset.urn, "Not for use in Russia", language="en")
    air.lay_all()
    air.time.on(TICKS_PER_HOUR + 200)
    player = Player(air)
    looks = patrol(player)
    for _ in range(6):
        watching.patrol(looks)
        player.server.hub.services["silk-way"] = queries.snapshot(air.silk, air.time.on(5))
    player.loop.close()
    asked = {path.partition("?")[2] for path in player.asked if path.startswith("/air/silk-way/v360/")}
    assert asked >= {"", "territory=RU", "territory=RU&platform=web", "platform=web", "shift=1"}
    assert not Alarm.objects.exists()
    assert not Watch.objects.exclude(broken=0).exists()


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (("TARGETDURATION:4", "TARGETDURATION:3"), Rule.LENGTH),
        (("#EXT-X-MEDIA-SEQUENCE:", "#EXT-X-MEDIA-SEQUENCE:-"), Rule.READABLE),
        (("#EXTINF:3.840", "#EXTINF:3.520"), Rule.CLOCK),
        (("-1.m4s", "-99.m4s"), Rule.ADDRESS),
    ],
)
def test_a_broken_rule_alarms_once_counts_and_clears(
    air: Air, player: Player, spoil: tuple[str, str], rule: Rule
) -> None:
    looks = patrol(player)
    watching.patrol(looks)
    player.spoil = spoil
    watching.patrol(looks)
    held = Alarm.objects.get(service=air.tv, kind=rule.value)
    assert held.cleared_at is None
    assert Watch.objects.get(service=air.tv, rule=rule.value).broken > 0
    player.spoil = ("", "")
    for _ in range(2):
        watching.patrol(looks)
    held.refresh_from_db()
    assert held.cleared_at is not None
    kinds = Event.objects.filter(kind__startswith="air.alarm").values_list("kind", flat=True)
    assert set(kinds) == {"air.alarm_raised", "air.alarm_cleared"}


def test_a_channel_that_stands_still_or_is_away_alarms(air: Air, player: Player) -> None:
    looks = Patrol(player, lambda: clock.milliseconds() + 9000)
    watching.patrol(looks)
    assert set(Alarm.objects.values_list("kind", flat=True)) == {Rule.FRESH.value}
    player.away = True
    watching.patrol(looks)
    assert Alarm.objects.filter(kind=alarm_log.UNREACHED, cleared_at=None).count() == 3
    player.away = False
    watching.patrol(patrol(player))
    assert not Alarm.objects.filter(cleared_at=None).exists()


def test_the_page_says_what_holds_and_what_does_not(air: Air, player: Player, client: Client) -> None:
    client.force_login(air.operator)
    address = "/control/air/jibek-joly/conformance/"
    assert "Бүгін әлі бақыланбады" in client.get(address).content.decode()
    looks = patrol(player)
    watching.patrol(looks)
    player.spoil = ("#EXTINF:3.840", "#EXTINF:3.520")
    watching.patrol(looks)
    for language, word in (("en", "broken"), ("ru", "нарушено"), ("kk", "бұзылып тұр")):
        User.objects.filter(pk=air.operator.pk).update(interface_language=language)
        shown = client.get(address).content.decode()
        assert word in shown
        assert 'id="rule-program-date-time"' in shown
    assert "jibek-joly" in client.get("/control/").content.decode()


def test_a_stopped_schedule_is_seen_on_the_dashboard(air: Air, client: Client) -> None:
    actions.lay(air.system, air.tv)
    alarm_log.sound(air.tv, alarm_log.LAYING, "x")
    client.force_login(air.operator)
    assert "/control/air/jibek-joly/conformance/" in client.get("/control/").content.decode()
