"""The ways items are brought to clients, by name and by the addresses they take."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from keshen.house import outgoing
from keshen.wire.channels import ftp, http, mail, sftp, store, websub
from keshen.wire.channels.base import Channel

CHANNELS: Mapping[str, Channel] = {
    entry.name: entry
    for entry in (
        Channel(
            "push", _("Sent to the client"), ("https", "http"), http.HttpSender, http.check,
            signs=True, example="https://client.example/in",
        ),
        Channel(
            "sftp", _("Put on the client's SFTP server"), ("sftp",), sftp.SftpSender, sftp.check,
            options=sftp.OPTIONS, required=frozenset({"host_key"}), example="sftp://name@client.example/in",
        ),
        Channel(
            "ftp", _("Put on the client's FTP server"), ("ftps", "ftp"), ftp.open_sender, ftp.check,
            options=ftp.OPTIONS, example="ftps://name@client.example/in",
        ),
        Channel(
            "mail", _("Sent by mail"), ("mailto",), mail.open_sender, mail.check,
            example="mailto:desk@client.example,night@client.example",
        ),
        Channel(
            "store", _("Put into an object store"), ("s3",), store.StoreSender, store.check,
            options=store.OPTIONS, required=store.REQUIRED, example="s3://bucket/folder",
        ),
        Channel(
            "websub", _("WebSub subscription"), (), websub.WebSubSender, websub.check, options=websub.OPTIONS
        ),
    )
}  # fmt: skip
"""A new channel is one module beside this one and one entry here."""
OFFERED: Mapping[str, Channel] = {name: entry for name, entry in CHANNELS.items() if entry.schemes}
"""Those a person at the agency may choose for a client; the hub's subscribers come by themselves."""
BY_SCHEME: Mapping[str, Channel] = {scheme: entry for entry in CHANNELS.values() for scheme in entry.schemes}


def channel_for(url: str) -> Channel:
    """The channel an address belongs to. Raises ValueError for one that none takes."""
    scheme = urlsplit(url).scheme.casefold()
    if scheme not in BY_SCHEME:
        raise ValueError(
            gettext("%(url)s is not an address items can be sent to. It begins with one of: %(schemes)s.")
            % {"url": url, "schemes": ", ".join(f"{name}:" for name in BY_SCHEME)}
        )
    return BY_SCHEME[scheme]


def check(channel: Channel, url: str, options: Mapping[str, str]) -> None:
    """Raise ValueError unless the address and options are ones the channel can use."""
    strange = sorted(set(options) - set(channel.options))
    if strange:
        raise ValueError(
            gettext("%(name)s is nothing this channel knows. It takes: %(known)s.")
            % {"name": strange[0], "known": ", ".join(channel.options) or "–"}
        )
    missing = sorted(name for name in channel.required if not options.get(name))
    if missing:
        wanted = channel.options[missing[0]].help
        raise ValueError(gettext("%(name)s is missing: %(meaning)s") % {"name": missing[0], "meaning": wanted})
    try:
        channel.check(url, options)
    except outgoing.httpcore.ConnectError as refused:
        raise ValueError(str(refused)) from refused
