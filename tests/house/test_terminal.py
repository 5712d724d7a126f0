"""What a terminal is shown are the story's words, whatever they look like to the library that prints them."""

from __future__ import annotations

from rich.table import Table

from keshen.house.terminal import console


def test_words_that_look_like_markup_are_printed_as_they_are() -> None:
    said = ["ninjs 3.1 [kk]", "Тақырып [/b] [red]", ":dog:"]
    table = Table(box=None)
    for _ in said:
        table.add_column()
    table.add_row(*said)
    shown = console()
    with shown.capture() as caught:
        shown.print(table)
        shown.print(said[1])
    for words in said:
        assert words in caught.get()
