"""The frame of every action: one transaction, a permission, rows, an event, jobs. And the house's own verbs."""

from __future__ import annotations

import functools
import hashlib
import secrets
from collections.abc import Callable
from typing import Concatenate

from django.db import transaction
from django.utils import timezone

from keshen.house.events import record
from keshen.house.models import ApiToken, User
from keshen.house.permissions import permit
from keshen.house.urns import urn

__all__ = ["action", "change_preferences", "issue_token", "permit", "revoke_token", "user_for_token"]


def action[**P, R](verb: Callable[Concatenate[User, P], R]) -> Callable[Concatenate[User, P], R]:
    """Make a function an action: all of it happens or none. Its first argument is the person acting."""

    @functools.wraps(verb)
    def run(actor: User, *args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            return verb(actor, *args, **kwargs)

    return run


def person_urn(user: User) -> str:
    return urn("person", user.username, user.created_at)


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
