"""Who may attach terms, and who may say what unclear ones mean."""

from keshen.house.permissions import grant

grant(
    {
        "rights.attach": {"reporter", "translator", "editor", "chief", "admin", "system"},
        "rights.clarify": {"editor", "chief"},
    }
)
