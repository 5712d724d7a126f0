"""The air's application alone, for tests that want a server and nothing else; `/healthz` says how it stands."""

import json
from typing import Any

import django

django.setup()

from keshen.air.serving import server  # noqa: E402  needs Django's apps to be ready


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope.get("path") != "/healthz":
        await server.application(scope, receive, send)
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(server.health()).encode()})
