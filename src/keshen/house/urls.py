from django.urls import path

from keshen.house import views

app_name = "house"
urlpatterns = [
    path("control/sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("control/sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("control/preferences/", views.preferences, name="preferences"),
    path("control/live", views.stream, name="live"),
    path("control/presence/", views.presence, name="presence"),
]
