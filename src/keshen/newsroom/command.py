"""`keshen ingest` and `keshen story`: what the screens do, from a terminal or a script."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from keshen.house.terminal import console, fail, person, refuse

WAIT_SECONDS = 300.0
ARRIVED = Text("✓", "green")
STATE_MARKS = {"out": ARRIVED, "blocked": Text("‖", "yellow"), "failed": Text("!", "red"), "killed": Text("✕", "red")}
WARNING = Text("! ", "yellow")

table_console = console()
errors = Console(stderr=True)
story = typer.Typer(no_args_is_help=True, help="Show, correct or kill a story of the house.")

As = Annotated[str, typer.Option("--as", help="Who acts: a login of the house, e.g. editor.")]
Wait = Annotated[bool, typer.Option("--wait", help="Watch the public addresses until it has arrived everywhere.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs instead of tables.")]
Timeout = Annotated[float, typer.Option("--timeout", help="Seconds to wait at most.")]


def ingest(
    files: Annotated[
        list[Path], typer.Argument(help="What came in, in any format `keshen wire read` reads.", metavar="FILE…")
    ],
    as_user: As,
    language: Annotated[str | None, typer.Option(help="BCP 47 tag when it cannot be told from the text.")] = None,
    publish: Annotated[bool, typer.Option("--publish", help="Publish at once; the user is responsible.")] = False,
    wait: Wait = False,
    as_json: Json = False,
    timeout: Timeout = WAIT_SECONDS,
) -> None:
    """Take stories in from files, keep the original bytes, and with --publish send them out everywhere."""
    actor = person(as_user)
    from keshen.house.words import spoken
    from keshen.newsroom import actions
    from keshen.newsroom.ingest import Held, Noted, take

    started = time.monotonic()
    rows: list[dict[str, Any]] = []
    published: list[int] = []
    refused = False
    for path in files:
        try:
            data = path.read_bytes()
        except OSError as error:
            rows.append({"file": path.name, "outcome": "unreadable", "reason": f"{error.strerror}: {path}"})
            refused = True
            continue
        for result in take(actor, path.name, data, language=language):
            row = {"file": path.name, **result.to_json()}
            if isinstance(result, Held):
                refused = True
            elif isinstance(result, Noted):
                rows.append(row)
                continue
            elif publish and result.publishable:
                try:
                    actions.publish(actor, result.text)
                    row["state"] = result.text.__class__.objects.get(pk=result.text.pk).state
                    published.append(result.text.story_id)
                except _refusals() as error:
                    row["not_published"] = spoken(error)
                    refused = True
            elif result.duplicate:
                published.append(result.text.story_id)
            rows.append(row)
    if not as_json:
        _print_taken(rows)
    arrivals = _arrivals(published, wait=wait and bool(published), timeout=timeout, since=started, quiet=as_json)
    if as_json:
        for row in rows:
            if "id" in row:
                row["outlets"] = arrivals.get(row["id"], [])
        typer.echo(json.dumps({"stories": rows}, ensure_ascii=False, indent=2))
    if refused:
        raise typer.Exit(1)


@story.command("show")
def show(
    story_id: Annotated[str, typer.Argument(metavar="ID", help="The story's number or URN.")],
    as_user: As,
    wait: Wait = False,
    as_json: Json = False,
    timeout: Timeout = WAIT_SECONDS,
) -> None:
    """A story: its texts and versions, and everywhere it is."""
    actor = person(as_user)
    from keshen.house.permissions import Denied, permit

    found = _story(story_id)
    try:
        permit(actor, "newsroom.see", found)
    except Denied as error:
        raise refuse(error) from error
    _report(found, wait=wait, as_json=as_json, timeout=timeout)


@story.command("correct")
def correct(
    story_id: Annotated[str, typer.Argument(metavar="ID", help="The story's number or URN.")],
    as_user: As,
    text: Annotated[Path, typer.Option("--text", help="A file with the corrected text, headline first.")],
    note: Annotated[str, typer.Option("--note", help="What is corrected; readers and clients see it.")],
    language: Annotated[str | None, typer.Option(help="Which text; the source when not said.")] = None,
    hold: Annotated[
        list[str] | None, typer.Option(help="A translation (its language) or packages (radio, television) to hold.")
    ] = None,
    keep: Annotated[list[str] | None, typer.Option(help="A translation or packages to keep until revised.")] = None,
    wait: Wait = False,
    as_json: Json = False,
    timeout: Timeout = WAIT_SECONDS,
) -> None:
    """Publish a correction from a file.

    What becomes of each published translation and of packages in use is asked on a terminal, unless said with --hold
    and --keep; elsewhere translations are kept and packages held.
    """
    actor = person(as_user)
    from keshen.newsroom import actions
    from keshen.newsroom.ingest import content_of

    found = _story(story_id)
    target = _text(found, language)
    try:
        content = content_of(text.read_bytes(), text.name, keeping=target.working)
        saved = actions.save_draft(actor, target, content, target.draft_revision)
    except OSError as error:
        raise fail(f"{text} cannot be read: {error.strerror}.") from error
    except _refusals() as error:
        raise refuse(error) from error
    held, kept = _answers(target, hold or [], keep or [])
    with _reported(found, wait=wait, as_json=as_json, timeout=timeout):
        actions.correct(actor, saved, note, hold=held, keep=kept)


@story.command("kill")
def kill(
    story_id: Annotated[str, typer.Argument(metavar="ID", help="The story's number or URN.")],
    as_user: As,
    note: Annotated[str, typer.Option("--note", help="Why; every client is told. It cannot be undone.")],
    wait: Wait = False,
    as_json: Json = False,
    timeout: Timeout = WAIT_SECONDS,
) -> None:
    """Kill a story: take it down everywhere and tell everyone who was sent it."""
    actor = person(as_user)
    from keshen.newsroom import actions

    found = _story(story_id)
    with _reported(found, wait=wait, as_json=as_json, timeout=timeout):
        actions.kill(actor, found, note)


@story.command("hold")
def hold(
    story_id: Annotated[str, typer.Argument(metavar="ID", help="The story's number or URN.")],
    as_user: As,
    note: Annotated[str, typer.Option("--note", help="Why; readers and clients see it.")],
    language: Annotated[str | None, typer.Option(help="Which text; the source when not said.")] = None,
    wait: Wait = False,
    as_json: Json = False,
    timeout: Timeout = WAIT_SECONDS,
) -> None:
    """Hold a text that is out: readers and clients are told that it is being revised."""
    actor = person(as_user)
    from keshen.newsroom import holds

    found = _story(story_id)
    target = _text(found, language)
    with _reported(found, wait=wait, as_json=as_json, timeout=timeout):
        holds.hold(actor, target, note)


@story.command("release")
def release(
    story_id: Annotated[str, typer.Argument(metavar="ID", help="The story's number or URN.")],
    as_user: As,
    language: Annotated[str | None, typer.Option(help="Which text; the source when not said.")] = None,
    wait: Wait = False,
    as_json: Json = False,
    timeout: Timeout = WAIT_SECONDS,
) -> None:
    """Let a held text out again as it was; one that was revised is let out by `keshen story correct`."""
    actor = person(as_user)
    from keshen.newsroom import holds

    found = _story(story_id)
    target = _text(found, language)
    with _reported(found, wait=wait, as_json=as_json, timeout=timeout):
        holds.release(actor, target)


@contextlib.contextmanager
def _reported(found: Any, *, wait: bool, as_json: bool, timeout: float) -> Iterator[None]:
    """Do what is inside and tell what became of the story, with seconds from here; a refusal ends the command."""
    started = time.monotonic()
    try:
        yield
    except _refusals() as error:
        raise refuse(error) from error
    _report(found, wait=wait, as_json=as_json, timeout=timeout, since=started)


def _text(found: Any, language: str | None) -> Any:
    """The story's text in a language; the source when none is said."""
    target = found.texts.filter(language=language).first() if language else found.texts.get(is_source=True)
    if target is None:
        has = ", ".join(found.texts.values_list("language", flat=True))
        raise fail(f"The story has no text in {language}. It has: {has}.")
    return target


def _answers(target: Any, hold: list[str], keep: list[str]) -> tuple[list[str], list[str]]:
    """What to hold and what to keep: as said, else as a person at a terminal answers."""
    from keshen.newsroom.holds import questions

    for asked in questions(target):
        if asked.name in (*hold, *keep) or not sys.stdin.isatty():
            continue
        held = typer.confirm(f"{asked.label}: hold it now? (No keeps it until it is revised)", asked.default == "hold")
        (hold if held else keep).append(asked.name)
    return hold, keep


def _refusals() -> tuple[type[Exception], ...]:
    """What an action says no with: each carries a message for people."""
    from keshen.house.permissions import Denied
    from keshen.newsroom.actions import Conflict, NotPublishable
    from keshen.newsroom.body import BodyError
    from keshen.newsroom.content import ContentError
    from keshen.newsroom.readers import Unreadable
    from keshen.newsroom.workflow import NotLegal

    return (Denied, Conflict, NotPublishable, NotLegal, BodyError, ContentError, Unreadable)


def _story(name: str) -> Any:
    from keshen.newsroom.models import Story

    found = Story.objects.filter(pk=int(name)).first() if name.isdigit() else Story.objects.filter(urn=name).first()
    if found is None:
        raise fail(f"There is no story {name}. `keshen ingest --json` prints the id of what it took in.")
    return found


def _print_taken(rows: Sequence[dict[str, Any]]) -> None:
    from keshen.house.words import spoken

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("file", "outcome", "story", "text", ""):
        table.add_column(column)
    for row in rows:
        notes = [row.get("reason", ""), row.get("remedy", ""), row.get("not_published", "")]
        notes += map(spoken, row.get("warnings", []))
        table.add_row(
            row["file"],
            row["outcome"],
            str(row.get("id", "-")),
            f"{row.get('language', '')} {row.get('headline', '')}".strip()[:80],
            " ".join(note for note in notes if note),
        )
    table_console.print(table)


def _arrival_table(arrivals: Any) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("", "outlet", "service", "form", "address", "seconds", ""):
        table.add_column(column, justify="right" if column == "seconds" else "left", overflow="fold")
    for rows in arrivals.values():
        for row in rows:
            receipt = row.receipt
            mark = STATE_MARKS.get(receipt.state.value, Text("…")) if row.seconds is None else ARRIVED
            wanted = "gone" if receipt.gone else str(receipt.label)
            table.add_row(
                mark,
                receipt.outlet,
                receipt.service,
                wanted,
                receipt.address or "-",
                "-" if row.seconds is None else f"{row.seconds:.1f}",
                str(receipt.reason) or (receipt.state.value if row.seconds is None else ""),
            )
    return table


def _arrivals(
    story_ids: list[int], *, wait: bool, timeout: float, since: float | None, quiet: bool
) -> dict[int, list[dict[str, Any]]]:
    """Watch (or look once), show the table as it fills, and return its rows by story."""
    if not story_ids:
        return {}
    import httpx
    from django.conf import settings

    from keshen.newsroom.arrivals import watch

    last: Any = {}
    try:
        with Live(console=table_console, refresh_per_second=4, transient=quiet) as live:
            for last in watch(settings.KESHEN_URL, story_ids, timeout=timeout if wait else 0, since=since):
                if not quiet:
                    live.update(_arrival_table(last))
        if not quiet and not table_console.is_terminal:
            table_console.print()
    except httpx.HTTPError as error:
        errors.print(
            WARNING
            + f"The house does not answer at {settings.KESHEN_URL} ({error}). The story is kept; "
            + "start the house with `make demo` and look again with `keshen story show`."
        )
    late = [row for rows in last.values() for row in rows if wait and not row.settled]
    if late:
        errors.print(WARNING + f"{len(late)} had not arrived after {timeout:.0f} s; `keshen story show` looks again.")
    return {story_id: [row.to_json() for row in rows] for story_id, rows in last.items()}


def _report(story: Any, *, wait: bool, as_json: bool, timeout: float, since: float | None = None) -> None:
    story.refresh_from_db()
    texts = [
        {
            "language": text.language,
            "state": text.state,
            "stale": text.stale,
            "headline": text.working.headline,
            "version": text.head.number if text.head else None,
            "published": text.published.number if text.published else None,
        }
        for text in story.texts.select_related("head", "published")
    ]
    if not as_json:
        table_console.print(Text(str(story.pk), "bold") + f" {story.urn}  {story.slugline}")
        for text in texts:
            stale = " ↻ stale" if text["stale"] else ""
            table_console.print(f"  {text['language']:8} {text['state']}{stale}  {text['headline']}", highlight=False)
    arrivals = _arrivals([story.pk], wait=wait, timeout=timeout, since=since, quiet=as_json)
    if as_json:
        document = {
            "id": story.pk,
            "urn": story.urn,
            "slugline": story.slugline,
            "killed": story.killed_at.isoformat() if story.killed_at else None,
            "texts": texts,
            "outlets": arrivals.get(story.pk, []),
        }
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
