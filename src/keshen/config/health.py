"""`/healthz`: 200 and JSON when the house is open, 503 and the reason when it is not."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from keshen import __version__


def healthz(request: HttpRequest) -> JsonResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return JsonResponse({"status": "detached", "version": __version__, "reason": str(error)}, status=503)
    return JsonResponse({"status": "open", "version": __version__})
