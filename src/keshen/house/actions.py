"""The frame of every action: one transaction, a permission, rows, an event, jobs. And the house's own verbs."""

from __future__ import annotations

import functools
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Concatenate

from django.db import transaction
from django.utils import timezone

from keshen.house.events import record
from keshen.house.models import ApiToken, Desk, Organisation, User
from keshen.house.permissions import ROLES, permit
from keshen.house.urns import urn


def action[**P, R](verb: Callable[Concatenate[User, P], R]) -> Callable[Concatenate[User, P], R]:
    """Make a function an action: all of it happens or none. Its first argument is the person acting."""

    @functools.wraps(verb)
    def run(actor: User, *args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            return verb(actor, *args, **kwargs)

    return run


def person_urn(user: User) -> str:
    return urn("person", user.username, user.created_at)


@transaction.atomic
def found() -> User:
    """See that the house can act by itself: an organisation of its own and the system's user. Done once; returns it.

    Event: `house.founded`.
    """
    system = User.objects.filter(is_system=True).first()
    if system is None:
        house, _made = Organisation.objects.get_or_create(
            slug="complex", defaults={"kind": Organisation.Kind.HOUSE, "name": {"kk": "Кешен", "en": "Keshen"}}
        )
        system = User.objects.create(
            username="system",
            organisation=house,
            roles=["system"],
            is_system=True,
            password="!",
            title={"kk": "Кешен", "ru": "Кешен", "en": "Keshen", "ar": "كيشن"},
        )
        record(system, "house.founded", person_urn(system), organisation=house)
    return system


@action
def add_person(
    actor: User,
    username: str,
    password: str,
    *,
    organisation: Organisation,
    roles: Sequence[str],
    desk: Desk | None = None,
    language: str = "kk",
    title: Mapping[str, str] | None = None,
) -> User:
    """Somebody new. Event: `person.added`. Raises ValueError for a role that does not exist."""
    permit(actor, "house.manage")
    if unknown := set(roles) - set(ROLES):
        raise ValueError(f"no such role: {', '.join(sorted(unknown))}; the roles are {', '.join(ROLES)}")
    person = User(
        username=username,
        organisation=organisation,
        desk=desk,
        roles=list(roles),
        interface_language=language,
        title=dict(title or {}),
    )
    person.set_password(password)
    person.save()
    record(actor, "person.added", person_urn(person), organisation=organisation, after={"roles": list(roles)})
    return person


@action
def change_preferences(actor: User, *, language: str | None = None, theme: str | None = None) -> None:
    """The acting person's own interface language and theme."""
    before = {"language": actor.interface_language, "theme": actor.theme}
    actor.interface_language = language or actor.interface_language
    actor.theme = theme or actor.theme
    after = {"language": actor.interface_language, "theme": actor.theme}
    if before != after:
        actor.save(update_fields=["interface_language", "theme"])
        record(actor, "person.preferences_changed", person_urn(actor), before=before, after=after)


@action
def set_password(actor: User, user: User, password: str) -> None:
    """Give `user` a new password. The event says that it changed, never what it is."""
    permit(actor, "house.manage")
    user.set_password(password)
    user.save(update_fields=["password"])
    record(actor, "person.password_changed", person_urn(user))


@action
def issue_token(actor: User, user: User, name: str) -> str:
    """A new API key for `user`, returned this once; only its hash is kept."""
    permit(actor, "house.manage")
    key = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(user=user, name=name, sha256=hashlib.sha256(key.encode()).hexdigest())
    record(actor, "person.token_issued", person_urn(user), after={"token": token.pk, "name": name})
    return key


@action
def revoke_token(actor: User, token: ApiToken) -> None:
    """End a key at once."""
    permit(actor, "house.manage")
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    record(actor, "person.token_revoked", person_urn(token.user), after={"token": token.pk, "name": token.name})


def user_for_token(key: str) -> User | None:
    """Whose key this is, or None when it is unknown, revoked or its owner has left."""
    token = (
        ApiToken.objects.select_related("user__organisation")
        .filter(sha256=hashlib.sha256(key.encode()).hexdigest(), revoked_at=None, user__is_active=True)
        .first()
    )
    return token.user if token else None
