from django.urls import path

from keshen.house import views

app_name = "house"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("preferences/", views.preferences, name="preferences"),
    path("live", views.stream, name="live"),
    path("presence/", views.presence, name="presence"),
]
