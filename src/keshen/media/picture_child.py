"""Decode a picture and write its renditions, confined: `python picture_child.py PATH SUFFIX WIDTH…`.

Every rendition is written anew from the pixels, so nothing the camera or the sender put beside them remains.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 80_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF")
SUFFIXES = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF", ".gif": "GIF",
    ".bmp": "BMP", ".avif": "AVIF",
}  # fmt: skip


def main(path: Path, suffix: str, widths: list[int]) -> list[dict[str, object]]:
    """Write the renditions beside the source and describe them."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(path, formats=FORMATS) as opened:
        if suffix in SUFFIXES and opened.format not in (SUFFIXES[suffix], "MPO"):
            sys.exit(f"its name says {SUFFIXES[suffix]}, but it is {opened.format}")
        opened.load()
        upright = ImageOps.exif_transpose(opened)
    flat = upright.convert("RGBA") if upright.has_transparency_data else upright.convert("RGB")
    if flat.width < 2 or flat.height < 2:
        sys.exit("it has no more than one pixel")
    made: list[dict[str, object]] = []
    for width in sorted({min(width, flat.width) for width in widths}, reverse=True):
        height = max(1, round(flat.height * width / flat.width))
        scaled = flat.resize((width, height), Image.Resampling.LANCZOS) if width < flat.width else flat.copy()
        scaled.info = {}
        targets: list[tuple[str, str, dict[str, Any]]] = [("image/webp", "webp", {"quality": 80, "method": 4})]
        if not made:
            targets.append(("image/jpeg", "jpg", {"quality": 86, "optimize": True, "progressive": True}))
        for media_type, ending, options in targets:
            target = path.with_name(f"{width}.{ending}")
            ready = _on_white(scaled) if ending == "jpg" else scaled
            ready.save(target, **options)
            made.append({"width": width, "height": height, "media_type": media_type, "path": str(target)})
    return made


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


if __name__ == "__main__":
    try:
        print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], [int(width) for width in sys.argv[3:]])))  # noqa: T201
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        sys.exit(f"it has more than {MOST_PIXELS // 1_000_000} million pixels")
    except UnidentifiedImageError:
        sys.exit("it is in no picture format the house reads")
    except (OSError, ValueError, SyntaxError) as error:
        sys.exit(f"it is damaged: {error}")
