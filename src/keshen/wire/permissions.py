"""Who may do what on the wire."""

from keshen.house.permissions import grant

grant(
    {
        "wire.see": {"reporter", "translator", "editor", "chief", "operator", "admin", "system"},
        "wire.manage": {"chief", "admin", "system"},
        "wire.resume": {"editor", "chief", "operator", "admin", "system"},
    }
)
