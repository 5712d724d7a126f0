"""`/healthz`: 200 and JSON when the house is open, 503 and the reason when it is not; how the air stands."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from keshen import __version__
from keshen.air.serving.server import health


def healthz(request: HttpRequest) -> JsonResponse:
    """`status` is `open`, or `detached` when the database is away: the air then goes on with what is laid."""
    answer = {"version": __version__, "air": health()}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return JsonResponse({"status": "detached", "reason": str(error), **answer}, status=503)
    return JsonResponse({"status": "open", **answer})
