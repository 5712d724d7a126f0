"""The picture of what is on, made once a segment and shared."""

from __future__ import annotations

import asyncio
import logging

from keshen.air import clock
from keshen.air.serving import poster
from keshen.air.serving.http import NOT_FOUND, Answer
from keshen.air.serving.segments import Segments
from keshen.air.serving.snapshot import Snapshot
from keshen.media.store import StoreError

RUNG = "v360"

log = logging.getLogger(__name__)


class Posters:
    """The newest picture of every service and variant."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._held: dict[str, tuple[tuple[int, int, int], bytes]] = {}

    async def answer(self, snapshot: Snapshot) -> Answer:
        """The picture of the segment that is on."""
        segment = snapshot.timeline.segment_at(clock.tick() - snapshot.later)
        if segment is None:
            return NOT_FOUND
        instead = snapshot.given_instead(segment)
        key, place = (segment.entry.id, segment.number, instead), f"{snapshot.slug}?{snapshot.query}"
        held = self._held.get(place)
        if held is None or held[0] != key:
            source = snapshot.source(segment.entry, segment.number, RUNG, substitute=instead)
            data = await self._segments.media(snapshot, segment.entry, segment.number, RUNG, substitute=instead)
            if source is None or data is None:
                return NOT_FOUND
            try:
                init = await self._segments.init(source.track.init)
                held = self._held[place] = (key, await asyncio.to_thread(poster.picture, init, data))
            except (StoreError, ValueError) as error:
                log.warning("no picture of %s: %s", snapshot.slug, error)
                return NOT_FOUND
        return Answer(200, held[1], poster.MEDIA_TYPE, "public, max-age=2", f'"{key[0]}-{key[1]}-{instead}"')
