"""Pictures that staff send for their stories."""

from __future__ import annotations

from keshen.house.models import Organisation, User
from keshen.media.models import Asset
from keshen.media.pictures import take_in
from keshen.media.probe import Unreadable

__all__ = ["Unreadable", "take_picture"]


def take_picture(actor: User, data: bytes, *, name: str, organisation: Organisation) -> Asset:
    """Keep a picture with its original bytes, titled by its file name; the same bytes again are the same picture.

    Raises Unreadable, StoreError, Denied.
    """
    return take_in(actor, data, name=name, organisation=organisation, title=name.rpartition(".")[0] or name)
