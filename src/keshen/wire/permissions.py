"""Who may do what on the wire."""

from keshen.house.permissions import grant

grant(
    {
        "wire.see": {"reporter", "translator", "editor", "chief", "operator", "admin", "system"},
        "wire.manage": {"chief", "admin", "system"},
        "wire.triage": {"reporter", "translator", "editor", "chief", "system"},
        "wire.rules": {"editor", "chief", "system"},
        "wire.sources": {"chief", "admin", "system"},
        "wire.look": {"editor", "chief", "operator", "admin", "system"},
        "wire.receive": {"system"},
        "wire.resume": {"editor", "chief", "operator", "admin", "system"},
    }
)
