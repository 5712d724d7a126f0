"""Who may do what: one table of verbs and roles, filled by each room at start; nothing is allowed that is not in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from keshen.house.models import User

ROLES: Mapping[str, Any] = {
    "reporter": gettext_lazy("Reporter"),
    "translator": gettext_lazy("Translator"),
    "editor": gettext_lazy("Editor"),
    "chief": gettext_lazy("Chief editor"),
    "operator": gettext_lazy("Channel operator"),
    "admin": gettext_lazy("Administrator"),
    "system": gettext_lazy("The system"),
}

_verbs: dict[str, frozenset[str]] = {}
_of_the_house: set[str] = set()


class Denied(PermissionDenied):
    """The acting person may not do this; the message says which permission is missing and who can help."""


def grant(table: Mapping[str, Iterable[str]], *, of_the_house: bool = False) -> None:
    """Add a room's verbs; with `of_the_house`, those that only people of the house and its parts may give.

    Raises ValueError for a role that does not exist or a verb granted twice.
    """
    for verb, roles in table.items():
        unknown = set(roles) - set(ROLES)
        if unknown:
            raise ValueError(f"{verb}: no such role {sorted(unknown)}; the roles are {sorted(ROLES)}")
        if verb in _verbs:
            raise ValueError(f"{verb} is granted by two rooms")
        _verbs[verb] = frozenset(roles)
        if of_the_house:
            _of_the_house.add(verb)


def allowed(actor: User, verb: str, obj: object = None) -> bool:
    """Whether `actor` may do `verb` to `obj`.

    An object that has an `organisation` may be touched only by people of that organisation and by the house's own
    (an organisation of kind `house`), so that a partner sees no more than its own.
    """
    if not actor.is_authenticated or not actor.is_active:
        return False
    if not _verbs.get(verb, frozenset()).intersection(actor.roles):
        return False
    if verb in _of_the_house and actor.is_partner:
        return False
    owner = getattr(obj, "organisation_id", None)
    return owner is None or actor.organisation_id == owner or actor.is_of_the_house


def permit(actor: User, verb: str, obj: object = None) -> None:
    """Raise `Denied` unless `actor` may do `verb` to `obj`."""
    if allowed(actor, verb, obj):
        return
    if verb in _of_the_house and getattr(actor, "is_partner", False):
        raise Denied(
            _("Only editors of the house may do this (%(verb)s). Submit the text: the house's desk goes on from there.")
            % {"verb": verb}
        )
    else:
        raise Denied(
            _("%(person)s may not do this (%(verb)s). An administrator can grant a role that may: %(roles)s.")
            % {
                "person": getattr(actor, "username", "") or _("Somebody not signed in"),
                "verb": verb,
                "roles": ", ".join(sorted(_verbs.get(verb, ()))) or "-",
            }
        )


grant(
    {
        "house.manage": {"admin", "system"},
        "house.see_log": {"editor", "chief", "operator", "admin"},
        "house.see_control": {"reporter", "translator", "editor", "chief", "operator", "admin"},
        "house.manage_jobs": {"editor", "chief", "operator", "admin", "system"},
    }
)
