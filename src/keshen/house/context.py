"""What every template of the house may speak of."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, Any]:
    return {"house_url": settings.KESHEN_URL}
