"""Who may do what with media."""

from keshen.house.permissions import grant

grant(
    {
        "media.add": {"reporter", "translator", "editor", "chief", "operator", "admin", "system"},
        "media.change": {"reporter", "editor", "chief", "operator", "admin", "system"},
        "media.make": {"editor", "chief", "operator", "admin", "system"},
        "media.quarantine": {"editor", "chief", "operator", "admin", "system"},
    }
)
