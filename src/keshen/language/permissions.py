"""Who may decide how words are written in the derived scripts."""

from keshen.house.permissions import grant

grant(
    {
        "language.override": {"reporter", "translator", "editor", "chief", "system"},
        "language.change_lexicon": {"editor", "chief", "admin", "system"},
    }
)
