from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "keshen.house"
    verbose_name = "The house"

    def ready(self) -> None:
        from keshen.house import permissions, tasks  # noqa: F401  registered at start
