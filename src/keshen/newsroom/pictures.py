"""Pictures that staff send for their stories: checked to be what they say, and kept in the widths pages show."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from keshen.house.models import Organisation, User
from keshen.media.actions import NewRendition, create_asset, mark_ready
from keshen.media.models import Asset
from keshen.media.store import house_store

WIDTHS = (640, 1280, 1920)
FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 40_000_000
MAX_PIXELS = 60_000_000


class Unreadable(ValueError):
    """What was sent is not a picture this house takes; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture at one width, as WebP."""

    width: int
    height: int
    data: bytes


def shown(data: bytes) -> list[Shown]:
    """The picture at every width up to its own, upright, without the metadata it came with. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(_("The picture is larger than 40 MB. Send a smaller copy."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise Unreadable(_("The picture has more than 60 million pixels. Send a smaller copy."))
                upright = ImageOps.exif_transpose(opened).convert("RGBA" if opened.has_transparency_data else "RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombWarning) as error:
        raise Unreadable(_("This is not a picture that can be read. Send it as JPEG, PNG or WebP.")) from error
    made = []
    for width in sorted({min(width, upright.width) for width in WIDTHS}):
        scaled = upright.resize((width, max(1, round(upright.height * width / upright.width))), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        scaled.save(out, "WEBP", quality=82, method=4)
        made.append(Shown(scaled.width, scaled.height, out.getvalue()))
    return made


def take_picture(actor: User, data: bytes, *, name: str, organisation: Organisation) -> Asset:
    """Keep a picture with its original bytes; the same bytes again are the same picture.

    Raises Unreadable, StoreError, Denied.
    """
    sizes = shown(data)
    store = house_store()
    sha256 = store.put(data)
    asset = create_asset(
        actor,
        key=f"picture:{organisation.pk}:{sha256}",
        kind=Asset.Kind.PICTURE,
        organisation=organisation,
        title=name.rpartition(".")[0] or name,
        source_sha256=sha256,
        source_name=name,
    )
    if asset.state == Asset.State.PREPARING:
        renditions = [
            NewRendition(size.width, size.height, "image/webp", store.put(size.data), len(size.data)) for size in sizes
        ]
        mark_ready(User.objects.system(), asset, renditions=renditions, by="Pillow")
    return asset
