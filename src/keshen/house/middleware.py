"""The staff's preferences, the door, and where in the log a screen begins.

Every address of the control room asks who is there.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from keshen.house.events import mark
from keshen.house.gate import part
from keshen.house.languages import INTERFACE_LANGUAGES

STAFF = ("/control/",)
SCREENS = (*STAFF, "/wire/")
OPEN = ("/control/sign-in/", "/control/preferences/")


class PreferencesMiddleware(MiddlewareMixin):
    """The control room speaks the signed-in person's language; public pages speak their edition's.

    Screens speak English to browsers that want a language only the public pages have: half of one and half of another
    is worse.
    """

    def process_request(self, request: HttpRequest) -> None:
        asked = translation.get_language() or "en"
        if request.path.startswith(STAFF) and request.user.is_authenticated:
            translation.activate(request.user.interface_language)
        elif request.path.startswith(SCREENS) and asked.partition("-")[0] not in dict(INTERFACE_LANGUAGES):
            translation.activate("en")
        else:
            return
        request.LANGUAGE_CODE = translation.get_language()


class SignInRequiredMiddleware(MiddlewareMixin):
    """Nobody passes `/control/` who has not signed in, whatever a view forgets."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        if request.path.startswith(STAFF) and not request.path.startswith(OPEN) and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), str(settings.LOGIN_URL))
        return None


class LogMarkMiddleware(MiddlewareMixin):
    """A whole screen knows where the log stood before anything of it was read: its live stream begins there."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: object, kwargs: object
    ) -> None:
        whole = request.method == "GET" and request.path.startswith(STAFF) and not part(request)
        if whole and "text/html" in request.headers.get("Accept", "") and request.user.is_authenticated:
            request.log_mark = mark()
