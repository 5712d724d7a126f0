"""The clockwork of alerts: every few seconds what came is looked at, and what is due is mailed."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate.contrib.django import app

from keshen.wire.alerts import finding, sending

QUEUE = "intake"
"""A mail server may be slow: what is published does not wait for it."""


@app.periodic(cron="* * * * * */3")
@app.task(name="keshen.wire.alerts", queue=QUEUE, queueing_lock="keshen.wire.alerts", lock="keshen.wire.alerts")
def tell(timestamp: int) -> None:
    """Find for every alert, then send. Whoever is killed in between is followed by the next, which loses nothing."""
    close_old_connections()
    try:
        while finding.find():
            continue
        sending.send_due()
    finally:
        close_old_connections()
