"""Signing in and out, what each person prefers, and the live stream of the control room."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from keshen.house import live, throttle
from keshen.house.actions import change_preferences
from keshen.house.languages import INTERFACE_LANGUAGES
from keshen.house.models import User


class SignInForm(AuthenticationForm):
    """Name and password; says the same for a wrong name and a wrong password, and waits after many failures."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("This name and password do not fit together. Check both; capital letters matter."),
        "blocked": _("Too many attempts. Wait five minutes and try again, or ask an administrator for a new password."),
    }

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username") or ""
        address = self.request.META.get("REMOTE_ADDR", "")
        if throttle.blocked(name, address):
            raise ValidationError(self.error_messages["blocked"], code="blocked")
        try:
            return super().clean()
        except ValidationError:
            throttle.failed(name, address)
            raise


@method_decorator(login_not_required, name="dispatch")
class SignIn(auth_views.LoginView):
    template_name = "house/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    extra_context = {"interface_languages": INTERFACE_LANGUAGES}


class SignOut(auth_views.LogoutView):
    pass


def _back(request: HttpRequest) -> str:
    """Where the person came from, when that is a page of ours."""
    wanted = request.POST.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else reverse("control:dashboard")


@login_not_required
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep the language and theme a person chose: with the person, and in cookies for the sign-in page."""
    response = redirect(_back(request))
    language, theme = request.POST.get("language"), request.POST.get("theme")
    language = language if language in dict(INTERFACE_LANGUAGES) else None
    theme = theme if theme in ("dark", "light") else None
    for cookie, value in ((settings.LANGUAGE_COOKIE_NAME, language), ("keshen_theme", theme)):
        if value:
            response.set_cookie(cookie, value, max_age=365 * 86400, samesite="Lax")
    if request.user.is_authenticated:
        change_preferences(request.user, language=language, theme=theme)
    return response


def _close_connection() -> None:
    """Close the connection of the thread this runs in."""
    connection.close()


async def stream(request: HttpRequest) -> HttpResponse:
    """The live stream: `change` for a recorded event, `job` for work that moved, `presence` for who is where, and
    `lost` when a screen must load afresh. With `?since=`, the page's mark, it begins with what happened meanwhile.
    """
    user = await request.auser()
    if not isinstance(user, User):
        return HttpResponseForbidden()
    user = await User.objects.select_related("organisation").aget(pk=user.pk)
    # a stream lasts for hours: it must not keep the database connection that let the person in
    await sync_to_async(_close_connection)()
    since = request.GET.get("since", "")
    point = int(since) if since.isascii() and since.isdigit() and len(since) < 19 else None
    return StreamingHttpResponse(
        live.hub().stream(user, point),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Encoding": "identity"},
    )


@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    """The person's screen says where they are: `subject`, a URN, and `mode` (read, edit, gone)."""
    subject, mode = request.POST.get("subject", ""), request.POST.get("mode", "")
    if not subject.startswith("urn:newsml:") or len(subject) > 200 or mode not in ("read", "edit", "gone"):
        return HttpResponse(status=400)
    live.say_present(request.user, subject, mode)
    return HttpResponse(status=204)
