"""Pictures: taken in once, stripped of what the camera noted, and kept in the sizes pages and screens show."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from keshen.house.actions import action
from keshen.house.models import Organisation, User
from keshen.media import actions, confined
from keshen.media.actions import NewRendition
from keshen.media.confined import Limits, ProgramFailed
from keshen.media.models import Asset
from keshen.media.probe import Unreadable
from keshen.media.store import BlobStore, house_store

WIDTHS: Final = (1920, 1280, 640)
MOST_BYTES: Final = 40 << 20
_LIMITS: Final = Limits(wall=60, cpu=60, memory=3 << 30, file=200 << 20)
_CHILD: Final = str(Path(__file__).with_name("picture_child.py"))


def take_in(
    actor: User,
    data: bytes,
    *,
    name: str,
    organisation: Organisation,
    title: str,
    credit: str = "",
    alt: Mapping[str, str] | None = None,
    made_from: Iterable[str] = (),
    worded: Mapping[str, bytes] | None = None,
) -> Asset:
    """A picture that somebody sent or drew, as an asset with its renditions; the same bytes are the same asset.

    `made_from` are URNs; `worded` is the same picture with its words in other languages and scripts, by BCP 47 tag.
    Raises Unreadable when it is not a picture, is too large, or is not what its name says; StoreError.
    """
    store = house_store()
    renditions = _renditions(data, name, store)
    for tag, other in (worded or {}).items():
        renditions += [replace(made, tag=tag) for made in _renditions(other, name, store)]
    return _publish(
        actor,
        renditions,
        key=f"picture:{organisation.pk}:{hashlib.sha256(data).hexdigest()}",
        organisation=organisation,
        title=title or name,
        credit=credit,
        alt=dict(alt or {}),
        source_sha256=store.put(data),
        source_name=name,
        made_from=list(made_from),
    )


@action
def _publish(
    actor: User,
    renditions: list[NewRendition],
    *,
    key: str,
    organisation: Organisation,
    title: str,
    credit: str,
    alt: dict[str, str],
    source_sha256: str,
    source_name: str,
    made_from: list[str],
) -> Asset:
    asset = actions.create_asset(
        actor,
        key=key,
        kind=Asset.Kind.PICTURE,
        organisation=organisation,
        title=title,
        credit=credit,
        alt=alt,
        source_sha256=source_sha256,
        source_name=source_name,
        sources=made_from,
    )
    actions.mark_ready(User.objects.system(), asset, renditions=renditions, by="keshen.media.pictures")
    return asset


def _renditions(data: bytes, name: str, store: BlobStore) -> list[NewRendition]:
    if len(data) > MOST_BYTES:
        raise Unreadable(
            _("%(name)s is larger than %(most)d MB. Send a smaller copy.") % {"name": name, "most": MOST_BYTES >> 20}
        )
    with tempfile.TemporaryDirectory(prefix="keshen-picture-") as folder:
        source = Path(folder) / "source"
        source.write_bytes(data)
        argv = [sys.executable, _CHILD, str(source), Path(name).suffix.lower(), *map(str, WIDTHS)]
        try:
            made = json.loads(confined.run(argv, limits=_LIMITS))
        except ProgramFailed as failure:
            said = next((line for line in reversed(failure.tail) if line.strip()), failure.reason)
            raise Unreadable(
                _("%(name)s is not a picture the house can use: %(why)s. Send it as JPEG, PNG or WebP.")
                % {"name": name, "why": said}
            ) from failure
        return [
            NewRendition(
                width=row["width"],
                height=row["height"],
                media_type=row["media_type"],
                sha256=store.put_file(path := Path(row["path"])),
                size=path.stat().st_size,
            )
            for row in made
        ]
