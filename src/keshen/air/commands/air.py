"""`keshen air`: the schedule, and what an operator does to the air at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from keshen.house.terminal import console, fail, person, refuse

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The air: schedule, break-in, skip, return.")
table_console = console()

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs instead of text.")]
As = Annotated[str, typer.Option("--as", help="Who acts: a login of the house.")]
Slug = Annotated[str, typer.Argument(help="Short name of the service, such as jibek-joly.")]
Why = Annotated[str, typer.Option("--reason", help="Why, for the log.")]

Territory = Annotated[str, typer.Option(help="For one territory, such as KZ.")]
Platform = Annotated[str, typer.Option(help="For one platform, such as web.")]


def service(slug: str) -> Any:
    from keshen.air.serving import load

    services = load.services()
    found = next((one for one in services if one.slug == slug), None)
    if found is None:
        raise fail(f"There is no service {slug} on the air. There are: {', '.join(one.slug for one in services)}.")
    return found


def variant(of: Any, territory: str, platform: str) -> Any:
    """The variant of a service for a territory and a platform."""
    from keshen.air.audiences import variants
    from keshen.air.serving import load

    try:
        return variants.read({"territory": territory, "platform": platform}, load.offered(of))
    except variants.NoSuchVariant as problem:
        raise fail(str(problem)) from problem


def moment(given: str) -> int:
    """The tick of a time: `14:05`, `14:05:30` (today, the house's zone) or an ISO date and time."""
    from django.utils import timezone

    from keshen.media.houseformat import tick_at

    try:
        if len(given) <= 8:
            hours, minutes, *rest = (int(part) for part in given.split(":"))
            now = timezone.localtime()
            at = now.replace(hour=hours, minute=minutes, second=rest[0] if rest else 0, microsecond=0)
        else:
            at = datetime.fromisoformat(given)
            at = at if at.tzinfo else at.replace(tzinfo=timezone.get_default_timezone())
        return tick_at(at)
    except ValueError:
        raise fail(f"{given} is not a time. Write 14:05, 14:05:30 or 2026-11-23T14:05:00.") from None


def act(verb: Callable[[], Any], as_json: bool, said: str) -> None:
    """Run a verb and say to the second what it did; a refusal ends with 1."""
    from keshen.air.saying import REFUSALS, clock_time, refusal
    from keshen.house.permissions import Denied
    from keshen.media.houseformat import datetime_at

    try:
        done = verb()
    except REFUSALS as problem:
        raise fail(refusal(problem)) from problem
    except Denied as problem:
        raise refuse(problem) from problem
    if as_json:
        shown = {"start": datetime_at(done.start).isoformat(), "end": datetime_at(done.end).isoformat()}
        typer.echo(json.dumps({**shown, "warnings": list(done.warnings), "event": done.event}, ensure_ascii=False))
        return
    typer.echo(f"{said}: {clock_time(done.start)} to {clock_time(done.end)}")
    for warning in done.warnings:
        typer.echo(f"warning: {warning}")


@app.command("schedule")
def schedule(
    slug: Slug,
    start: Annotated[str, typer.Option("--from", help="From this time; without it, from now.")] = "",
    hours: Annotated[float, typer.Option(help="For so many hours.", min=0.1, max=192)] = 3,
    as_json: Json = False,
) -> None:
    """What is laid, placed and planned."""
    from keshen.air import board, clock
    from keshen.air.saying import clock_time
    from keshen.media.houseformat import TICKS_PER_HOUR, seconds

    first = moment(start) if start else clock.tick()
    found = board.board(service(slug), first, first + round(hours * TICKS_PER_HOUR))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    table = Table("start", "length", "what", "kind", "state")
    for part in found["parts"]:
        frozen = part["state"] == "laid" and part["start"] < found["frozen"]
        marks = " ".join(word for word in ("hard" if part["hard"] else "", "placed" if part["placed"] else "") if word)
        state = "frozen" if frozen else part["state"]
        length = f"{seconds(part['ticks']):.2f} s"
        table.add_row(clock_time(part["start"]), length, part["title"], part["kind"], f"{state} {marks}".strip())
    table_console.print(table)


@app.command("place")
def place(
    slug: Slug,
    asset: Annotated[int, typer.Argument(help="Number of the asset.")],
    at: Annotated[str, typer.Argument(help="When: 14:05, 14:05:30 or 2026-11-23T14:05:00.")],
    hard: Annotated[bool, typer.Option("--hard", help="It starts then, whatever is put before it.")] = False,
    first: Annotated[float, typer.Option("--from", help="Seconds of the asset it begins after.", min=0)] = 0,
    last: Annotated[float, typer.Option("--to", help="Seconds of the asset it ends after; 0 for its end.", min=0)] = 0,
    as_user: As = "operator",
    as_json: Json = False,
) -> None:
    """Place an asset on the schedule, whole or a part of it."""
    from keshen.air import actions
    from keshen.media.houseformat import seconds

    begin, end = round(first / seconds(1)), round(last / seconds(1)) or None
    act(
        lambda: actions.insert(
            person(as_user), service(slug), start=moment(at), asset=asset, first=begin, last=end, hard=hard
        ),
        as_json,
        "placed",
    )


@app.command("mark")
def mark(
    slug: Slug,
    at: Annotated[str, typer.Argument(help="When the entry begins: 14:05, 14:05:30 or 2026-11-23T14:05:00.")],
    logo: Annotated[bool, typer.Option("--logo", help="The service's logo.")] = False,
    age: Annotated[str, typer.Option(help="An age rating, such as 12+.")] = "",
    repeat: Annotated[bool, typer.Option("--repeat", help="The mark of a repeat, in the service's language.")] = False,
    third: Annotated[list[str] | None, typer.Option("--lower-third", help="Headline, or headline|place.")] = None,
    sponsor: Annotated[str, typer.Option(help="A sponsor's line.")] = "",
    first: Annotated[float, typer.Option("--from", help="Seconds of the entry after which they appear.", min=0)] = 0,
    lasting: Annotated[float, typer.Option("--for", help="For so many seconds; 0 for all of it.", min=0)] = 0,
    as_user: As = "operator",
    as_json: Json = False,
) -> None:
    """Draw over an entry, in place of what it had; without options everything is taken away."""
    from keshen.air import actions
    from keshen.media.houseformat import seconds

    tick = seconds(1)
    times: dict[str, Any] = {"first": round(first / tick)}
    if lasting:
        times["last"] = round((first + lasting) / tick)
    rows: list[dict[str, Any]] = [{"kind": "logo"}] if logo else []
    rows += [{"kind": "age", "text": age}] if age else []
    rows += [{"kind": "repeat"}] if repeat else []
    for one in third or ():
        headline, _bar, place = one.partition("|")
        rows.append({"kind": "lower-third", "text": headline.strip(), "second": place.strip()})
    rows += [{"kind": "sponsor", "text": sponsor}] if sponsor else []
    given = [{**row, **(times if row["kind"] != "logo" else {})} for row in rows]
    act(lambda: actions.mark(person(as_user), service(slug), start=moment(at), marks=given), as_json, "marked")


@app.command("logo")
def logo(
    slug: Slug,
    text: Annotated[str | None, typer.Option(help="The name it shows.")] = None,
    picture: Annotated[Path | None, typer.Option(help="A PNG file it shows instead.", exists=True)] = None,
    corner: Annotated[str | None, typer.Option(help="top-left, top-right, bottom-left or bottom-right.")] = None,
    size: Annotated[int | None, typer.Option(help="Width in per cent of the picture.")] = None,
    opacity: Annotated[int | None, typer.Option(help="In per cent.")] = None,
    burn: Annotated[str | None, typer.Option(help="Drawn over nothing (never), what is named, or always.")] = None,
    as_user: As = "operator",
) -> None:
    """Show a service's logo, or set it. `always` has everything that is placed encoded once more; see the operator's
    documents for what that costs."""
    from keshen.air import actions, branding
    from keshen.air.saying import REFUSALS, refusal
    from keshen.media.graphics.overlays import checked_logo
    from keshen.media.graphics.shots import PictureUnreadable
    from keshen.media.store import house_store

    given: dict[str, Any] = {"text": text, "corner": corner, "size": size, "opacity": opacity, "burn": burn}
    try:
        if picture is not None:
            given["picture"] = house_store().put(checked_logo(picture.read_bytes()))
        found = service(slug)
        held = branding.logo(found)
        if any(value is not None for value in given.values()):
            held = actions.set_logo(person(as_user), found, given)
    except (*REFUSALS, PictureUnreadable) as problem:
        raise fail(refusal(problem)) from problem
    typer.echo(json.dumps(branding.settings_of(held), ensure_ascii=False))


@app.command("undo")
def undo(slug: Slug, as_user: As = "operator", as_json: Json = False) -> None:
    """Take back the last edit of the schedule that this person made."""
    from keshen.air import actions

    act(lambda: actions.undo(person(as_user), service(slug)), as_json, "undone")


@app.command("serve")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at.", min=1, max=65535)] = 8081,
) -> None:
    """Serve what is below /air/, and /healthz, and nothing else: a node for viewers, beside the house's web process."""
    from keshen.air.serving import node

    node.serve(host, port)


@app.command("skip")
def skip(slug: Slug, reason: Why = "", as_user: As = "operator", as_json: Json = False) -> None:
    """End what is on the air at the first place beyond the freeze."""
    from keshen.air import actions

    act(lambda: actions.skip(person(as_user), service(slug), reason), as_json, "skipped; filled")


@app.command("break-in")
def break_in(
    slug: Slug,
    assets: Annotated[list[int] | None, typer.Argument(help="Numbers of the clips, in order.")] = None,
    news: Annotated[bool, typer.Option("--news", help="Break in with a bulletin.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Afterwards go on where the programme was left.")] = False,
    reason: Why = "",
    as_user: As = "operator",
    as_json: Json = False,
) -> None:
    """Put clips or a bulletin on the air at once, and return by itself."""
    from keshen.air import actions

    act(
        lambda: actions.break_in(
            person(as_user), service(slug), assets=assets or (), news=news, resume=resume, reason=reason
        ),
        as_json,
        "on the air",
    )


@app.command("return")
def return_(slug: Slug, reason: Why = "", as_user: As = "operator", as_json: Json = False) -> None:
    """End a break-in and go back to the schedule."""
    from keshen.air import actions

    act(lambda: actions.return_(person(as_user), service(slug), reason), as_json, "back")


@app.command("sign")
def sign(
    slug: Slug,
    hours: Annotated[float, typer.Option(help="How long it plays.", min=0.01, max=8784)] = 4,
    territory: Territory = "",
    platform: Platform = "",
) -> None:
    """Addresses that play a restricted channel for some hours: its playlist, and the site's own player.

    With a territory or a platform, the playlist of that variant alone.
    """
    import time

    from django.conf import settings

    from keshen.house import admission

    until = int(time.time() + hours * 3600)
    found = service(slug)
    place = "watch" if found.kind == "tv" else "listen"
    of = variant(found, territory, platform)
    base = admission.sign(settings.SECRET_KEY, found.slug, until, territory=of.territory, platform=of.platform)
    typer.echo(f"{settings.KESHEN_URL}{base}/index.m3u8")
    if of.territory or of.platform:
        return
    admits = admission.token(settings.SECRET_KEY, found.slug, until)
    typer.echo(f"{settings.KESHEN_URL}/{place}/{found.slug}?pass={admits}")


@app.command("profile")
def profile(
    slug: Slug,
    name: Annotated[str, typer.Argument(help="720, 1080, 50, 720-30, 720-2997 or hevc.")],
    as_user: As = "admin",
) -> None:
    """Give a channel that has not aired yet its house profile: which renditions of the picture it has."""
    from django.core.exceptions import ValidationError

    from keshen.air import actions
    from keshen.house.permissions import Denied
    from keshen.media.profiles import PROFILES

    try:
        actions.set_profile(person(as_user), service(slug), name)
    except (ValidationError, Denied, actions.TooSlow) as problem:
        raise fail(" ".join(getattr(problem, "messages", [str(problem)]))) from problem
    typer.echo(f"{slug}: {PROFILES[name].label}")


@app.command("protect")
def protect(
    slug: Slug,
    method: Annotated[str, typer.Argument(help="aes-128, cbcs or none.")],
    as_user: As = "admin",
) -> None:
    """Encrypt a channel, or leave it clear, from the next segment on that nobody has been told of."""
    from keshen.air import actions
    from keshen.air.protection import keys
    from keshen.air.saying import clock_time
    from keshen.house.permissions import Denied

    if method not in list(keys.Method):
        raise fail(f"{method} is none of {', '.join(keys.Method)}.")
    try:
        since = actions.protect(person(as_user), service(slug), keys.Method(method))
    except (Denied, actions.TooSlow) as problem:
        raise fail(str(problem)) from problem
    typer.echo(f"{slug}: {method} from {clock_time(since)}" if since else f"{slug}: {method} from the beginning")


@app.command("as-run")
def as_run(
    slug: Slug,
    day: Annotated[str, typer.Argument(help="The day, such as 2026-03-01.")],
    territory: Territory = "",
    platform: Platform = "",
) -> None:
    """Print what a channel, or one of its variants, showed on a day, sealed with the house's key."""
    from datetime import date

    from keshen.air.proof import day_record

    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise fail(f"{day} is not a day; write it like 2026-03-01.") from None
    from keshen.air.audiences import variants
    from keshen.air.serving import load

    shown = service(slug)
    of = variant(shown, territory, platform)
    whom = variants.audience(of.territory, of.platform or load.offered(shown).platform)
    plain = whom == load.offered(shown).everywhere
    typer.echo(day_record.sealed(shown, wanted, "" if plain else whom).decode(), nl=False)


@app.command("verify")
def verify(path: Annotated[Path, typer.Argument(help="A sealed as-run.", exists=True, dir_okay=False)]) -> None:
    """Check that a sealed as-run was not changed, and say whose key sealed it."""
    from django.conf import settings

    from keshen.air.proof import seal

    try:
        record, key = seal.opened(path.read_bytes())
    except seal.BrokenSeal as problem:
        raise refuse(problem) from None
    ours = key == seal.public(seal.house_key(settings.SECRET_KEY))
    whose = "this house" if ours else f"another house, whose key is {key}"
    typer.echo(f"{record.get('service')}, {record.get('day')}: unchanged; sealed by {whose}.")


def _more() -> None:
    """The verbs of variants, of the past, of files and of publishing stand beside these."""
    from keshen.air.commands import files as file_commands
    from keshen.air.commands import publish as publish_command
    from keshen.air.commands import variants as variant_commands

    variant_commands.add(app)
    file_commands.add(app)
    publish_command.add(app)


_more()
