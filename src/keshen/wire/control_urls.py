from django.urls import path

from keshen.wire import client_views, views
from keshen.wire.agenda import views as agenda
from keshen.wire.intake import rule_views
from keshen.wire.intake import views as intake

app_name = "wire-control"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("products/add/", views.add_product, name="add-product"),
    path("subscribers/add/", views.add_subscriber, name="add-subscriber"),
    path("subscribers/<slug:slug>/", views.subscriber, name="subscriber"),
    path("subscribers/<slug:slug>/do/", views.subscriber_action, name="subscriber-action"),
    path("subscribers/<slug:slug>/terms/", client_views.client_terms, name="client-terms"),
    path("why/", client_views.why, name="why"),
    path("deliveries/", views.deliveries, name="deliveries"),
    path("deliveries/<int:pk>/", views.delivery, name="delivery"),
    path("deliveries/<int:pk>/payload", views.payload, name="payload"),
    path("deliveries/<int:pk>/retry/", views.retry, name="retry"),
    path("stories/<int:pk>/reconsider/", views.reconsider, name="reconsider"),
    path("agenda/", agenda.agenda, name="agenda"),
    path("agenda/add/", agenda.add, name="agenda-add"),
    path("agenda/<int:pk>/withdraw/", agenda.withdraw, name="agenda-withdraw"),
    path("incoming/", intake.incoming, name="incoming"),
    path("incoming/<int:pk>/", intake.incoming, name="item"),
    path("incoming/<int:pk>/original", intake.item_original, name="item-original"),
    path("incoming/<int:pk>/do/<str:verb>/", intake.item_verb, name="item-verb"),
    path("sources/", intake.sources, name="sources"),
    path("sources/add/", intake.add_source, name="add-source"),
    path("sources/<slug:slug>/", intake.source, name="source"),
    path("sources/<slug:slug>/do/", intake.source_verb, name="source-verb"),
    path("rules/", rule_views.rules, name="rules"),
    path("rules/new/", rule_views.rule, name="new-rule"),
    path("rules/dry-run/", rule_views.dry_run, name="dry-run"),
    path("rules/<int:pk>/", rule_views.rule, name="rule"),
    path("rules/<int:pk>/<str:verb>/", rule_views.rule_verb, name="rule-verb"),
]
