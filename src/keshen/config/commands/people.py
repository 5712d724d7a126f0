"""`keshen user`: people of the house, from a terminal."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Add people, give them passwords, and their programs keys."
)

Password = Annotated[
    str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, help="At least 10 signs.")
]


def _check(password: str) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    try:
        validate_password(password)
    except ValidationError as error:
        typer.secho("\n".join(error.messages), fg=typer.colors.RED, err=True)
        raise typer.Exit(1) from error


@app.command()
def add(
    username: str,
    password: Password,
    role: Annotated[list[str], typer.Option(help="reporter, translator, editor, chief, operator or admin.")],
    organisation: Annotated[str, typer.Option(help="Slug of the organisation; by default the house's first.")] = "",
    language: Annotated[str, typer.Option(help="Language of the interface.")] = "kk",
) -> None:
    """Add a person, who signs in with this name."""
    from keshen.house.actions import add_person, found
    from keshen.house.models import Organisation, User
    from keshen.house.permissions import ROLES

    _check(password)
    if unknown := set(role) - set(ROLES):
        typer.secho(f"Unknown role: {', '.join(sorted(unknown))}. Roles: {', '.join(ROLES)}", err=True)
        raise typer.Exit(1)
    found()
    owners = Organisation.objects.order_by("pk")
    owner = owners.filter(slug=organisation).first() if organisation else owners.first()
    if owner is None:
        known = ", ".join(owners.values_list("slug", flat=True)) or "none yet: `keshen demo` makes some"
        typer.secho(f"No such organisation. There are: {known}", err=True)
        raise typer.Exit(1)
    if User.objects.filter(username=username).exists():
        typer.secho(f"{username} is there already. `keshen user passwd {username}` gives a new password.", err=True)
        raise typer.Exit(1)
    add_person(found(), username, password, organisation=owner, roles=role, language=language)
    typer.echo(f"{username} can sign in, as {', '.join(role)} of {owner.slug}.")


@app.command()
def passwd(username: str, password: Password) -> None:
    """Give a person a new password; whoever is signed in as them is signed out."""
    from keshen.house.actions import found, set_password
    from keshen.house.models import User

    user = User.objects.filter(username=username).first()
    if user is None:
        typer.secho(f"There is nobody called {username}.", err=True)
        raise typer.Exit(1)
    _check(password)
    set_password(found(), user, password)
    typer.echo(f"{username} has a new password.")


@app.command()
def key(
    username: str,
    name: Annotated[str, typer.Option("--for", help="What the key is for, so that it can be told from others.")],
) -> None:
    """Give a program a key to the HTTP API; it may do what this person may. It is shown this once."""
    from keshen.house.actions import found, issue_token
    from keshen.house.models import User

    user = User.objects.filter(username=username, is_active=True, is_system=False).first()
    if user is None:
        typer.secho(f"There is nobody called {username}.", err=True)
        raise typer.Exit(1)
    if not name.strip() or len(name) > 100:
        typer.secho("Say in 1 to 100 signs what the key is for.", err=True)
        raise typer.Exit(1)
    typer.echo(issue_token(found(), user, name.strip()))
    typer.secho("Send it with each request: Authorization: Bearer KEY. It is not shown again.", err=True)


@app.command()
def keys() -> None:
    """List the keys that programs have."""
    from keshen.house.models import ApiToken

    tokens = ApiToken.objects.filter(revoked_at=None).select_related("user").order_by("pk")
    for token in tokens:
        typer.echo(f"{token.pk}  {token.user.username}  {token.name}  since {token.created_at:%Y-%m-%d}")
    if not tokens:
        typer.secho("No program has a key. `keshen user key NAME --for …` gives one.", err=True)


@app.command()
def revoke(number: Annotated[int, typer.Argument(help="The key's number in `keshen user keys`.")]) -> None:
    """End a key at once."""
    from keshen.house.actions import found, revoke_token
    from keshen.house.models import ApiToken

    token = ApiToken.objects.filter(pk=number, revoked_at=None).select_related("user").first()
    if token is None:
        typer.secho(f"There is no key {number}. `keshen user keys` lists them.", err=True)
        raise typer.Exit(1)
    revoke_token(found(), token)
    typer.echo(f"{token.user.username}'s key {number} ({token.name}) is ended.")
