from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsroomConfig(AppConfig):
    name = "keshen.newsroom"
    verbose_name = _("Newsroom")

    def ready(self) -> None:
        from keshen.newsroom import permissions, tasks  # noqa: F401  registered at start
