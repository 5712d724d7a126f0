import re

from django.urls import path, re_path

from keshen.wire import feeds, hub, portal, streams
from keshen.wire.formats.registry import BY_SUFFIX
from keshen.wire.intake import listening

app_name = "wire"
urlpatterns = [
    path("client/", portal.home, name="client"),
    path("client/items/<int:number>/", portal.item, name="client-item"),
    path("client/items/<int:number>.<str:suffix>", portal.item, name="client-file"),
    path("client/replay", portal.replay, name="client-replay"),
    path("client/key/", portal.new_key, name="client-key"),
    path("client/test/", portal.test_send, name="client-test"),
    path("client/leave/", portal.leave, name="client-leave"),
    path("status/", portal.status, name="status"),
    re_path(
        rf"^(?P<slug>[-a-z0-9_]+)\.(?P<suffix>{'|'.join(re.escape(suffix) for suffix in BY_SUFFIX)})$",
        feeds.feed,
        name="feed",
    ),
    path("<slug:slug>/stream", streams.stream, name="stream"),
    path("<slug:slug>/poll", streams.poll, name="poll"),
    path("<slug:slug>/plan.xml", feeds.plan, name="plan"),
    path("<slug:slug>/replay", feeds.replay, name="replay"),
    path("hub", hub.hub, name="hub"),
    path("heard/<str:token>", listening.heard, name="heard"),
]
