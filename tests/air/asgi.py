"""The air's application alone, for tests that want a server and nothing else."""

import django

django.setup()

from keshen.air.server import application  # noqa: E402  needs Django's apps to be ready

__all__ = ["application"]
