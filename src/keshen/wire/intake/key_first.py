"""A message that is sent in is read once its key has opened: strangers neither fill the disk nor keep a thread.

Django reads a whole body into a temporary file before any view or middleware sees it, so this stands before Django.
Whose key it was goes along in the scope, so that the view need not ask again.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.utils.translation import get_supported_language_variant, override
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from keshen.wire.intake.models import Source
from keshen.wire.intake.sourcing import source_for_key
from keshen.wire.streams import read

ADDRESS: Final = "/api/v1/wire/in"
SENDER: Final = "keshen.wire.source"
"""The scope's name for the source whose key opened."""

type Message = MutableMapping[str, Any]
type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class KeyFirst:
    """Answers 401 or 403 to what a stranger or a paused source sends in, and reads nothing of it."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == ADDRESS:
            headers = dict(scope["headers"])
            source, refusal = await read(partial(_asked, headers.get(b"authorization", b""), _language(headers)))
            if refusal is not None:
                await _answer(send, *refusal)
                return
            scope[SENDER] = source
        await self._inner(scope, receive, send)


def _asked(authorization: bytes, language: str) -> tuple[Source | None, tuple[int, str] | None]:
    """Whose key it is, or the status and the words of the refusal."""
    kind, _space, key = authorization.decode("latin-1").partition(" ")
    source = source_for_key(key.strip()) if kind.lower() == "bearer" else None
    with override(language):
        if source is None:
            return None, (401, _("Send the source's key: “Authorization: Bearer KEY”."))
        if source.state != Source.State.ACTIVE:
            return None, (403, paused(source))
    return source, None


def paused(source: Source) -> str:
    """Why nothing is taken from it, in the language that is active."""
    return _("This source is paused: %(reason)s") % {"reason": source.reason}


def _language(headers: dict[bytes, bytes]) -> str:
    """The first language of the house that the sender's program accepts, else the house's own, as everywhere."""
    for wanted, _weight in parse_accept_lang_header(headers.get(b"accept-language", b"").decode("latin-1")):
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


async def _answer(send: Send, status: int, detail: str) -> None:
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"connection", b"close")]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps({"detail": detail}, ensure_ascii=False).encode()})
