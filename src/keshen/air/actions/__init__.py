"""The air's verbs. Each takes the service's lock, reads the clock under it, and ends within two seconds."""

from keshen.air.actions.lay import lay, lay_anew, plan
from keshen.air.actions.locking import EDIT_MS, LAID_TICKS, LOCK, PLANNED_TICKS, TooSlow, service_urn
from keshen.air.actions.news import enter, shelve_item, take_out
from keshen.air.actions.shelf import set_week, stock
from keshen.air.actions.withdrawal import withdraw

__all__ = [
    "EDIT_MS",
    "LAID_TICKS",
    "LOCK",
    "PLANNED_TICKS",
    "TooSlow",
    "enter",
    "lay",
    "lay_anew",
    "plan",
    "service_urn",
    "set_week",
    "shelve_item",
    "stock",
    "take_out",
    "withdraw",
]
