from django.urls import path

from keshen.control.views import air, as_run, conformance, dashboard, desk, files, find, jobs, log, rights, variants

app_name = "control"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("on-air.json", air.on_air, name="on-air"),
    path("find", find.find, name="find"),
    path("air/", desk.desk, name="air"),
    path("air/wall/", air.wall, name="wall"),
    path("air/still/<int:asset>/<int:tick>.jpg", desk.still, name="still"),
    path("air/<slug:slug>/board.json", desk.data, name="board"),
    path("air/<slug:slug>/shelf.json", desk.shelf, name="shelf"),
    path("air/<slug:slug>/do/<str:verb>/", desk.do, name="desk"),
    path("air/<slug:slug>/import/", files.import_, name="import"),
    path("air/<slug:slug>/export/", files.export, name="export"),
    path("air/<slug:slug>/as-run/", as_run.as_run, name="as-run"),
    path("air/<slug:slug>/as-run/<str:day>.json", as_run.record, name="as-run-record"),
    path("air/<slug:slug>/conformance/", conformance.conformance, name="conformance"),
    path("air/<slug:slug>/variants/", variants.variants, name="variants"),
    path("air/<slug:slug>/clip/", variants.clip, name="clip"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/alarms", jobs.alarms, name="alarms"),
    path("jobs/<int:pk>/<str:verb>/", jobs.do, name="job"),
    path("log/", log.log, name="log"),
    path("rights/", rights.rights, name="rights"),
    path("rights/<int:pk>/clarify/", rights.clarify, name="clarify"),
]
