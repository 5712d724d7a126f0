"""The HTTP API: `/api/v1/`, described at `/api/openapi.json`. A program signs in with `Authorization: Bearer KEY`."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.security import HttpBearer

from keshen import __version__
from keshen.house.actions import user_for_token
from keshen.house.models import User


class ApiKey(HttpBearer):
    """A key given out by an administrator."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = user_for_token(token)
        if user is not None:
            request.user = user
        return user


api = NinjaAPI(title="Keshen", version=__version__, openapi_url="/openapi.json", docs_url=None, auth=ApiKey())
