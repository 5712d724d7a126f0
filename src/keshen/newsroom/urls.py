from django.urls import path

from keshen.newsroom import views
from keshen.newsroom.views import arrivals, editing, pictures, updates

app_name = "newsroom"
urlpatterns = [
    path("", views.stories, name="list"),
    path("new/", editing.new, name="new"),
    path("quarantine/", arrivals.quarantine, name="quarantine"),
    path("quarantine/<int:pk>/original", arrivals.original, name="original"),
    path("quarantine/<int:pk>/retry/", arrivals.retry, name="quarantine-retry"),
    path("updates/", updates.waiting, name="updates"),
    path("updates/<int:pk>/", updates.settle, name="update"),
    path("kept/", updates.kept, name="kept"),
    path("kept/<int:pk>/original", updates.kept_original, name="kept-original"),
    path("pictures/", pictures.shelf, name="pictures"),
    path("pictures/<str:urn>/", pictures.picture, name="picture"),
    path("<int:pk>/", views.stories, name="story"),
    path("<int:pk>/add/<str:language>/", editing.add, name="add"),
    path("<int:pk>/<str:language>/", editing.edit, name="edit"),
    path("<int:pk>/<str:language>/draft/", editing.draft, name="draft"),
    path("<int:pk>/<str:language>/scripts/", editing.scripts, name="scripts"),
    path("<int:pk>/<str:language>/do/<str:verb>/", editing.do, name="do"),
]
