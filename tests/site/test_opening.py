"""While the house is being made, or its database is away, readers are told to come again: 503, not an error page."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import Client

from keshen.site import responses

pytestmark = pytest.mark.django_db


def _is_opening(response) -> bool:
    page = response.content.decode()
    return response.status_code == 503 and response["Retry-After"] == "3" and "Кешен ашылып жатыр" in page


def test_a_site_that_is_being_made_is_opening_and_one_that_nobody_makes_is_not_there(
    client: Client, settings, tmp_path: Path
) -> None:
    settings.KESHEN_BEING_MADE = tmp_path / "opening"
    assert client.get("/").status_code == 404
    settings.KESHEN_BEING_MADE.touch()
    assert _is_opening(client.get("/")) and _is_opening(client.get("/kk/"))


def test_without_its_database_the_house_says_when_to_come_again(client: Client, monkeypatch) -> None:
    def away() -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr(responses, "all_editions", away)
    client.raise_request_exception = False
    response = client.get("/kk/")
    assert _is_opening(response) and response["Cache-Control"] == "no-store"
