"""WebSub (W3C Recommendation, 2018): items to whoever subscribed at our hub, signed with the secret they chose."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from keshen.house import outgoing
from keshen.wire.channels.base import Answer, Option, Parcel
from keshen.wire.channels.http import HttpSender

OPTIONS: Mapping[str, Option] = {
    "topic": Option(_("Feed"), _("The one that was subscribed to.")),
    "hub": Option(_("Hub"), _("Its address.")),
    "hub_secret": Option(_("Secret"), _("What the subscriber chose to sign with; may be empty."), secret=True),
}


class WebSubSender:
    """Distributes content (section 7) over kept connections. `seconds` is how long an answer may take."""

    def __init__(self, seconds: float) -> None:
        self._http = HttpSender(seconds)

    async def send(self, parcel: Parcel) -> Answer:
        return await self._http.post(parcel.slug, parcel.url, parcel.body, headers_of(parcel))

    async def close(self) -> None:
        await self._http.close()


def headers_of(parcel: Parcel) -> dict[str, str]:
    """What the recommendation asks for, and the number and state that make the stream one."""
    headers = {
        "Content-Type": parcel.media_type,
        "User-Agent": "Keshen-Wire/1",
        "Link": f'<{parcel.options["hub"]}>; rel="hub", <{parcel.options["topic"]}>; rel="self"',
        "Idempotency-Key": parcel.message_id,
        "Keshen-Sequence": str(parcel.sequence),
        "Keshen-Item": parcel.urn,
        "Keshen-Status": parcel.status,
    }
    if secret := parcel.options.get("hub_secret", ""):
        headers["X-Hub-Signature"] = f"sha256={hmac.new(secret.encode(), parcel.body, hashlib.sha256).hexdigest()}"
    return headers


def check(url: str, options: Mapping[str, str]) -> None:
    """Raise ValueError or outgoing.Refused unless it is an http or https address the house may call."""
    outgoing.check_url(url)
