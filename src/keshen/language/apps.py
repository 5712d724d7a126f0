from django.apps import AppConfig


class LanguageConfig(AppConfig):
    name = "keshen.language"
    verbose_name = "Language"

    def ready(self) -> None:
        from keshen.language import permissions  # noqa: F401  registered at start
