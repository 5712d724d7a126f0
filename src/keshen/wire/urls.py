import re

from django.urls import path, re_path

from keshen.wire import feeds, hub, streams, views
from keshen.wire.formats.registry import BY_SUFFIX

app_name = "wire"
urlpatterns = [
    re_path(
        rf"^(?P<slug>[-a-z0-9_]+)\.(?P<suffix>{'|'.join(re.escape(suffix) for suffix in BY_SUFFIX)})$",
        feeds.feed,
        name="feed",
    ),
    path("<slug:slug>/stream", streams.stream, name="stream"),
    path("<slug:slug>/poll", streams.poll, name="poll"),
    path("<slug:slug>/replay", feeds.replay, name="replay"),
    path("hub", hub.hub, name="hub"),
    path("client/", views.client, name="client"),
]
