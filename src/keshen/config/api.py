"""The HTTP API: `/api/v1/`, described at `/api/openapi.json`. A program signs in with `Authorization: Bearer KEY`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer

from keshen import __version__
from keshen.air.api import router as air_router
from keshen.house.actions import user_for_token
from keshen.house.models import User
from keshen.house.permissions import Denied
from keshen.newsroom.api import router as newsroom_router
from keshen.wire.api import router as wire_router
from keshen.wire.intake.api import router as intake_router


class ApiKey(HttpBearer):
    """A key given out by an administrator."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = user_for_token(token)
        if user is not None:
            request.user = user
        return user


api = NinjaAPI(title="Keshen", version=__version__, openapi_url="/openapi.json", docs_url=None, auth=ApiKey())


@api.exception_handler(Denied)
def denied(request: HttpRequest, refusal: Denied) -> HttpResponse:
    return api.create_response(request, {"detail": str(refusal)}, status=403)


@api.exception_handler(AuthenticationError)
def unknown(request: HttpRequest, refusal: AuthenticationError) -> HttpResponse:
    said = _("No key that is known here came with it. Send Authorization: Bearer KEY; an administrator gives keys.")
    answer = api.create_response(request, {"detail": str(said)}, status=401)
    answer["WWW-Authenticate"] = "Bearer"
    return answer


api.add_router("/v1/", newsroom_router)
api.add_router("/v1/wire/", wire_router)
api.add_router("/v1/wire/", intake_router)
api.add_router("/v1/air/", air_router)
