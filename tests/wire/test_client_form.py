"""The form of a client: each way's own options as fields, checked, and nothing typed is lost by a mistake."""

from __future__ import annotations

import pytest
from django.test import Client

from keshen.wire.channels.registry import OFFERED
from keshen.wire.models import Subscriber
from tests.wire.house import House

ADD = "/control/wire/subscribers/add/"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"


@pytest.fixture
def chief(house: House, client: Client) -> Client:
    client.force_login(house.chief)
    return client


@pytest.mark.parametrize("way", OFFERED)
def test_every_way_has_its_options_on_the_form(house: House, chief: Client, way: str) -> None:
    page = chief.get(f"{ADD}?by={way}").content.decode()
    for name, option in OFFERED[way].options.items():
        assert f'name="option-{name}"' in page and str(option.label) in page
    assert OFFERED[way].example in page
    assert 'name="push_url"' not in chief.get(ADD).content.decode()


def test_a_mistake_loses_nothing_and_says_what_to_do(house: House, chief: Client) -> None:
    form = {"by": "sftp", "name": "Түнгі редакция", "product": house.product.pk, "format": "newsml",
            "push_url": "sftp://wire@127.0.0.1:2222/in", "option-host_key": "", "option-password": "құпия"}  # fmt: skip
    answer = chief.post(ADD, form)
    page = answer.content.decode()
    assert answer.status_code == 422 and not Subscriber.objects.filter(name="Түнгі редакция").exists()
    assert 'role="alert"' in page and "host_key" in page
    assert 'value="Түнгі редакция"' in page and 'value="құпия"' in page and "2222" in page


def test_options_are_set_and_changed_and_secrets_never_shown(house: House, chief: Client) -> None:
    form = {"by": "sftp", "name": "Night desk", "product": house.product.pk, "format": "ninjs",
            "push_url": "sftp://wire@127.0.0.1:2222/in", "option-host_key": KEY,
            "option-password": "first-word"}  # fmt: skip
    assert chief.post(ADD, form).status_code == 200
    made = Subscriber.objects.get(slug="night-desk")
    assert made.channel == "sftp" and made.options == {"host_key": KEY, "password": "first-word"}
    page = chief.get("/control/wire/subscribers/night-desk/").content.decode()
    assert KEY in page and "first-word" not in page
    door = "/control/wire/subscribers/night-desk/do/"
    chief.post(door, {"verb": "resume", "push_url": "sftp://wire@127.0.0.1:2222/new", "option-password": ""})
    made.refresh_from_db()
    assert made.push_url.endswith("/new") and made.options["password"] == "first-word"
    chief.post(door, {"verb": "resume", "push_url": made.push_url, "option-password": "second-word"})
    made.refresh_from_db()
    assert made.options == {"host_key": KEY, "password": "second-word"}


def test_only_those_who_manage_clients_see_the_form(house: House, client: Client) -> None:
    client.force_login(house.editor)
    assert client.get(ADD).status_code == 403
