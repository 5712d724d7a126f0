"""`keshen wire`: what clients take, how they read it, and why one got a story or did not."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from keshen.house.terminal import fail, person, refuse
from keshen.wire.command import As, Json, _print, _story, app, subscriber


def _client(slug: str) -> Any:
    from keshen.wire.models import Subscriber

    found = Subscriber.objects.filter(slug=slug).select_related("product").first()
    if found is None:
        raise fail(f"There is no subscriber {slug}.")
    return found


def _product(slug: str) -> Any:
    from keshen.wire.models import Product

    found = Product.objects.filter(slug=slug).first()
    if found is None:
        raise fail(f"There is no product {slug}. There are: {', '.join(p.slug for p in Product.objects.all())}.")
    return found


@subscriber.command("take")
def take(
    slug: Annotated[str, typer.Argument(help="Short name of the client.")],
    product: Annotated[str, typer.Argument(help="Short name of the product it takes.")],
    territory: Annotated[list[str] | None, typer.Option(help="Where it uses it, e.g. KZ; again for each.")] = None,
    since: Annotated[str, typer.Option("--from", help="Start of the contract, ISO 8601 with zone.")] = "",
    until: Annotated[str, typer.Option(help="End of the contract, ISO 8601 with zone.")] = "",
    daily: Annotated[int | None, typer.Option(help="Stories a day at most.")] = None,
    monthly: Annotated[int | None, typer.Option(help="Stories a month at most.")] = None,
    delay: Annotated[int, typer.Option(help="Minutes after publication.")] = 0,
    media: Annotated[list[str] | None, typer.Option(help="text or picture; all when not given.")] = None,
    advance: Annotated[bool, typer.Option(help="Before an embargo ends, marked with it.")] = False,
    as_user: As = "admin",
) -> None:
    """Have a client take a product on these terms, or change the terms."""
    from keshen.house.permissions import Denied
    from keshen.wire import subscriptions
    from keshen.wire.entitlements import Entitlement, EntitlementError

    windows = [[since or None, until or None]] if since or until else []
    given = {"windows": windows, "territories": territory, "daily": daily, "monthly": monthly,
             "delay_minutes": delay, "media": media, "advance": advance}  # fmt: skip
    try:
        subscriptions.subscribe(person(as_user), _client(slug), _product(product), Entitlement.from_json(given))
    except (EntitlementError, Denied) as problem:
        raise refuse(problem) from problem
    typer.echo(f"{slug} takes {product}")


@subscriber.command("leave")
def leave(
    slug: Annotated[str, typer.Argument(help="Short name of the client.")],
    product: Annotated[str, typer.Argument(help="Short name of the product.")],
    as_user: As = "admin",
) -> None:
    """End a client's subscription of a product."""
    from keshen.house.permissions import Denied
    from keshen.wire import actions, subscriptions

    try:
        subscriptions.unsubscribe(person(as_user), _client(slug), _product(product))
    except (actions.Mistaken, Denied) as problem:
        raise refuse(problem) from problem
    typer.echo(f"{slug} does not take {product}")


@subscriber.command("reading")
def reading(
    slug: Annotated[str, typer.Argument(help="Short name of the client.")],
    script: Annotated[str, typer.Option(help="Cyrl, Latn or Arab; as written when empty.")] = "",
    encoding: Annotated[str, typer.Option(help="Of plain text, e.g. windows-1251; UTF-8 when empty.")] = "",
    as_user: As = "admin",
) -> None:
    """Say in which script and encoding a client reads, from the next text on."""
    from keshen.house.permissions import Denied
    from keshen.wire import actions, subscriptions

    try:
        subscriptions.set_reading(person(as_user), _client(slug), script, encoding)
    except (actions.Mistaken, Denied) as problem:
        raise refuse(problem) from problem
    typer.echo(f"{slug} reads {script or 'as written'}, {encoding or 'utf-8'}")


@app.command("why")
def explain(
    story: Annotated[str, typer.Argument(help="Number or URN of the story.")],
    client: Annotated[str, typer.Argument(help="Short name of the client.")],
    as_json: Json = False,
) -> None:
    """Why a client got a story, or did not."""
    from keshen.wire.explaining import why
    from keshen.wire.reasons import VERDICTS, sentence

    answer = why(_client(client), _story(story))
    rows = [
        {
            "language": line.language,
            "version": line.number,
            "at": line.at.isoformat(timespec="seconds"),
            "key": line.finding.key,
            "text": sentence(line.finding),
        }
        for line in answer.lines
    ]
    if as_json:
        typer.echo(json.dumps({"verdict": answer.verdict.value, "lines": rows}, ensure_ascii=False))
        return
    typer.echo(str(VERDICTS[answer.verdict]))
    _print(rows, False)
