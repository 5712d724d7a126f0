"""`keshen wire`: what came in, clients, deliveries, what would be sent, and the pump."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from keshen.house.terminal import console, fail, person, refuse
from keshen.wire.intake import command as intake

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The agency wire: clients, deliveries, the pump.")
subscriber = typer.Typer(no_args_is_help=True, help="Clients of the wire.")
app.add_typer(subscriber, name="subscriber")
table_console = console()
app.add_typer(intake.source, name="source")
app.add_typer(intake.rules, name="rules")
app.command("incoming")(intake.incoming)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs instead of a table.")]
As = Annotated[str, typer.Option("--as", help="Who acts: a login of the house.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="What the channel needs besides, such as password=…; NAME=@FILE reads a file. May be repeated.",
    ),
]


def _options(settings: list[str] | None) -> dict[str, str]:
    found = {}
    for given in settings or []:
        name, equals, value = given.partition("=")
        if not equals:
            raise fail(f"{given} is not NAME=VALUE.")
        try:
            found[name] = Path(value[1:]).read_text().strip() + "\n" if value.startswith("@") else value
        except OSError as problem:
            raise fail(f"{value[1:]} cannot be read: {problem.strerror}.") from problem
    return found


def _story(given: str) -> Any:
    from django.db.models import Q

    from keshen.newsroom.models import Story

    number = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    found = Story.objects.filter(Q(pk=number) | Q(urn=given)).first()
    if found is None:
        raise fail(f"There is no story {given}. Give its number or its URN.")
    return found


@app.command("read")
def read(
    files: Annotated[list[Path], typer.Argument(help="What came in, in any format the house reads.", metavar="FILE…")],
    language: Annotated[str | None, typer.Option(help="BCP 47 tag when it cannot be told from the text.")] = None,
) -> None:
    """Print what is understood of files, one item a line as JSON, with warnings; nothing is stored.

    The exit code is 1 when something in them could not be read.
    """
    from keshen.newsroom.readers.files import read_file

    well = True
    for path in files:
        try:
            for row in read_file(path, language):
                well = well and row["outcome"] == "read"
                typer.echo(json.dumps(row, ensure_ascii=False))
        except OSError as error:
            well = False
            typer.echo(f"{path} cannot be read: {error.strerror}.", err=True)
    if not well:
        raise typer.Exit(1)


@subscriber.command("add")
def add_subscriber(
    name: Annotated[str, typer.Argument(help="What the client is called.")],
    product: Annotated[str, typer.Option(help="Short name of the product.")] = "all",
    format_name: Annotated[str, typer.Option("--format", help="ninjs, newsml or rss (fetched only).")] = "ninjs",
    push: Annotated[
        str,
        typer.Option(help="Address items are sent to (https: sftp: ftps: mailto: s3:); without it the client fetches."),
    ] = "",
    settings: Settings = None,
    as_user: As = "admin",
    as_json: Json = False,
) -> None:
    """Add a client. Its key, and the secret its pushes are signed with, are printed this once."""
    from keshen.house.permissions import Denied
    from keshen.wire import actions
    from keshen.wire.models import Product

    actor = person(as_user)
    selected = Product.objects.filter(slug=product).first()
    if selected is None:
        raise fail(f"There is no product {product}. There are: {', '.join(p.slug for p in Product.objects.all())}.")
    try:
        made, key = actions.add_subscriber(actor, name, selected, format_name, push, _options(settings))
    except (actions.Mistaken, Denied) as problem:
        raise refuse(problem) from problem
    feed = f"/wire/{product}.{made.form.suffix}"
    if as_json:
        typer.echo(json.dumps({"slug": made.slug, "key": key, "secret": made.secret, "feed": feed}))
        return
    typer.echo(f"subscriber {made.slug}")
    typer.echo(f"key        {key}")
    if made.secret:
        typer.echo(f"secret     {made.secret}")
    typer.echo(f"feed       {feed}   (Authorization: Bearer KEY)")
    typer.echo("Keep these: the key is not shown again.")


@subscriber.command("list")
def list_subscribers(as_json: Json = False) -> None:
    """Clients and how they stand."""
    from keshen.wire.models import Subscriber
    from keshen.wire.queries import waiting

    found = Subscriber.objects.select_related("product")
    due = waiting(found)
    rows = [
        {
            "slug": made.slug,
            "product": made.product.slug,
            "channel": made.channel,
            "format": made.format,
            "health": made.health,
            "waiting": due.get(made.pk, 0),
            "last_sequence": made.last_sequence,
            "reason": made.reason,
        }
        for made in found
    ]
    _print(rows, as_json)


@subscriber.command("resume")
def resume(
    slug: Annotated[str, typer.Argument(help="Short name of the client.")],
    push: Annotated[str, typer.Option(help="Another address to send to.")] = "",
    settings: Settings = None,
    as_user: As = "admin",
) -> None:
    """Send again to a suspended client, from where it stopped."""
    from keshen.house.permissions import Denied
    from keshen.wire import actions
    from keshen.wire.models import Subscriber

    made = Subscriber.objects.filter(slug=slug).first()
    if made is None:
        raise fail(f"There is no subscriber {slug}.")
    try:
        actions.resume(person(as_user), made, push, _options(settings))
    except (actions.Mistaken, Denied) as problem:
        raise refuse(problem) from problem
    typer.echo(f"{slug} is active")


@app.command()
def deliveries(
    story: Annotated[str, typer.Argument(help="Number or URN of the story.")], as_json: Json = False
) -> None:
    """Who was sent a story, when, and how that went."""
    from keshen.wire.models import Delivery

    found = Delivery.objects.filter(story=_story(story)).select_related("subscriber", "version__text").defer("payload")
    rows = [
        {
            "subscriber": row.subscriber.slug,
            "language": row.version.language,
            "version": row.version.number,
            "kill": row.is_kill,
            "state": row.state,
            "sequence": row.sequence,
            "attempts": row.attempts,
            "code": row.response_code,
            "seconds": round(row.seconds, 3) if row.seconds is not None else None,
            "reason": row.reason,
        }
        for row in found.order_by("subscriber__slug", "id")
    ]
    _print(rows, as_json)


@app.command()
def write(
    story: Annotated[str, typer.Argument(help="Number or URN of the story.")],
    format_name: Annotated[
        str, typer.Option("--format", help="ninjs, ninjs2, newsml, nitf, rss, atom, jsonfeed, text or mail.")
    ] = "ninjs",
    encoding: Annotated[str, typer.Option(help="Of plain text, e.g. windows-1251; default: UTF-8.")] = "",
    language: Annotated[str, typer.Option(help="BCP 47 tag, e.g. kk, kk-Latn, ru; default: the source's.")] = "",
) -> None:
    """Print what would be sent for a story now, byte for byte."""
    from keshen.newsroom.forms import tags_of
    from keshen.wire.compose import compose, wire_service
    from keshen.wire.formats.alphabets import ENCODINGS
    from keshen.wire.formats.registry import FORMATS

    if format_name not in FORMATS:
        raise fail(f"No such form: {format_name}. There are: {', '.join(FORMATS)}.")
    if encoding and encoding not in ENCODINGS:
        raise fail(f"No such encoding: {encoding}. There are: {', '.join(ENCODINGS)}.")
    found = _story(story)
    texts = found.texts.select_related("story__organisation", "published", "head")
    for text in texts:
        if not language or language in tags_of(text.language):
            version = text.head if found.killed_at and text.published else text.published or text.head
            if version is None:
                break
            version.text = text
            item = compose(version, wire_service(), language or None)
            sys.stdout.buffer.write(FORMATS[format_name].write(item, encoding) + b"\n")
            return
    raise fail(f"The story has no version in {language or 'any language'} yet.")


@app.command()
def pump() -> None:
    """Send to clients until stopped. Any number may run, on any machine of the house."""
    from keshen.wire.pump import run

    run()


def _print(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        typer.echo("nothing")
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    table_console.print(table)


from keshen.wire import command_clients  # noqa: E402, F401  its commands are registered with these
