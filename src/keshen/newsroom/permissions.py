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
        "newsroom.hold": EDITORS,
        "newsroom.kill": EDITORS,
    }
)
# What goes out, goes out on the house's own services: a partner's editor submits, and may take its own story back.
grant({"newsroom.publish": EDITORS, "newsroom.correct": EDITORS}, of_the_house=True)
