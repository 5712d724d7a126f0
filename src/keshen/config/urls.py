"""Every public address, room by room."""

from importlib.util import find_spec

from django.urls import include, path

from keshen.config.api import api
from keshen.config.health import healthz

ROOMS = [
    ("control/", "keshen.house.urls"),
    ("control/", "keshen.control.urls"),
    ("control/stories/", "keshen.newsroom.urls"),
    ("control/wire/", "keshen.wire.control_urls"),
    ("wire/", "keshen.wire.urls"),
    ("", "keshen.site.urls"),
]

urlpatterns = [
    path("healthz", healthz),
    path("api/", api.urls),
    *(path(prefix, include(module)) for prefix, module in ROOMS if find_spec(module)),
]

if find_spec("keshen.site.views"):
    handler404 = "keshen.site.views.errors.not_found"
    handler500 = "keshen.site.views.errors.server_error"
