"""Every public address, room by room."""

from django.urls import include, path

from keshen.config.api import api
from keshen.config.health import healthz

urlpatterns = [
    path("healthz", healthz),
    path("api/", api.urls),
    path("control/", include("keshen.house.urls")),
    path("control/", include("keshen.control.urls")),
    path("control/stories/", include("keshen.newsroom.urls")),
    path("control/wire/", include("keshen.wire.control_urls")),
    path("wire/", include("keshen.wire.urls")),
    path("", include("keshen.site.urls")),
]

handler404 = "keshen.site.views.errors.not_found"
handler500 = "keshen.site.views.errors.server_error"
