"""The air's verbs. Each takes the service's lock, reads the clock under it, and ends within two seconds."""

from keshen.air.actions.desk import break_in, return_, skip
from keshen.air.actions.format import set_profile
from keshen.air.actions.importing import Preview, Rules, import_lines, preview_import
from keshen.air.actions.lay import lay, lay_anew, lay_standby
from keshen.air.actions.locking import EDIT_MS, LAID_TICKS, LOCK, PLANNED_TICKS, TooSlow, service_urn
from keshen.air.actions.losses import find, lose
from keshen.air.actions.marking import REFINE, mark, refine, set_logo
from keshen.air.actions.news import enter, shelve_item, take_out
from keshen.air.actions.planning import plan
from keshen.air.actions.protection import protect
from keshen.air.actions.schedule import Done, fix, insert, move, redo, remove, trim, undo
from keshen.air.actions.shelf import set_week, stock
from keshen.air.actions.withdrawal import withdraw

__all__ = [
    "EDIT_MS",
    "LAID_TICKS",
    "LOCK",
    "PLANNED_TICKS",
    "REFINE",
    "Done",
    "Preview",
    "Rules",
    "TooSlow",
    "break_in",
    "enter",
    "find",
    "fix",
    "import_lines",
    "insert",
    "lay",
    "lay_anew",
    "lay_standby",
    "lose",
    "mark",
    "move",
    "plan",
    "preview_import",
    "protect",
    "redo",
    "refine",
    "remove",
    "return_",
    "service_urn",
    "set_logo",
    "set_profile",
    "set_week",
    "shelve_item",
    "skip",
    "stock",
    "take_out",
    "trim",
    "undo",
    "withdraw",
]
