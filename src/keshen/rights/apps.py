from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "keshen.rights"
    verbose_name = "Rights"

    def ready(self) -> None:
        from keshen.rights import permissions  # noqa: F401  registered at start
