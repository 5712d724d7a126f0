"""How the air speaks to an operator: times to the second, and why an edit cannot stand, with what to do."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.air.actions.locking import TooSlow
from keshen.air.exchange.interchange import Unreadable
from keshen.air.log.laying import NothingToPlay
from keshen.air.scheduling.schedule import Conflict, Line
from keshen.air.scheduling.template import TemplateError
from keshen.house.models import in_language
from keshen.house.words import spoken
from keshen.media.houseformat import datetime_at
from keshen.media.marks import BadMark

REFUSALS = (Conflict, TooSlow, NothingToPlay, TemplateError, Unreadable, BadMark)
"""What an edit of the schedule may raise, for `refusal`."""


def clock_time(tick: int) -> str:
    """A tick as the time of day in the house's zone, to the second."""
    return f"{timezone.localtime(datetime_at(tick)):%H:%M:%S}"


def name(line: Line | None) -> str:
    if line is None:
        return _("nothing")
    return in_language(dict(line.titles)) or (_("fillers") if line.is_weak else _("a line without a name"))


def refusal(problem: Exception) -> str:
    """Why an edit was refused; nothing was changed by it."""
    if isinstance(problem, Unreadable):
        lines = [_("line %(line)d: %(said)s") % {"line": line, "said": spoken(said)} for line, said in problem.problems]
        return _("Nothing was taken in.") + "\n" + "\n".join(lines)
    if not isinstance(problem, Conflict):
        return str(problem)
    values = {
        "name": name(problem.line),
        "time": clock_time(problem.line.start) if problem.line else "",
        "free": clock_time(problem.free) if problem.free is not None else "",
    }
    match problem.code:
        case "frozen" if problem.free is not None:
            said = _("Too late: what airs before %(free)s is frozen. Choose a later time, or break in.")
        case "frozen":
            said = _("Too late: it is frozen already.")
        case "occupied":
            said = _("%(name)s is on then, from %(time)s. There is room at %(free)s.")
        case "hard":
            said = _("It would run into %(name)s, which starts hard at %(time)s. Trim it, or choose another time.")
        case "changed":
            said = _("Somebody changed this meanwhile: %(name)s is there now. Nothing of theirs was lost; look again.")
        case "outdated":
            said = _("The schedule changed since you looked. Nothing was taken in; look at what it would change now.")
        case "too-short":
            said = _("Too short: an entry lasts at least 0.96 s.")
        case "not-ready":
            said = _("This media is not ready to air.")
        case "filler":
            said = _("Fillers follow what is around them. Place something there instead.")
        case "nothing":
            said = _("There is nothing of yours to undo.")
        case "denied":
            said = _("Rights do not allow it now.")
        case "ends":
            said = _("%(name)s ends by itself at %(free)s, before anything can be changed.")
        case "no-break-in":
            said = _("There is no break-in to return from.")
        case _:
            said = _("The schedule does not allow it.")
    return said % values
