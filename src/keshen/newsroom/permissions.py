"""Who may do what to stories."""

from keshen.house.permissions import grant

WRITERS = {"reporter", "translator", "editor", "chief", "system"}
EDITORS = {"editor", "chief", "system"}

grant(
    {
        "newsroom.see": WRITERS | {"operator", "admin"},
        "newsroom.write": WRITERS,
        "newsroom.submit": WRITERS,
        "newsroom.ingest": WRITERS,
        "newsroom.approve": EDITORS,
        "newsroom.publish": EDITORS,
        "newsroom.correct": EDITORS,
        "newsroom.kill": EDITORS,
    }
)
