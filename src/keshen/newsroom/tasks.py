"""The newsroom's durable jobs."""

from django.utils.translation import gettext_lazy as _

from keshen.house.jobs import JobContext, job


@job("newsroom.release", label=_("Publishing at the embargo's end"))
def release(context: JobContext, *, text_id: int, version_id: int, actor_id: int) -> None:
    from keshen.newsroom import actions

    actions.release(text_id, version_id, actor_id)
