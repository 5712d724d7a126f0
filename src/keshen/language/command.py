"""`keshen transliterate`: Kazakh from standard input in another script. It needs neither database nor settings."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from keshen.language.derive import TAGS, converter
from keshen.language.kazakh.letters import LATIN
from keshen.language.kazakh.settings import LatinAlphabet, Settings

app = typer.Typer(add_completion=False)


@app.command()
def transliterate(
    to: Annotated[str, typer.Option("--to", help="kk-Latn or kk-Arab")],
    variant: Annotated[str, typer.Option("--variant", help="Latin alphabet: 2021, 2018 or 2004")] = "2021",
) -> None:
    """Write standard input, Kazakh in Cyrillic, in Latin or Arabic script."""
    if to not in TAGS:
        raise typer.BadParameter(f"{to}: use one of {', '.join(TAGS)}", param_hint="--to")
    if variant not in LATIN:
        raise typer.BadParameter(f"{variant}: use one of {', '.join(LATIN)}", param_hint="--variant")
    alphabet: LatinAlphabet = variant  # type: ignore[assignment]  # checked against the table above
    convert = converter(to, Settings(latin=alphabet))
    try:
        source = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        typer.echo(f"The input is not UTF-8 ({error.reason} at byte {error.start}). Convert it first.", err=True)
        raise typer.Exit(1) from None
    sys.stdout.buffer.write(convert.text(source).encode())


if __name__ == "__main__":
    app()
