from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ControlConfig(AppConfig):
    name = "keshen.control"
    verbose_name = _("Control room")

    def ready(self) -> None:
        from keshen.control import places
        from keshen.control.views.conformance import for_the_frame
        from keshen.house import alarms

        places.furnish()
        alarms.register(for_the_frame)
