"""A live picture of a service: the first frame of the segment on the air, as a small JPEG."""

from __future__ import annotations

import io

import av
from PIL import Image

MEDIA_TYPE = "image/jpeg"
WIDTH, HEIGHT = 640, 360


def picture(init: bytes, segment: bytes) -> bytes:
    """The first frame of a picture segment. Raises ValueError when it cannot be decoded."""
    try:
        with av.open(io.BytesIO(init + segment), "r", format="mp4") as container:
            for frame in container.decode(video=0):
                return _jpeg(frame.to_image())  # type: ignore[no-untyped-call]
    except av.error.FFmpegError as error:
        raise ValueError(f"the segment cannot be decoded: {error}") from error
    raise ValueError("the segment holds no frame")


def _jpeg(image: Image.Image) -> bytes:
    made = io.BytesIO()
    image.convert("RGB").resize((WIDTH, HEIGHT)).save(made, "JPEG", quality=80, optimize=True)
    return made.getvalue()
