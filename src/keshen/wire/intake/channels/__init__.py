"""The ways in: one module each and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from keshen.wire.intake.channels import folder, http, keshen
from keshen.wire.intake.channels.base import (
    MOST_BYTES,
    MOST_MESSAGES,
    Channel,
    Later,
    Look,
    Message,
    Over,
    Refusal,
    Spec,
)

__all__ = ["CHANNELS", "MOST_BYTES", "MOST_MESSAGES", "Channel", "Later", "Look", "Message", "Over", "Refusal", "Spec"]

CHANNELS: Mapping[str, Channel] = {
    "feed": Channel(_("Feed or file by HTTP"), look=http.look, check=http.check, repeats=True),
    "push": Channel(_("Sent to us by HTTP")),
    "keshen": Channel(_("Another Keshen"), look=keshen.look, check=keshen.check),
    "folder": Channel(_("Watched folder"), look=folder.look, kept=folder.kept, check=folder.check),
}
