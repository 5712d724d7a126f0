"""`keshen air`: variants, what they show instead, which languages are there, and clips of what aired."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.table import Table

from keshen.house import terminal

console = terminal.console()

Slug = Annotated[str, typer.Argument(help="Short name of the service, such as silk-way.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs instead of text.")]
As = Annotated[str, typer.Option("--as", help="Who acts: a login of the house.")]


def add(app: typer.Typer) -> None:
    """Add these verbs to `keshen air`."""
    app.command("variants")(show)
    app.command("offer")(offer)
    app.command("languages")(languages)
    app.command("clip")(clip)


def show(slug: Slug, as_json: Json = False) -> None:
    """Who may not see something that is laid, and what they are shown instead."""
    from keshen.air import clock
    from keshen.air.audiences import substitutes
    from keshen.air.commands import air as command

    service = command.service(slug)
    rows = substitutes.listed(service, clock.tick())
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("start", "what", "not for", "instead", "why")
    for row in rows:
        table.add_row(row["at"], row["title"], row["audience"], row["instead"] or "not prepared", row["why"])
    console.print(table)
    if not rows:
        typer.echo("Everything that is laid may be seen everywhere the service reaches.")


def offer(
    slug: Slug,
    file: Annotated[typer.FileBinaryRead | None, typer.Argument(help="A JSON file; - reads standard input.")] = None,
    as_user: As = "operator",
) -> None:
    """Print what the variants of a service show instead of what is denied, or set it from a file."""
    from keshen.air.audiences import substitutes
    from keshen.air.audiences.offers import OfferError
    from keshen.air.commands import air as command
    from keshen.air.models import Offer
    from keshen.house.permissions import Denied

    service = command.service(slug)
    if file is not None:
        try:
            substitutes.set_offer(command.person(as_user), service, json.loads(file.read()))
        except (OfferError, Denied, ValueError) as problem:
            raise command.fail(str(problem)) from problem
    row = Offer.objects.filter(service=service).first()
    body: Any = row.body if row else {"instead": [{"play": "standby"}], "languages": {}}
    typer.echo(json.dumps(body, ensure_ascii=False, indent=1))


def languages(
    slug: Slug,
    hours: Annotated[float, typer.Option(help="For so many hours ahead.", min=0.1, max=48)] = 24,
    as_json: Json = False,
) -> None:
    """Which languages of sound and captions are there for what comes, and what stands in for the missing."""
    from keshen.air.audiences import readiness
    from keshen.air.commands import air as command

    rows = readiness.board(command.service(slug), hours)
    if as_json:
        typer.echo(json.dumps([row.to_json() for row in rows], ensure_ascii=False))
        return
    table = Table("start", "what", "sound", "captions", "state")
    for row in rows:
        table.add_row(
            row.at.strftime("%H:%M:%S"),
            row.title,
            " ".join(cell.said for cell in row.sounds),
            " ".join(cell.said for cell in row.captions),
            str(row.worst.label),
        )
    console.print(table)


def clip(
    slug: Slug,
    start: Annotated[str, typer.Argument(help="From: 14:05:30 or 2026-11-23T14:05:30.")],
    end: Annotated[str, typer.Argument(help="To, in the same form.")],
    title: Annotated[str, typer.Option(help="What the clip is called.")] = "",
    as_user: As = "operator",
    as_json: Json = False,
) -> None:
    """Keep what aired from one time to another as an asset, with its rights."""
    from keshen.air import clips
    from keshen.air.commands import air as command
    from keshen.house.permissions import Denied

    service = command.service(slug)
    first, last = command.moment(start), command.moment(end)
    try:
        made = clips.request(command.person(as_user), service, first, last, title=title)
    except (clips.NotKept, Denied) as problem:
        raise command.fail(str(problem)) from problem
    if as_json:
        typer.echo(json.dumps({"asset": made.pk, "urn": made.urn, "title": made.title}, ensure_ascii=False))
    else:
        typer.echo(f"asset {made.pk}: {made.title} is being made; `keshen jobs` says how far.")
