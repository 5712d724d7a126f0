"""`keshen wire source`, `incoming` and `rules`: the wire's intake from a terminal or a script."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from keshen.house.terminal import console, fail, person, refuse

source = typer.Typer(no_args_is_help=True, help="Where items come from.")
rules = typer.Typer(no_args_is_help=True, help="Which desk items go to.")
table_console = console()

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs instead of a table.")]
As = Annotated[str, typer.Option("--as", help="Who acts: a login of the house.")]


@source.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What the source is called.")],
    channel: Annotated[str, typer.Option(help="feed, push, folder, or another way in.")] = "feed",
    address: Annotated[str, typer.Option(help="Where it is: https://…, a folder; empty when it sends to us.")] = "",
    username: Annotated[str, typer.Option(help="Name that lets us in.")] = "",
    secret: Annotated[str, typer.Option(help="Password or key that lets us in.", envvar="KESHEN_SOURCE_SECRET")] = "",
    desk: Annotated[str, typer.Option(help="Desk for what no rule routes.")] = "",
    language: Annotated[str, typer.Option(help="BCP 47 tag when it cannot be told from the words.")] = "",
    terms: Annotated[list[str] | None, typer.Option(help="A restriction on all that comes; may be repeated.")] = None,
    every: Annotated[int, typer.Option(help="Seconds between looks.")] = 60,
    setting: Annotated[list[str] | None, typer.Option(help="name=value of the channel; may be repeated.")] = None,
    as_user: As = "admin",
    as_json: Json = False,
) -> None:
    """Add a source. The key of one that sends to us is printed this once."""
    from keshen.house.permissions import Denied
    from keshen.wire.intake import sourcing

    actor = person(as_user)
    try:
        made, key = sourcing.add_source(
            actor, name, channel, address, username=username, secret=secret, desk=_desk(desk), language=language,
            restrictions=terms or [], every=every, settings=_settings(setting or []),
        )  # fmt: skip
    except (sourcing.Mistaken, Denied) as problem:
        raise refuse(problem) from problem
    if as_json:
        typer.echo(json.dumps({"slug": made.slug, "key": key}))
        return
    typer.echo(f"source {made.slug}")
    if key:
        typer.echo(f"key    {key}\nSend to /api/v1/wire/in with Authorization: Bearer KEY. The key is not shown again.")


@source.command("list")
def list_sources(as_json: Json = False) -> None:
    """Sources and how they stand."""
    from keshen.wire.intake.models import Source

    rows = [
        {
            "slug": made.slug,
            "channel": made.channel,
            "address": made.address,
            "health": made.health,
            "failures": made.failures,
            "looked_at": made.looked_at.isoformat(timespec="seconds") if made.looked_at else None,
            "reason": made.reason,
        }
        for made in Source.objects.all()
    ]
    _print(rows, as_json)


@source.command("look")
def look(
    slug: Annotated[str, typer.Argument(help="Short name of the source.")], as_user: As = "admin", as_json: Json = False
) -> None:
    """Look at a source now and print what came, item by item."""
    from keshen.house.permissions import permit
    from keshen.wire.intake.looking import look_at

    found = _source(slug)
    permit(person(as_user), "wire.look", found)
    looked = look_at(found.pk, now=True)
    if looked is None:
        raise fail(f"{slug} is paused, or the house does not go and look there.")
    _print([{"outcome": "", **each.to_json()} for each in looked.received], as_json)
    if looked.problem:
        raise fail(looked.problem)


@source.command("pause")
def pause(
    slug: Annotated[str, typer.Argument(help="Short name of the source.")],
    reason: Annotated[str, typer.Option(help="Why; the next shift reads it.")],
    as_user: As = "admin",
) -> None:
    """Look no more until somebody resumes it."""
    from keshen.house.permissions import Denied
    from keshen.wire.intake import sourcing

    try:
        sourcing.pause(person(as_user), _source(slug), reason)
    except (sourcing.Mistaken, Denied) as problem:
        raise refuse(problem) from problem
    typer.echo(f"{slug} is paused")


@source.command("resume")
def resume(slug: Annotated[str, typer.Argument(help="Short name of the source.")], as_user: As = "admin") -> None:
    """Look again from now on."""
    from keshen.wire.intake import sourcing

    sourcing.resume(person(as_user), _source(slug))
    typer.echo(f"{slug} is active")


def incoming(
    state: Annotated[str, typer.Option(help="new, taken, merged, dropped, replaced or all.")] = "new",
    source_slug: Annotated[str, typer.Option("--source", help="Short name of a source.")] = "",
    limit: Annotated[int, typer.Option(help="How many at most.")] = 50,
    as_json: Json = False,
) -> None:
    """What came in on the wire, newest first."""
    from keshen.wire.intake import queries
    from keshen.wire.intake.models import IncomingItem

    found = queries.filtered(
        IncomingItem.objects.select_related("source", "desk"), {"state": state, "source": source_slug}
    )
    rows = [
        {
            "id": item.pk,
            "source": item.source.slug,
            "language": item.language,
            "headline": item.headline,
            "desk": item.desk.slug if item.desk else "",
            "state": item.state,
            "received": item.received_at.isoformat(timespec="seconds"),
        }
        for item in found[:limit]
    ]
    _print(rows, as_json)


@rules.command("list")
def list_rules(as_json: Json = False) -> None:
    """The rules in their order; the first that fits decides."""
    from keshen.wire.intake.models import Rule

    rows = [
        {
            "id": rule.pk,
            "name": rule.name,
            "on": rule.is_on,
            "conditions": json.dumps(rule.conditions, ensure_ascii=False),
            "act": rule.act,
            "desk": rule.desk.slug if rule.desk else "",
        }
        for rule in Rule.objects.select_related("desk")
    ]
    _print(rows, as_json)


@rules.command("add")
def add_rule(
    name: Annotated[str, typer.Argument(help="What the rule is called.")],
    conditions: Annotated[
        str, typer.Option(help='JSON, such as {"languages": ["ru"], "words": ["парламент"]}.')
    ] = "{}",
    act: Annotated[str, typer.Option(help="route, take or drop.")] = "route",
    desk: Annotated[str, typer.Option(help="Short name of the desk.")] = "",
    as_user: As = "editor",
) -> None:
    """Add a rule, asked after all others."""
    from keshen.house.permissions import Denied
    from keshen.wire.intake import ruling

    try:
        made = ruling.keep(person(as_user), ruling.drafted(name, json.loads(conditions), act, _desk(desk)))
    except (ValueError, Denied) as problem:
        raise refuse(problem) from problem
    typer.echo(f"rule {made.pk}")


@rules.command("dry-run")
def dry_run(
    day: Annotated[str, typer.Option(help="YYYY-MM-DD; yesterday unless said.")] = "", as_json: Json = False
) -> None:
    """Hold the rules in force against a day's traffic and say for each item which rule decides and why."""
    from django.utils import timezone

    from keshen.wire.intake import queries, route
    from keshen.wire.intake.models import IncomingItem

    try:
        wanted = datetime.strptime(day, "%Y-%m-%d").date() if day else timezone.localdate() - timedelta(days=1)
    except ValueError as error:
        raise fail(f"{day} is no day; write it as 2026-11-23.") from error
    start, end = queries.day(wanted)
    items = queries.traffic(IncomingItem.objects.select_related("source", "desk"), start, end, 2000)
    tried = route.dry_run([(rule, rule.rule) for rule in route.rules_on()], items)
    rows: list[dict[str, Any]] = [
        {
            "item": each.item.pk,
            "headline": each.item.headline[:60],
            "went": each.item.desk.slug if each.item.desk else "",
            "rule": each.rule.name if each.rule else "",
            "would_go": each.rule.desk.slug if each.rule and each.rule.desk else "",
            "why": each.why,
        }
        for each in tried
    ]
    if not as_json:
        for row in rows:
            row["why"] = "; ".join(_said(step) for step in row["why"])
    _print(rows, as_json)


def _said(step: dict[str, Any]) -> str:
    checks = [f"{'+' if check['fits'] else '-'}{check['part']}" for check in step["checks"]]
    return f"{step['name']}: {' '.join(checks) or 'asks nothing'}"


def _settings(given: list[str]) -> dict[str, str]:
    parts = [each.partition("=") for each in given]
    return {name.strip(): value.strip() for name, _equals, value in parts}


def _source(slug: str) -> Any:
    from keshen.wire.intake.models import Source

    found = Source.objects.select_related("organisation", "desk").filter(slug=slug).first()
    if found is None:
        raise fail(f"There is no source {slug}. `keshen wire source list` shows those there are.")
    return found


def _desk(slug: str) -> Any:
    from keshen.house.models import Desk

    if not slug:
        return None
    found = Desk.objects.filter(slug=slug).first()
    if found is None:
        raise fail(f"There is no desk {slug}. There are: {', '.join(Desk.objects.values_list('slug', flat=True))}.")
    return found


def _print(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        typer.echo("nothing")
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*("" if row.get(name) is None else str(row.get(name)) for name in rows[0]))
    table_console.print(table)
