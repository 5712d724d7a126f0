from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    name = "keshen.site"
    label = "site"
    verbose_name = _("Site")

    def ready(self) -> None:
        from keshen.house import outlets
        from keshen.site import tasks  # noqa: F401  registers the site's jobs
        from keshen.site.outlets import SiteOutlet

        outlets.register(SiteOutlet())
