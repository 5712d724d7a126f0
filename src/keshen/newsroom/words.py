"""Words the editor's own script says, in the interface's language."""

from __future__ import annotations

from django.utils.translation import gettext as _


def editor_words() -> dict[str, str]:
    """The words by the names the script knows them by; `{name}` places are filled there."""
    return {
        "saving": _("Saving…"),
        "saved": _("Saved {time}"),
        "kept": _("Not with the house yet: kept in this browser, sent again by itself"),
        "conflict": _("Somebody else saved this text"),
        "settle": _("Settle first what somebody else saved: see above the text."),
        "restored": _("What you had typed here is back."),
        "write": _("Write the story"),
        "body": _("Body"),
        "alt": _("What it shows"),
        "caption": _("Caption"),
        "remove": _("Remove {name}"),
        "linkform": _("A link begins with https://, http:// or mailto:"),
    }
