"""The ways in: one module each and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from keshen.wire.intake.channels import folder, ftp, http, keshen, mail, sftp, store, websub
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
    "websub": Channel(
        _("Feed whose hub sends to us (WebSub)"), look=websub.look, check=http.check, repeats=True, listens=True
    ),
    "push": Channel(_("Sent to us by HTTP")),
    "keshen": Channel(_("Another Keshen"), look=keshen.look, check=keshen.check),
    "mail": Channel(_("Mail"), look=mail.look, check=mail.check),
    "ftp": Channel(_("FTP or FTPS"), look=ftp.look, check=ftp.check),
    "sftp": Channel(
        _("SFTP"),
        look=sftp.look,
        check=sftp.check,
        settings={"host_key": "the server's public key, as one line: ssh-ed25519 AAAA…"},
    ),
    "store": Channel(
        _("Object store"),
        look=store.look,
        check=store.check,
        settings={"endpoint": "the store's address, unless it is Amazon's", "region": "such as eu-central-1"},
    ),
    "folder": Channel(_("Watched folder"), look=folder.look, kept=folder.kept, check=folder.check),
}
