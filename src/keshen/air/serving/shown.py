"""What is on, as programs and screens read it: now and next, the guide, the channel list."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django.conf import settings

from keshen.air import clock, guide
from keshen.air.protection.keys import Method
from keshen.air.serving import http
from keshen.air.serving.snapshot import Snapshot
from keshen.air.ways_out import dvbi
from keshen.house.models import in_language
from keshen.media.houseformat import EPOCH, TICKS_PER_HOUR, datetime_at, seconds

GUIDE_AHEAD_TICKS: Final = 48 * TICKS_PER_HOUR
KEPT_TICKS: Final = guide.CATCHUP_HOURS * TICKS_PER_HOUR


def channel(snapshot: Snapshot) -> guide.Channel:
    base = settings.KESHEN_URL
    page = f"{base}/{'listen' if snapshot.radio else 'watch'}/{snapshot.slug}"
    air = f"{base}/air/{snapshot.slug}"
    picture, stream = f"{air}/poster.jpg", f"{air}/index.m3u8"
    if not snapshot.mark:
        return guide.Channel(snapshot.slug, snapshot.names, snapshot.radio, page, picture, stream)
    names = {tag: f"{name} ({snapshot.mark})" for tag, name in snapshot.names.items()}
    query = f"?{snapshot.query}"
    # a page plays the plain channel: a variant's guide leads to its stream
    stream += query
    return guide.Channel(f"{snapshot.slug}.{snapshot.mark}", names, snapshot.radio, stream, picture + query, stream)


def _line(programme: guide.Programme | None) -> dict[str, Any] | None:
    if programme is None:
        return None
    return {
        "start": datetime_at(programme.start).isoformat(),
        "end": datetime_at(programme.end).isoformat(),
        "kind": programme.kind,
        "titles": dict(programme.titles),
        "laid": programme.laid,
        "items": [
            {
                "entry": item.entry,
                "start": datetime_at(item.start).isoformat(),
                "end": datetime_at(item.start + item.ticks).isoformat(),
                "titles": dict(item.titles),
                "story": item.story,
            }
            for item in programme.items
        ],
    }


def now(snapshot: Snapshot) -> http.Answer:
    """What is on, what is next and how long it is until then: for screens that stay open."""
    tick = clock.tick()
    lines = snapshot.programmes(tick, tick + 6 * TICKS_PER_HOUR)
    state = snapshot.timeline.at(tick - snapshot.later)
    entry = state.entry if state else None
    until = snapshot.timeline.end
    shown = {
        "service": snapshot.slug,
        "at": datetime_at(tick).isoformat(),
        "now": _line(lines[0] if lines else None),
        "next": _line(lines[1] if len(lines) > 1 else None),
        "left": seconds(lines[0].end - tick) if lines else None,
        "entry": entry
        and {
            "id": entry.id,
            "kind": entry.kind,
            "titles": dict(entry.titles),
            "left": seconds(state.left if state else 0),
            "reason": entry.reason,
            "withdrawn": entry.id in snapshot.withdrawn,
        },
        "variant": snapshot.mark,
        "laid_until": datetime_at(until + snapshot.later).isoformat() if until else None,
    }
    return http.fresh(json.dumps(shown, ensure_ascii=False), "application/json")


def time() -> http.Answer:
    """What time the air has it, for players that have no clock of their own to trust (ISO/IEC 23009-1, 5.8.4.11)."""
    at = EPOCH + timedelta(milliseconds=clock.milliseconds())
    return http.Answer(200, f"{at:%Y-%m-%dT%H:%M:%S.%f}"[:-3].encode() + b"Z", "text/plain; charset=utf-8")


def day(snapshot: Snapshot) -> http.Answer:
    """The guide of one service, past and to come."""
    tick = clock.tick()
    lines = snapshot.programmes(tick - KEPT_TICKS, tick + GUIDE_AHEAD_TICKS)
    return http.fresh(json.dumps([_line(line) for line in lines], ensure_ascii=False), "application/json")


def xmltv(snapshots: Iterable[Snapshot]) -> http.Answer:
    """The guide of some services as XMLTV."""
    tick = clock.tick()
    channels = [(channel(one), one.programmes(tick - KEPT_TICKS, tick + GUIDE_AHEAD_TICKS)) for one in snapshots]
    return http.fresh(guide.xmltv(channels), "application/xml; charset=utf-8")


def channels(snapshots: Iterable[Snapshot]) -> http.Answer:
    """Every service as an M3U list."""
    listings = [
        guide.Listing(
            channel(one),
            in_language(dict(one.names), one.languages[0]),
            "Radio" if one.radio else "TV",
            one.languages,
        )
        for one in snapshots
    ]
    listed = guide.m3u(listings, f"{settings.KESHEN_URL}/air/epg.xml")
    return http.fresh(listed, "audio/x-mpegurl; charset=utf-8", http.SHORT)


def service_list(snapshots: Iterable[Snapshot]) -> http.Answer:
    """Every service as DVB-I receivers find it; one that is encrypted segment by segment has no manifest for them."""
    now = clock.tick()
    dashed = (one for one in snapshots if one.protection.method(now) is not Method.AES_128)
    held = sorted(dashed, key=lambda one: one.radio)
    listed = [
        dvbi.Listed(channel(one), f"{settings.KESHEN_URL}/air/{one.slug}/manifest.mpd", one.provider) for one in held
    ]
    name = listed[0].provider if listed else "Keshen"
    return http.fresh(dvbi.service_list(name, f"{settings.KESHEN_AUTHORITY},2026", listed), dvbi.LIST_TYPE, http.SHORT)
