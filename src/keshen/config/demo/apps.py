from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "keshen.config.demo"
    label = "demo"
    verbose_name = "The demo house"

    def ready(self) -> None:
        from keshen.config.demo import tasks  # noqa: F401  registered at start
