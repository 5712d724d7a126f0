"""A picture of a segment, as a small JPEG: what is on the air, or where something is cut."""

from __future__ import annotations

import io
from fractions import Fraction

import av
from PIL import Image

from keshen.media.houseformat import TICK_MS

MEDIA_TYPE = "image/jpeg"
WIDTH, HEIGHT = 640, 360


def picture(init: bytes, segment: bytes, tick: int = 0) -> bytes:
    """The frame a picture segment shows `tick` ticks after its beginning; the last where it is shorter.

    Raises ValueError when it cannot be decoded.
    """
    shown, wanted = None, Fraction(tick * TICK_MS, 1000)
    try:
        with av.open(io.BytesIO(init + segment), "r", format="mp4") as container:
            start = None
            for frame in container.decode(video=0):
                at = Fraction(frame.pts or 0) * (frame.time_base or 0)
                start = at if start is None else start
                shown = frame
                if at - start >= wanted:
                    break
        if shown is not None:
            return _jpeg(shown.to_image())  # type: ignore[no-untyped-call]
    except av.error.FFmpegError as error:
        raise ValueError(f"the segment cannot be decoded: {error}") from error
    raise ValueError("the segment holds no frame")


def _jpeg(image: Image.Image) -> bytes:
    made = io.BytesIO()
    image.convert("RGB").resize((WIDTH, HEIGHT)).save(made, "JPEG", quality=80, optimize=True)
    return made.getvalue()
