"""What a client is entitled to, and why it got a story or not: pure, and through the house."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from keshen.house.actions import issue_token
from keshen.house.models import User
from keshen.rights.terms import Window
from keshen.wire import actions, subscriptions, why
from keshen.wire.command import app
from keshen.wire.entitlements import Choice, Entitlement, EntitlementError, Had, Outcome, choose
from keshen.wire.explaining import why as explained
from keshen.wire.findings import Finding
from keshen.wire.models import Delivery, Selection
from keshen.wire.products import Filter, Subject
from keshen.wire.reasons import SENTENCES, sentence
from tests.wire.house import House

NOW = datetime(2026, 3, 22, 12, tzinfo=UTC)
SUBJECT = Subject(("kk", "kk-Latn", "kk-Arab"), ("06000000",), 5)
NOTHING = Had()
RUSSIAN = Filter(frozenset({"ru"}))

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def chosen(*taken: tuple[str, Filter, Entitlement], had: Had = NOTHING, now: datetime = NOW) -> Choice:
    return choose(taken, SUBJECT, had, published=NOW, now=now)


def keys(choice: Choice) -> list[str]:
    return [finding.key for finding in choice.findings]


@pytest.mark.parametrize(
    ("terms", "had", "outcome", "reasons"),
    [
        ({}, Had(), "send", ["product"]),
        ({"windows": [["2026-01-01T00:00:00+05:00", None]]}, Had(), "send", ["product"]),
        ({"windows": [[None, "2026-01-01T00:00:00+05:00"]]}, Had(), "no", ["product", "outside_window"]),
        ({"daily": 3}, Had(today=2), "send", ["product"]),
        ({"daily": 3}, Had(today=3), "no", ["product", "daily_volume"]),
        ({"daily": 0}, Had(), "no", ["product", "daily_volume"]),
        ({"monthly": 10}, Had(today=1, this_month=10), "no", ["product", "monthly_volume"]),
        ({"monthly": 10}, Had(10, 10, this_text=True), "send", ["product"]),
        ({"delay_minutes": 30}, Had(), "later", ["product", "delayed"]),
        ({"delay_minutes": 30}, Had(this_text=True), "send", ["product"]),
        ({"windows": [[None, "2026-01-01T00:00:00+05:00"]]}, Had(this_text=True), "send",
         ["had_earlier", "product", "outside_window"]),
    ],
)  # fmt: skip
def test_terms_decide_and_say_why(terms: dict[str, object], had: Had, outcome: str, reasons: list[str]) -> None:
    choice = chosen(("all", Filter(), Entitlement.from_json(terms)), had=had)
    assert (choice.outcome.value, keys(choice)) == (outcome, reasons)


def test_a_delay_ends() -> None:
    late = ("all", Filter(), Entitlement(delay_minutes=30))
    assert chosen(late).at == NOW + timedelta(minutes=30)
    assert chosen(late, now=NOW + timedelta(minutes=30)).outcome is Outcome.SEND


def test_of_several_products_the_one_that_lets_it_through_soonest_counts() -> None:
    late, slow = ("late", Filter(), Entitlement(delay_minutes=30)), ("slow", Filter(), Entitlement(delay_minutes=60))
    no = ("ru", RUSSIAN, Entitlement())
    assert (chosen(no, slow, late).product, chosen(no, late, ("now", Filter(), Entitlement())).product) == (
        "late",
        "now",
    )
    assert keys(chosen(no, ("urgent", Filter(urgency=1), Entitlement()))) == [
        "not_in_product", "language", "not_in_product", "urgency",
    ]  # fmt: skip
    assert keys(chosen()) == ["no_product"]


@pytest.mark.parametrize(
    "terms",
    [
        {"window": []},
        {"windows": [["tomorrow", None]]},
        {"windows": [["2026-01-01T00:00:00", None]]},
        {"windows": [["2026-01-02T00:00:00+00:00", "2026-01-01T00:00:00+00:00"]]},
        {"territories": ["kz"]},
        {"daily": -1},
        {"monthly": "many"},
        {"delay_minutes": 10**9},
        {"media": ["smell"]},
    ],
)
def test_terms_nobody_could_mean_are_refused(terms: dict[str, object]) -> None:
    with pytest.raises(EntitlementError):
        Entitlement.from_json(terms)


entitlements = st.builds(
    Entitlement,
    windows=st.lists(st.builds(Window, st.none() | st.just(NOW), st.none()), max_size=2).map(tuple),
    territories=st.frozensets(st.sampled_from(["KZ", "KG", "WORLD"])),
    daily=st.none() | st.integers(0, 9),
    monthly=st.none() | st.integers(0, 9),
    delay_minutes=st.integers(0, 90),
    media=st.frozensets(st.sampled_from(["text", "picture"])),
)
histories = st.builds(Had, st.integers(0, 9), st.integers(0, 9), st.booleans())


@calm
@given(entitlements)
def test_terms_survive_storage(terms: Entitlement) -> None:
    assert Entitlement.from_json(json.loads(json.dumps(terms.to_json()))) == terms


@calm
@given(st.lists(st.tuples(st.just("p"), st.sampled_from([Filter(), RUSSIAN]), entitlements), max_size=3), histories)
def test_nobody_keeps_an_old_version_and_every_choice_says_why(
    taken: list[tuple[str, Filter, Entitlement]], had: Had
) -> None:
    choice = chosen(*taken, had=had)
    assert choice.findings and (choice.at is not None) is (choice.outcome is Outcome.LATER)
    assert not had.this_text or choice.outcome is Outcome.SEND
    read = Choice.from_json(json.loads(json.dumps(choice.to_json())))
    assert (read.outcome, read.findings, read.at) == (choice.outcome, choice.findings, choice.at)
    for finding in choice.findings:
        assert sentence(finding)


def test_the_explanation_is_a_function_of_what_was_stored() -> None:
    client = why.Client("City TV", NOW - timedelta(days=1))
    no = Choice(
        Outcome.NO, "ru", (Finding.of("not_in_product", product="ru"), Finding.of("language", has="kk", wanted="ru"))
    )
    yes = Choice(Outcome.SEND, "all", (Finding.of("product", product="all"),))
    first = why.Considered("kk", 1, NOW, choices=((NOW, no),))
    out = why.Sent("delivered", NOW, sequence=7, attempts=2, delivered_at=NOW, tag="kk-Latn", withheld=2)
    second = why.Considered("kk", 2, NOW, choices=((NOW, yes),), sent=out)
    kill = why.Considered("kk", 3, NOW, is_kill=True, sent=why.Sent("delivered", NOW, 8, delivered_at=NOW))
    assert why.explain(client, [first]).verdict is why.Verdict.NOT
    answer = why.explain(client, [first, second, kill])
    assert [line.finding.key for line in answer.lines] == [
        "not_in_product", "language", "product", "delivered", "in_script", "withheld", "kill", "delivered",
    ]  # fmt: skip
    assert answer.verdict is why.Verdict.KILLED
    not_theirs = why.explain(client, [first, why.Considered("kk", 2, NOW, is_kill=True)])
    assert not_theirs.verdict is why.Verdict.NOT and not_theirs.lines[-1].finding.key == "kill_not_theirs"
    later = why.Client("New", NOW + timedelta(days=1), suspended=True, reason="Unpaid")
    assert why.explain(later, [why.Considered("kk", 1, NOW, recorded=True)]).lines[0].finding.key == "came_later"
    waiting = why.explain(later, [why.Considered("kk", 1, NOW, choices=((NOW, yes),), sent=why.Sent("queued", NOW))])
    assert waiting.verdict is why.Verdict.STOPPED and waiting.lines[-1].finding.key == "client_suspended"
    assert why.explain(client, []).lines[0].finding.key == "not_published"


@calm
@given(
    st.sampled_from(["queued", "sending", "delivered", "cancelled", "suspended", "blocked"]),
    st.booleans(),
    st.booleans(),
)
def test_every_state_has_words(state: str, is_kill: bool, suspended: bool) -> None:
    sent = why.Sent(state, NOW, 3, 2, 503, "because", next_at=NOW)
    client = why.Client("x", NOW, suspended=suspended)
    for line in why.explain(client, [why.Considered("kk", 1, NOW, is_kill, choices=(), sent=sent)]).lines:
        assert line.finding.key in SENTENCES and sentence(line.finding)


# --- through the house


def test_territories_of_the_terms_are_asked_of_the_rights(house: House, key_of) -> None:
    subscriber, _key = key_of("Tokyo TV")
    subscriptions.subscribe(house.chief, subscriber, house.product, Entitlement(territories=frozenset({"JP"})))
    kazakh, _key = key_of("Astana TV")
    subscriptions.subscribe(house.chief, kazakh, house.product, Entitlement(territories=frozenset({"KZ"})))
    text = house.publish(restrictions=("No Use in Japan",))
    states = dict(Delivery.objects.filter(version=text.published).values_list("subscriber__slug", "state"))
    assert (states["tokyo-tv"], states["astana-tv"]) == ("blocked", "delivered")
    answer = explained(subscriber, text.story)
    assert answer.verdict is why.Verdict.STOPPED and answer.lines[-1].finding.key == "rights"
    assert "JP" in sentence(answer.lines[-1].finding)


def test_a_volume_is_a_number_of_stories_and_corrections_go_on(house: House, key_of) -> None:
    subscriber, _key = key_of("Small paper")
    subscriptions.subscribe(house.chief, subscriber, house.product, Entitlement(daily=1))
    first, second = house.publish("Бірінші"), house.publish("Екінші")
    house.correct(first, "Бірінші, түзетілген")
    got = Delivery.objects.filter(subscriber=subscriber).order_by("id").values_list("version__headline", flat=True)
    assert list(got) == ["Бірінші", "Бірінші, түзетілген"]
    answer = explained(subscriber, second.story)
    assert [line.finding.key for line in answer.lines] == ["product", "daily_volume"]


def test_a_delayed_client_gets_it_later_and_only_what_stands_then(house: House, key_of, monkeypatch) -> None:
    subscriber, _key = key_of("Late paper")
    subscriptions.subscribe(house.chief, subscriber, house.product, Entitlement(delay_minutes=30))
    text, killed = house.publish(), house.publish("Өшірілген")
    house.kill(killed.story)
    assert not Delivery.objects.filter(subscriber=subscriber).exists()
    assert explained(subscriber, text.story).verdict is why.Verdict.WAITS
    later = datetime.now(UTC) + timedelta(minutes=31)
    monkeypatch.setattr("keshen.wire.selection.timezone.now", lambda: later)
    for story in (text.story, killed.story):
        actions.decide_anew(house.system, story.pk)
    [made] = Delivery.objects.filter(subscriber=subscriber)
    assert made.story == text.story
    assert [line.finding.key for line in explained(subscriber, text.story).lines] == [
        "product", "delayed", "product", "delivered",
    ]  # fmt: skip


def test_several_products_are_one_stream_without_doubles(house: House, key_of) -> None:
    russian = actions.add_product(house.chief, "ru", {"en": "Russian"}, RUSSIAN)
    subscriber, _key = key_of("City TV", russian)
    kazakh = actions.add_product(house.chief, "kk", {"en": "Kazakh"}, Filter(frozenset({"kk"})))
    subscriptions.subscribe(house.chief, subscriber, kazakh, Entitlement())
    subscriptions.subscribe(house.chief, subscriber, house.product, Entitlement())
    house.publish()
    house.publish("По-русски", language="ru")
    numbers = Delivery.objects.filter(subscriber=subscriber).order_by("id").values_list("sequence", flat=True)
    assert list(numbers) == [1, 2]
    with pytest.raises(actions.Mistaken):
        subscriptions.unsubscribe(house.chief, subscriber, russian)
    subscriptions.unsubscribe(house.chief, subscriber, kazakh)
    assert {row.product.slug for row in subscriber.subscriptions.all()} == {"ru", "all"}


def test_text_only_clients_get_no_pictures(house: House) -> None:
    from keshen.wire.actions.streams import withheld_from as _withheld
    from tests.wire.items import FULL, PICTURE

    subscriber = actions.add_subscriber(house.chief, "Radio", house.product, "ninjs")[0]
    terms = Entitlement(media=frozenset({"text"}))
    assert _withheld(FULL, frozenset({"KZ"}), subscriber, terms) == [PICTURE.urn]
    assert _withheld(FULL, frozenset({"KZ"}), subscriber, Entitlement()) == []


def test_api_command_and_screen_say_the_same(house: House, client: Browser, key_of) -> None:
    admin = User.objects.create(username="admin", organisation=house.editor.organisation, roles=["admin"])
    subscriber, _key = key_of("City TV")
    text = house.publish()
    bearer = {"authorization": f"Bearer {issue_token(admin, admin, 'test')}"}
    terms = f"/api/v1/wire/subscribers/{subscriber.slug}/subscriptions/all"
    taken = client.put(terms, {"daily": 0}, content_type="application/json", headers=bearer)
    assert taken.status_code == 200 and taken.json()["terms"]["daily"] == 0
    over = house.publish("Артық")
    asked = f"/api/v1/wire/why?subscriber={subscriber.slug}&story="
    found = client.get(f"{asked}{over.story_id}", headers=bearer).json()
    assert (found["verdict"], [line["key"] for line in found["lines"]]) == ("not", ["product", "daily_volume"])
    assert client.get(f"{asked}{text.story_id}", headers=bearer).json()["verdict"] == "has"
    assert client.get(f"{asked}{text.story_id}").status_code == 401
    client.force_login(house.chief)
    shown = CliRunner().invoke(app, ["why", str(over.story_id), subscriber.slug, "--json"])
    assert [row["key"] for row in json.loads(shown.output)["lines"]] == ["product", "daily_volume"]
    page = client.get(f"/control/wire/why/?story={over.story_id}&subscriber={subscriber.slug}").content.decode()
    assert found["lines"][1]["text"] in page
    assert client.get(f"/control/wire/why/?story=999999&subscriber={subscriber.slug}").status_code == 200
    refused = client.put(terms, {"daily": -1}, content_type="application/json", headers=bearer)
    assert refused.status_code == 422 and "daily" in refused.json()["detail"]


def test_the_screen_changes_terms_and_reading(house: House, client: Browser, key_of) -> None:
    subscriber, _key = key_of("City TV")
    client.force_login(house.chief)
    address = f"/control/wire/subscribers/{subscriber.slug}/terms/"
    form = {
        "verb": "take",
        "product": "all",
        "territories": "kz, kg",
        "daily": "5",
        "start": "2026-01-01",
        "media": "text",
    }
    client.post(address, form)
    [row] = subscriber.subscriptions.all()
    terms = row.entitlement
    assert (terms.territories, terms.daily, terms.media) == ({"KZ", "KG"}, 5, {"text"})
    assert terms.windows[0].start is not None and terms.windows[0].start.utcoffset() == timedelta(hours=5)
    client.post(address, {"verb": "reading", "script": "Latn", "encoding": "iso-8859-9"})
    subscriber.refresh_from_db()
    assert (subscriber.script, subscriber.encoding) == ("Latn", "iso-8859-9")
    client.post(address, {"verb": "take", "product": "all", "daily": "many"})
    page = client.get(f"/control/wire/subscribers/{subscriber.slug}/").content.decode()
    assert "KG, KZ" in page and "iso-8859-9" in page
    client.force_login(house.editor)
    assert client.post(address, {"verb": "reading", "script": "", "encoding": ""}).status_code == 403


def test_commands_change_terms_and_reading(house: House, key_of) -> None:
    User.objects.create(username="admin", organisation=house.editor.organisation, roles=["admin"])
    subscriber, _key = key_of("City TV")
    run = CliRunner()
    words = [
        "subscriber",
        "take",
        "city-tv",
        "all",
        "--territory",
        "KZ",
        "--daily",
        "9",
        "--from",
        "2026-01-01T00:00:00+05:00",
    ]
    taken = run.invoke(app, words)
    assert taken.exit_code == 0, taken.output
    assert subscriber.subscriptions.get().entitlement.daily == 9
    assert run.invoke(app, ["subscriber", "reading", "city-tv", "--script", "Arab"]).exit_code == 0
    text = house.publish()
    assert Delivery.objects.get(subscriber=subscriber, version=text.published).tag == "kk-Arab"
    for wrong in (
        ["subscriber", "take", "city-tv", "none"],
        ["subscriber", "take", "nobody", "all"],
        ["subscriber", "take", "city-tv", "all", "--territory", "Japan"],
        ["subscriber", "reading", "city-tv", "--encoding", "ebcdic"],
        ["subscriber", "leave", "city-tv", "all"],
        ["why", "999", "city-tv"],
        ["write", str(text.story_id), "--encoding", "ebcdic"],
    ):
        refused = run.invoke(app, wrong)
        assert refused.exit_code == 1 and refused.output.strip() and "Traceback" not in refused.output, wrong


def test_selections_cannot_be_changed(house: House) -> None:
    from django.db import IntegrityError, transaction

    house.publish()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Selection.objects.all().update(choices={})
