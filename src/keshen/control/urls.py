from django.urls import path

from keshen.control.views import air, dashboard, find, jobs, log, rights

app_name = "control"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("on-air.json", air.on_air, name="on-air"),
    path("find", find.find, name="find"),
    path("air/", air.schedule, name="air"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/alarms", jobs.alarms, name="alarms"),
    path("jobs/<int:pk>/<str:verb>/", jobs.do, name="job"),
    path("log/", log.log, name="log"),
    path("rights/", rights.rights, name="rights"),
    path("rights/<int:pk>/clarify/", rights.clarify, name="clarify"),
]
