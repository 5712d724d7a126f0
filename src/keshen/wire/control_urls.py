from django.urls import path

from keshen.wire import views

app_name = "wire-control"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("products/add/", views.add_product, name="add-product"),
    path("subscribers/add/", views.add_subscriber, name="add-subscriber"),
    path("subscribers/<slug:slug>/", views.subscriber, name="subscriber"),
    path("subscribers/<slug:slug>/do/", views.subscriber_action, name="subscriber-action"),
    path("deliveries/", views.deliveries, name="deliveries"),
    path("deliveries/<int:pk>/", views.delivery, name="delivery"),
    path("deliveries/<int:pk>/payload", views.payload, name="payload"),
    path("deliveries/<int:pk>/retry/", views.retry, name="retry"),
    path("stories/<int:pk>/reconsider/", views.reconsider, name="reconsider"),
]
