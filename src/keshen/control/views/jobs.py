"""Jobs: what is under way, what waits, what failed and why; another try, or a stop."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Case, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from keshen.control.subjects import with_subjects
from keshen.house import jobs as work
from keshen.house.alarms import alarms_for
from keshen.house.gate import needs, part
from keshen.house.models import Job, User
from keshen.newsroom.views.editing import said

PAGE = 50
SHOWN = 12


def under_way(person: User) -> list[Job]:
    """What runs, then what waits, oldest first."""
    order = Case(When(state=Job.State.RUNNING, then=Value(0)), default=Value(1))
    rows = work.seen_by(person).filter(state__in=(Job.State.RUNNING, Job.State.WAITING)).order_by(order, "id")
    return with_subjects(rows[:SHOWN])


def failed(person: User) -> QuerySet[Job]:
    """What failed and still waits for a person, newest first."""
    return work.seen_by(person).filter(state=Job.State.FAILED).order_by("-finished_at", "-id")


@require_safe
@needs("house.see_control")
def jobs(request: HttpRequest) -> HttpResponse:
    """Every job, by state; the part `jobs` can be asked for alone."""
    rows = work.seen_by(request.user).select_related("created_by")
    state = request.GET.get("state", "")
    if state in Job.State.values:
        rows = rows.filter(state=state)
    if query := request.GET.get("q", "").strip():
        rows = rows.filter(subject__icontains=query) | rows.filter(name__icontains=query)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "here": "control:jobs",
        "jobs": with_subjects(page.object_list),
        "page": page,
        "wanted": request.GET,
        "states": Job.State.choices,
        "alarms": alarms_for(request.user),
    }
    return render(request, "control/job_rows.html" if part(request) == "jobs" else "control/jobs.html", context)


@require_safe
@needs("house.see_control")
def alarms(request: HttpRequest) -> HttpResponse:
    """How many things want a person, for the top bar."""
    return render(
        request, "house/partials/alarms.html", {"alarms": failed(request.user).count() + len(alarms_for(request.user))}
    )


@require_POST
@needs("house.manage_jobs")
def do(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Retry a job that failed, or stop one that waits or runs."""
    job = get_object_or_404(work.seen_by(request.user).select_related("created_by"), pk=pk)
    if verb == "retry":
        work.retry(request.user, job)
        return said(_("It is tried again."))
    if verb == "cancel":
        work.cancel(request.user, job, request.POST.get("reason", ""))
        return said(_("It is stopped, at once or at its next look."))
    raise Http404
