"""The house's application, where an edit of the schedule has the time a busy machine needs for it."""

import keshen.config.asgi as house
from keshen.air.actions import locking

locking.EDIT_MS = 600_000
application = house.application

__all__ = ["application"]
