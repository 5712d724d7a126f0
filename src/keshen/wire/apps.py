from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WireConfig(AppConfig):
    name = "keshen.wire"
    verbose_name = _("Wire")

    def ready(self) -> None:
        from keshen.house.outlets import register
        from keshen.wire import permissions, tasks  # noqa: F401  registered at start
        from keshen.wire.outlets import WireOutlet

        register(WireOutlet())
