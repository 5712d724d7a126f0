from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "keshen.media"
    verbose_name = "Media"

    def ready(self) -> None:
        from keshen.media import permissions, tasks  # noqa: F401  registered at start
