from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ControlConfig(AppConfig):
    name = "keshen.control"
    verbose_name = _("Control room")

    def ready(self) -> None:
        from keshen.control import places

        places.furnish()
