"""What the scripts of the schedule, the wall and the dashboard say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

DAYS = _("Mon|Tue|Wed|Thu|Fri|Sat|Sun")
"""Not Django's own: in its Kazakh catalogue Tuesday is written as people write Saturday."""

ALARM_WORDS: Mapping[str, Any] = {
    "silence": _("silence"),
    "black": _("black"),
    "freeze": _("freeze"),
    "no_air": _("no air"),
    "standby": _("standby on the air"),
    "none": _("no alarm"),
}
"""What a monitor says of its channel's air."""

WORDS: Mapping[str, Any] = {
    "days": DAYS,
    "on": _("on air"),
    "next": _("next"),
    "ready": _("ready"),
    "frozen": _("frozen"),
    "planned": _("planned"),
    "aired": _("aired"),
    "placed": _("placed by hand"),
    "hard": _("hard start"),
    "break": _("break-in"),
    "pending": _("being saved"),
    "waits": _("cut or marks being prepared"),
    "mark_logo": _("Logo"),
    "mark_age": _("Age rating"),
    "mark_repeat": _("Repeat"),
    "mark_lower-third": _("Lower third"),
    "mark_sponsor": _("Sponsor"),
    "mark": _("marks"),
    "logo": _("Logo"),
    "nothing": _("Nothing is planned here. Place something with i."),
    "fills": _("filler"),
    "empty_day": _("No line stands here; the weekly template and its fillers play."),
    "moving": _(
        "Moving {name}: {time}. Arrows move it, Shift with arrows by a tick, Enter puts it there, Esc leaves it."
    ),
    "left": _("{name} stays where it is."),
    "frozen_drop": _("What airs before {time} is frozen. Nothing was moved."),
    "kept": _("Not saved yet: {name}. It is kept here and sent when the connection is back."),
    "seconds": _("{n} s"),
    "length": _("{length} from {start} to {end}"),
    "more": _("{n} more; search for them"),
    "no_media": _("Nothing of that name is ready."),
    "out": _("Out"),
    "in": _("In"),
    "back_at": _("back to the schedule at {time}"),
    "cut_at": _("Now: on the air from {time}"),
    "insert": _("placing"),
    "move": _("moving"),
    "trim": _("trimming"),
    "remove": _("taking out"),
    "fix": _("hard start"),
    "undo": _("undo"),
    "redo": _("redo"),
    "skip": _("skip"),
    "break-in": _("breaking in"),
    "return": _("return"),
    "skip_title": _("Skip"),
    "skip_consequence": _("What is on the air ends at {time}; what follows comes so much sooner."),
    **ALARM_WORDS,
}
