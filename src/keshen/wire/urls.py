import re

from django.urls import path, re_path

from keshen.wire import feeds, hub, media, streams
from keshen.wire.formats.registry import BY_SUFFIX
from keshen.wire.intake import listening
from keshen.wire.portal import account, agenda, alerts, live, state, stream

app_name = "wire"
urlpatterns = [
    path("client/", stream.home, name="client"),
    path("client/live", live.live, name="client-live"),
    path("client/topics/", stream.topics, name="client-topics"),
    path("client/items/<int:number>/", stream.item, name="client-item"),
    path("client/items/<int:number>.<str:suffix>", stream.item, name="client-file"),
    path("client/replay", stream.replay, name="client-replay"),
    path("client/alerts/", alerts.alerts, name="client-alerts"),
    path("client/alerts/add/", alerts.add, name="client-alert-add"),
    path("client/alerts/<int:pk>/end/", alerts.end, name="client-alert-end"),
    path("client/alerts/confirm", alerts.confirm, name="alert-confirm"),
    path("client/alerts/end", alerts.end_by_mail, name="alert-end-by-mail"),
    path("client/agenda/", agenda.agenda, name="client-agenda"),
    path("client/agenda.ics", agenda.calendar, name="client-calendar"),
    path("client/account/", account.account, name="client-account"),
    path("client/usage-<str:month>.csv", account.usage, name="client-usage"),
    path("client/key/", account.new_key, name="client-key"),
    path("client/test/", account.test_send, name="client-test"),
    path("client/leave/", stream.leave, name="client-leave"),
    re_path(r"^media/(?P<sha256>[0-9a-f]{64})$", media.media, name="media"),
    path("status/", state.status, name="status"),
    re_path(
        rf"^(?P<slug>[-a-z0-9_]+)\.(?P<suffix>{'|'.join(re.escape(suffix) for suffix in BY_SUFFIX)})$",
        feeds.feed,
        name="feed",
    ),
    path("<slug:slug>/stream", streams.stream, name="stream"),
    path("<slug:slug>/poll", streams.poll, name="poll"),
    path("<slug:slug>/plan.xml", feeds.plan, name="plan"),
    path("<slug:slug>/agenda.ics", agenda.fetched, name="agenda"),
    path("<slug:slug>/replay", feeds.replay, name="replay"),
    path("hub", hub.hub, name="hub"),
    path("heard/<str:token>", listening.heard, name="heard"),
]
