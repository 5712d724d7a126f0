"""The newsroom's durable jobs."""

from django.utils.translation import gettext_lazy as _

from keshen.house.jobs import JobContext, job
from keshen.house.models import User


@job("newsroom.release", label=_("Publishing at the embargo's end"))
def release(context: JobContext, *, text_id: int, version_id: int, actor_id: int) -> None:
    from keshen.newsroom import actions
    from keshen.newsroom.models import Text

    actor = User.objects.select_related("organisation").get(pk=actor_id)
    actions.release(actor, Text.objects.get(pk=text_id), version_id)
