"""`keshen air`: the schedule as files, in and out."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from keshen.air.scheduling.merging import Changed, Overlap
from keshen.house.terminal import console

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs instead of text.")]
As = Annotated[str, typer.Option("--as", help="Who acts: a login of the house.")]
Slug = Annotated[str, typer.Argument(help="Short name of the service, such as jibek-joly.")]


def add(app: typer.Typer) -> None:
    """Add these verbs to `keshen air`."""
    app.command("import")(import_)
    app.command("export")(export)


def import_(
    slug: Slug,
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="The file; - reads standard input.")],
    form: Annotated[str, typer.Option("--format", help="json, csv, m3u or xmltv.")] = "csv",
    at: Annotated[str, typer.Option(help="When the first row begins, where rows have no time.")] = "",
    overlap: Annotated[
        Overlap, typer.Option(help="Rows that overlap are refused, follow the one above, or cut it.")
    ] = Overlap.REFUSE,
    over: Annotated[bool, typer.Option("--over", help="What was placed in that time makes way.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what it would change.")] = False,
    as_user: As = "operator",
    as_json: Json = False,
) -> None:
    """Place what a file lists: all of it, or nothing, and the lines that are in the way are named."""
    from keshen.air import actions
    from keshen.air.commands.air import act, fail, moment, person, refuse, service
    from keshen.air.exchange import interchange
    from keshen.air.saying import REFUSALS, refusal
    from keshen.house.permissions import Denied

    start = moment(at) if at else None
    rules = actions.Rules(overlap, over)
    if not preview:
        act(
            lambda: actions.import_lines(
                person(as_user), service(slug), interchange.read(file.read(), form), start=start, rules=rules
            ),
            as_json,
            "placed",
        )
        return
    try:
        rows = interchange.read(file.read(), form)
        found = actions.preview_import(person(as_user), service(slug), rows, start=start, rules=rules)
    except REFUSALS as problem:
        raise fail(refusal(problem)) from problem
    except Denied as problem:
        raise refuse(problem) from problem
    _show(found.changes)
    for line, said in found.warnings:
        typer.echo(f"warning: line {line}: {said}")


def _show(changes: tuple[Changed, ...]) -> None:
    from keshen.air.saying import clock_time, name

    table = Table("line", "change", "what", "was", "now")
    for one in changes:
        now = f"{clock_time(one.now.start)} to {clock_time(one.now.end)}" if one.now else ""
        was = f"{clock_time(one.was.start)} to {clock_time(one.was.end)}"
        table.add_row(str(one.number or ""), one.kind, name(one.was), "" if one.number else was, now)
    console().print(table)
    if not changes:
        typer.echo("It would change nothing.")


def export(
    slug: Slug,
    form: Annotated[str, typer.Option("--format", help="json, csv, m3u, xmltv, bxf or as-run.bxf.")] = "csv",
    start: Annotated[str, typer.Option("--from", help="From this time; without it, from now.")] = "",
    hours: Annotated[float, typer.Option(help="For so many hours.", min=0.1, max=192)] = 24,
) -> None:
    """Write the schedule, or the as-run, to standard output."""
    from keshen.air import clock
    from keshen.air.commands.air import fail, moment, service
    from keshen.air.exchange import exporting
    from keshen.media.houseformat import TICKS_PER_HOUR

    if form not in exporting.MEDIA_TYPES:
        raise fail(f"{form} is none of {', '.join(exporting.MEDIA_TYPES)}")
    first = moment(start) if start else clock.tick()
    last = first + round(hours * TICKS_PER_HOUR)
    typer.echo(exporting.export(service(slug), form, first, last).decode())
