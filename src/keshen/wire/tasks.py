"""The wire's durable jobs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from keshen.house.jobs import JobContext, job
from keshen.house.models import User


@job("wire.put_out", label=_("Sending on the wire"))
def put_out(context: JobContext, *, version_id: int, actor_id: int) -> None:
    from keshen.wire import actions

    actions.put_out(User.objects.select_related("organisation").get(pk=actor_id), version_id)


@job("wire.kill", label=_("Killing on the wire"), attempts=20)
def kill(context: JobContext, *, story_id: int, actor_id: int) -> None:
    from keshen.wire import actions

    actions.send_kill(User.objects.select_related("organisation").get(pk=actor_id), story_id)
