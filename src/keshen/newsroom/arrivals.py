"""When did the story arrive? Fetch each outlet's public address until what was sent is found there, or is gone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from keshen.house.outlets import Receipt, ReceiptState, receipts

LOOK_EVERY = 0.25
RESTART_SECONDS = 30.0
"""How long a house that does not answer is given: its web process may just be starting anew."""
SETTLED = frozenset({ReceiptState.BLOCKED, ReceiptState.FAILED})
GONE_STATUS = frozenset({404, 410})


@dataclass(frozen=True)
class Arrival:
    """One row of the table: a receipt, and after how many seconds the public address showed it (None: not yet)."""

    receipt: Receipt
    seconds: float | None

    @property
    def settled(self) -> bool:
        """Whether nothing more will happen by itself: it arrived, or a person must look."""
        return self.seconds is not None or self.receipt.state in SETTLED

    def to_json(self) -> dict[str, Any]:
        return {
            "outlet": self.receipt.outlet,
            "service": self.receipt.service,
            "form": self.receipt.form,
            "label": str(self.receipt.label),
            "address": self.receipt.address,
            "state": self.receipt.state.value,
            "seconds": None if self.seconds is None else round(self.seconds, 2),
            "gone": self.receipt.gone,
            "reason": str(self.receipt.reason),
        }


def seen(receipt: Receipt, answer: httpx.Response | None) -> bool:
    """Whether the public address shows what the receipt says: the text there, or gone from there."""
    if receipt.address is None:
        return receipt.state in (ReceiptState.OUT, ReceiptState.KILLED, ReceiptState.HELD)
    if answer is None:
        return False
    if receipt.gone:
        gone_from_body = receipt.find is not None and answer.status_code == 200 and receipt.find not in answer.text
        return answer.status_code in GONE_STATUS or gone_from_body
    return answer.status_code == 200 and (receipt.find is None or receipt.find in answer.text)


def _fetch(client: httpx.Client, address: str) -> httpx.Response | None:
    try:
        return client.get(address)
    except httpx.HTTPError:  # not answering now; the next look may find it
        return None


def _knock(client: httpx.Client, patience: float) -> None:
    """Return when the house answers. Raises httpx.HTTPError when it does not within `patience` seconds."""
    until = time.monotonic() + patience
    while True:
        try:
            client.get("/healthz").raise_for_status()
            return
        except httpx.HTTPError:
            if time.monotonic() >= until:
                raise
        time.sleep(LOOK_EVERY)


def watch(
    base_url: str, story_ids: list[int], *, timeout: float, since: float | None = None
) -> Iterator[dict[int, list[Arrival]]]:
    """The arrivals of each story, again and again until all are settled or `timeout` seconds passed.

    `since` is the `time.monotonic()` that the seconds count from (default: now). Raises `httpx.HTTPError` when the
    house does not answer at `base_url`, not even after the time a restart takes.
    """
    start = time.monotonic() if since is None else since
    found: dict[tuple[int, str, str, str, str | None, bool], float] = {}

    def key(story_id: int, receipt: Receipt) -> tuple[int, str, str, str, str | None, bool]:
        return (story_id, receipt.outlet, receipt.service, receipt.form, receipt.find, receipt.gone)

    with httpx.Client(base_url=base_url, follow_redirects=True, timeout=5) as client, ThreadPoolExecutor(4) as pool:
        _knock(client, min(timeout, RESTART_SECONDS))
        while True:
            rows = [(story_id, receipt) for story_id in story_ids for receipt in receipts(story_id)]
            pending = [row for row in rows if key(*row) not in found and row[1].state not in SETTLED]
            addresses = sorted({row[1].address for row in pending if row[1].address})
            answers = dict(zip(addresses, pool.map(partial(_fetch, client), addresses), strict=True))
            for row in pending:
                if seen(row[1], answers.get(row[1].address or "")):
                    found[key(*row)] = time.monotonic() - start
            arrivals: dict[int, list[Arrival]] = {story_id: [] for story_id in story_ids}
            for story_id, receipt in rows:
                arrivals[story_id].append(Arrival(receipt, found.get(key(story_id, receipt))))
            yield arrivals
            all_settled = all(arrival.settled for table in arrivals.values() for arrival in table)
            if (rows and all_settled) or time.monotonic() - start > timeout:
                return
            time.sleep(LOOK_EVERY)
