"""The books of a storm: every promise of the wire, held against what the clients saw and what the house wrote down."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from keshen.house.models import Event, User
from keshen.house.outlets import ReceiptState
from keshen.newsroom.models import Text
from keshen.wire import kills
from keshen.wire.alarms import unconfirmed
from keshen.wire.compose import item_urn
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.receipts import receipts_of

type Requests = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Doings:
    """What the newsroom did. Moments are those after which the deed stood in the database, whoever asks."""

    texts: Mapping[int, Text]
    killed: Mapping[int, datetime]
    kills_lined_up: Mapping[int, datetime]

    @property
    def last(self) -> Mapping[int, int]:
        """The version that stands of each text that was spared."""
        spared = {number: text for number, text in self.texts.items() if number not in self.killed}
        return {number: text.story.texts.get().published.number for number, text in spared.items()}


def check(doings: Doings, clients: int, report: Sequence[Mapping[str, Any]], troubles: str) -> None:
    """Raises AssertionError for whatever does not agree. `troubles` is what pumps logged as errors."""
    assert not troubles, f"a pump met what nobody thought of:\n{troubles[:4000]}"
    last = doings.last
    for number, seen in enumerate(report):
        subscriber = Subscriber.objects.get(slug=f"client-{number}")
        rows = _stream(subscriber)
        who = f"client {number} ({seen['mood']})"
        _bytes_and_numbers(who, seen["requests"], {row.sequence: row for row in rows})
        _holds(who, seen, doings, last)
        _receipts(who, seen["requests"], rows)
        _order(who, rows, doings)
        assert not seen["impatient"], f"{who} asked to wait and was not heard"
    _public_feed(doings, last)
    _kills_are_confirmed(doings)
    for number, text in doings.texts.items():
        wanted = ReceiptState.KILLED if number in doings.killed else ReceiptState.OUT
        states = Counter(receipt.state for receipt in receipts_of(text.story_id) if ":" in receipt.form)
        assert states == {wanted: clients}, states


def _stream(subscriber: Subscriber) -> list[Delivery]:
    """The numbered stream, without a hole."""
    rows = Delivery.objects.filter(subscriber=subscriber).exclude(sequence=None)
    found = list(rows.select_related("version").order_by("sequence"))
    assert [row.sequence for row in found] == list(range(1, subscriber.last_sequence + 1)), f"{subscriber}: a hole"
    return found


def _bytes_and_numbers(who: str, requests: Requests, rows: Mapping[int | None, Delivery]) -> None:
    """One id, one number, one text: whatever is repeated is the same, and its copy is kept."""
    bytes_by_id: dict[str, str] = {}
    id_by_version: dict[tuple[str, str], str] = {}
    for request in requests:
        assert bytes_by_id.setdefault(request["id"], request["sha256"]) == request["sha256"], who
        version = (request["uri"], request["version"])
        assert id_by_version.setdefault(version, request["id"]) == request["id"], f"{who}: twice in effect"
        row = rows.get(request["number"])
        assert row is not None and row.message_id == request["id"], f"{who}: a number nobody gave"
        assert row.payload_sha256 == request["sha256"], f"{who}: the copy is not what was sent"
    for row in rows.values():
        assert row.payload and hashlib.sha256(row.payload).hexdigest() == row.payload_sha256, f"{who}: a copy changed"


def _holds(who: str, seen: Mapping[str, Any], doings: Doings, last: Mapping[int, int]) -> None:
    """What the client ends on, once numbers are applied."""
    for story, text in doings.texts.items():
        uri = item_urn(text)
        held = seen["holds"].get(uri)
        if story in doings.killed:
            ever = any(request["uri"] == uri for request in seen["requests"])
            assert held is None or held["status"] == "canceled", f"{who} ends on {held}"
            assert held is not None or not ever, f"{who} was sent {uri} and never heard of its kill"
        else:
            wanted = str(last[story])
            assert held is not None and held["version"] == wanted, f"{who} ends on {held}, not on version {wanted}"


def _receipts(who: str, requests: Requests, rows: Sequence[Delivery]) -> None:
    """A receipt says what the client answered to those very bytes, and no try is missing from it."""
    tries = Counter(request["id"] for request in requests)
    taken: dict[str, set[int]] = defaultdict(set)
    for request in requests:
        if request["took"]:
            taken[request["id"]].add(request["code"])
    for row in rows:
        assert row.sent_at, who
        assert row.attempts >= tries[row.message_id], f"{who}: {row} came {tries[row.message_id]} times"
        if row.state != Delivery.State.DELIVERED:
            assert row.reason, who
            continue
        code = row.response_code or 0
        assert row.delivered_at and row.delivered_at >= row.sent_at and 200 <= code < 300, who
        assert code in taken[row.message_id], f"{who} never said {code} to {row.message_id}"


def _order(who: str, rows: Sequence[Delivery], doings: Doings) -> None:
    """Versions go upwards; nothing of a killed story is begun after its kill; a kill goes before all that waits."""
    by_text: dict[int, list[Delivery]] = defaultdict(list)
    for row in rows:
        by_text[row.version.text_id].append(row)
    for of_text in by_text.values():
        for earlier, later in pairwise(of_text):
            assert earlier.version.number < later.version.number, f"{who}: {earlier} before {later}"
    for story, moment in doings.killed.items():
        of_story = by_text[doings.texts[story].pk]
        for row in of_story:
            assert row.is_kill or (row.sent_at and row.sent_at < moment), f"{who}: {row} was begun after its kill"
        lined_up = doings.kills_lined_up.get(story)
        first_tries = [row for row in of_story if row.is_kill and row.attempts == 1]
        for kill in first_tries if lined_up else ():
            between = [row for row in rows if not row.is_kill and lined_up < row.sent_at < kill.sent_at]
            assert not between, f"{who}: {between} went before {kill}"


def _public_feed(doings: Doings, last: Mapping[int, int]) -> None:
    """Whoever fetches finds the same: numbers without a hole, and at the end the kill or the last version."""
    ends = {row.version.text_id: row for row in _stream(Subscriber.objects.get(channel=Subscriber.Channel.OPEN))}
    for number, text in doings.texts.items():
        end = ends.get(text.pk)
        if number in doings.killed:
            assert end is None or end.is_kill, (
                f"{end} stands, and its story is killed"
            )  # None: killed before it was out
        else:
            assert end is not None and end.version.number == last[number], f"{end} stands, not version {last[number]}"


def _kills_are_confirmed(doings: Doings) -> None:
    for number in doings.killed:
        text = doings.texts[number]
        assert not unconfirmed(text.story_id).exists()
        kills.confirm(User.objects.system(), text.story_id, kills.LOOKS)
        said = Event.objects.filter(subject=text.story.urn, kind__startswith="wire.kill_").order_by("-pk").first()
        assert said is not None and said.kind == "wire.kill_confirmed", said
