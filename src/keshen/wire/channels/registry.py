"""The ways items are brought to clients, by name and by the addresses they take."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from keshen.wire.channels import http
from keshen.wire.channels.base import Channel

PUSH = Channel("push", gettext_lazy("Sent to the client"), ("https", "http"), http.HttpSender, http.check, signs=True)

CHANNELS: Mapping[str, Channel] = {entry.name: entry for entry in (PUSH,)}
BY_SCHEME: Mapping[str, Channel] = {scheme: entry for entry in CHANNELS.values() for scheme in entry.schemes}


def channel_for(url: str) -> Channel:
    """The channel an address belongs to. Raises ValueError for one that none takes."""
    scheme = urlsplit(url).scheme.casefold()
    if scheme not in BY_SCHEME:
        raise ValueError(
            _("%(url)s is not an address items can be sent to. It begins with one of: %(schemes)s.")
            % {"url": url, "schemes": ", ".join(f"{name}:" for name in BY_SCHEME)}
        )
    return BY_SCHEME[scheme]


def check(channel: Channel, url: str, options: Mapping[str, str]) -> None:
    """Raise ValueError unless the address and options are ones the channel can use."""
    strange = sorted(set(options) - set(channel.options))
    if strange:
        raise ValueError(
            _("%(name)s is nothing this channel knows. It takes: %(known)s.")
            % {"name": strange[0], "known": ", ".join(channel.options) or "–"}
        )
    missing = sorted(name for name in channel.required if not options.get(name))
    if missing:
        raise ValueError(
            _("%(name)s is missing: %(meaning)s") % {"name": missing[0], "meaning": channel.options[missing[0]]}
        )
    channel.check(url, options)
