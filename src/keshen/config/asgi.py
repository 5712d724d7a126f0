"""The web process: the air is served by its own small application, all else by Django behind the cache of pages.

Whoever waits for the wire waits beside that cache: it lets only few in at a time.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keshen.config.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from keshen.air.serving.server import application as air_application  # noqa: E402  needs Django's apps to be ready
from keshen.house.body_limit import BodyLimit  # noqa: E402
from keshen.site.page_cache import PageCache  # noqa: E402
from keshen.wire.intake.key_first import KeyFirst  # noqa: E402

pages = KeyFirst(BodyLimit(PageCache(django_application)))
waiting = BodyLimit(django_application)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Dispatch by path; lifespan events are the air's (it keeps a listener and a pool)."""
    path = scope.get("path", "")
    on_air = scope["type"] == "lifespan" or path.startswith("/air/")
    waits = path.startswith("/wire/") and path.endswith(("/poll", "/stream"))
    await (air_application if on_air else waiting if waits else pages)(scope, receive, send)
