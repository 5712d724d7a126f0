"""A node that serves the air and nothing else: as many of them as viewers want, beside one database and one store."""

from __future__ import annotations

import json
from typing import Any, Final

import uvicorn

from keshen.air.serving.door import Door
from keshen.air.serving.http import problem, respond
from keshen.air.serving.server import application, health

BACKLOG: Final = 8192
QUIET_SECONDS: Final = 75
"""How long a connection may be kept without a request; players ask every few seconds."""
GRACE_SECONDS: Final = 3


async def node(scope: Any, receive: Any, send: Any) -> None:
    """ASGI: what is below /air/, how the node stands at /healthz, and nothing else."""
    if scope["type"] == "lifespan" or scope["path"].startswith("/air/"):
        await application(scope, receive, send)
        return
    if scope["type"] != "http":
        return
    status, headers, body = respond(problem(404, "This node serves the air alone: see /air/channels.m3u."), {})
    if scope["path"] == "/healthz":
        status, body = 200, json.dumps(health(), ensure_ascii=False).encode()
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def serve(host: str, port: int) -> None:
    """Serve until the process is told to end. Connections under way are given a few seconds."""
    config = uvicorn.Config(
        node,
        host=host,
        port=port,
        loop="uvloop",
        http=Door,
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=QUIET_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run()
