from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AirConfig(AppConfig):
    name = "keshen.air"
    verbose_name = _("Air")

    def ready(self) -> None:
        from keshen.air import outlets, permissions, programmes, tasks

        outlets.register()
        programmes.register()
        _registered = (permissions, tasks)
