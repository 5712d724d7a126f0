"""Who may do what on the air."""

from keshen.house.permissions import grant

OPERATORS = {"operator", "chief", "admin", "system"}

grant(
    {
        "air.see": {"reporter", "translator", "editor", "chief", "operator", "admin", "system"},
        "air.lay": OPERATORS,
        "air.schedule": OPERATORS,
        "air.protect": {"chief", "admin", "system"},
        "air.stock": OPERATORS,
        "air.news": {"editor", "chief", "system"},
        "air.withdraw": {"editor", "chief", "operator", "admin", "system"},
    }
)
