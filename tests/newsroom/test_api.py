"""The HTTP API keeps what its description says, whatever is sent to it."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS

from keshen.house.actions import issue_token
from keshen.house.models import User
from keshen.newsroom import actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def key_of(people):
    admin = User.objects.create(username="chief-admin", organisation=people.editor.organisation, roles=["admin"])
    return lambda person: issue_token(admin, person, "test")


@pytest.fixture
def one_connection():
    """Requests end with the test's transaction still open, as with Django's own test client."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def test_no_request_breaks_the_api(one_connection, people, content, key_of) -> None:
    actions.save_version(people.editor, actions.create_story(people.editor, language="kk", content=content))
    headers = {"Authorization": f"Bearer {key_of(people.editor)}", "Accept-Encoding": "identity"}
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", WSGIHandler())
    asked = set()
    for found in described.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=10,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case) -> None:
            answer = case.call(headers=headers)
            asked.add((case.method, case.path, answer.status_code))
            assert answer.status_code < 500, answer.text
            case.validate_response(answer, checks=[CHECKS.get_one("response_schema_conformance")], headers=headers)

        ask()
    assert len({(method, path) for method, path, _status in asked}) >= 8
    assert any(status == 200 for _method, _path, status in asked)


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic eDp5"])
def test_without_a_key_nothing_is_said(client, people, authorization) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    for path in ("stories", "stories/1", "wire/products", "wire/subscribers", "wire/deliveries", "wire/receipts"):
        answer = client.get(f"/api/v1/{path}", headers=headers)
        assert answer.status_code == 401 and answer["WWW-Authenticate"] == "Bearer"
        assert "Authorization: Bearer KEY" in answer.json()["detail"]


def test_a_partner_sees_only_its_own_stories(client, people, content, key_of) -> None:
    ours = actions.create_story(people.editor, language="kk", content=content)
    theirs = actions.create_story(people.partner, language="kk", content=content)
    headers = {"Authorization": f"Bearer {key_of(people.partner)}"}
    assert [row["id"] for row in client.get("/api/v1/stories", headers=headers).json()] == [theirs.story_id]
    assert client.get(f"/api/v1/stories/{ours.story_id}", headers=headers).status_code == 404
    killed = client.post(
        f"/api/v1/stories/{ours.story_id}/kill", {"reason": "x"}, content_type="application/json", headers=headers
    )
    assert killed.status_code == 404
