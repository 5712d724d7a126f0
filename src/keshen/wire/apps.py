from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WireConfig(AppConfig):
    name = "keshen.wire"
    verbose_name = _("Wire")

    def ready(self) -> None:
        from keshen.house import alarms as house_alarms
        from keshen.house.outlets import register
        from keshen.wire import permissions, tasks  # noqa: F401  registered at start
        from keshen.wire.alarms import alarms
        from keshen.wire.alerts import tasks as alert_tasks  # noqa: F401  the alerts' clockwork
        from keshen.wire.intake import receive  # noqa: F401  says how what a source brought is read again
        from keshen.wire.intake import tasks as intake_tasks  # noqa: F401  the intake's clockwork
        from keshen.wire.outlets import WireOutlet

        register(WireOutlet())
        house_alarms.register(alarms)
