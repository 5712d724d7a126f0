"""Triage and routing: what came goes where the rules say, each step explained; taking keeps identifiers and terms."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.house.models import Desk, Event
from keshen.house.permissions import Denied
from keshen.newsroom import actions as newsroom
from keshen.newsroom.models import Identifier, Original, Story
from keshen.rights.models import Terms
from keshen.wire.intake import queries, route, ruling, sourcing, triage
from keshen.wire.intake.channels import Message
from keshen.wire.intake.models import IncomingItem, Rule, Source
from keshen.wire.intake.receive import receive
from keshen.wire.intake.routing import Facts, RuleError, decides, explain
from keshen.wire.intake.routing import Rule as RoutingRule
from tests.wire.house import House
from tests.wire.sources import Entry, entries, feed


@pytest.fixture
def source(house: House) -> Source:
    return sourcing.add_source(house.chief, "Дала", "push", slug="dala", restrictions=["Credit: Dala"])[0]


@pytest.fixture
def desks(house: House) -> dict[str, Desk]:
    organisation = house.editor.organisation
    return {
        slug: Desk.objects.create(organisation=organisation, slug=slug, name={"en": slug})
        for slug in ("culture", "nature")
    }


def bring(source: Source, *given: Entry) -> list[IncomingItem]:
    received = receive(source, Message("feed.rss", feed(*given).encode()))
    return [each.item for each in received if each.outcome in ("new", "update") and each.item is not None]


def rule(house: House, name: str, desk: Desk | None, act: str = "route", **conditions: object) -> Rule:
    return ruling.keep(house.editor, ruling.drafted(name, conditions, act, desk))


def test_taking_makes_a_draft_with_its_origin_and_terms(house: House, source: Source) -> None:
    [item] = bring(source, entries()[0])
    text = triage.take(house.editor, item)
    item.refresh_from_db()
    assert (item.state, item.story, item.settled_by) == ("taken", text.story, house.editor)
    assert text.state == "draft" and text.working.restrictions == ("Credit: Dala",)
    assert Identifier.objects.get(story=text.story).value == "g-ақбөкен"
    assert Original.objects.get(story=text.story).sha256 == item.sha256
    assert Terms.objects.filter(subject=text.story.urn, wording="Credit: Dala").exists()
    with pytest.raises(triage.Settled, match="editor"):
        triage.take(house.chief, item)
    assert Story.objects.count() == 1


def test_an_update_goes_into_the_story_that_was_taken(house: House, source: Source) -> None:
    first = entries()[0]
    [item] = bring(source, first)
    text = triage.take(house.editor, item)
    newer = replace(first, text="Жаңа мәтін: ғалымдар санақты аяқтады.", date="Mon, 23 Nov 2026 09:00:00 GMT")
    [update] = bring(source, newer)
    assert update.updates == item and update.state == "new"
    triage.take(house.editor, update)
    update.refresh_from_db()
    text.refresh_from_db()
    assert update.state == "merged" and update.story == text.story and Story.objects.count() == 1
    assert "санақты аяқтады" in str(text.draft) and "былтырғыдан" not in str(text.draft)
    # once a person has written in it nothing of theirs is replaced
    content = replace(text.working, headline="Редактордың тақырыбы")
    newsroom.save_draft(house.editor, text, content, text.draft_revision)
    [third] = bring(source, replace(newer, text="Үшінші нұсқа келді.", date="Mon, 23 Nov 2026 10:00:00 GMT"))
    triage.take(house.editor, third)
    text.refresh_from_db()
    assert text.working.headline == "Редактордың тақырыбы"
    assert "санақты аяқтады" in str(text.draft) and "Үшінші нұсқа" in str(text.draft)


def test_merging_brings_the_terms_along_and_refuses_killed_stories(house: House, source: Source) -> None:
    story = house.publish("Каспий").story
    one, two = bring(source, *entries()[:2])
    text = triage.merge(house.editor, one, story)
    assert "Credit: Dala" in text.working.restrictions
    house.kill(story)
    with pytest.raises(triage.Settled, match=str(story.pk)):
        triage.merge(house.editor, two, Story.objects.get(pk=story.pk))
    two.refresh_from_db()
    assert two.state == "new"


def test_dropped_items_can_be_put_back(house: House, source: Source) -> None:
    [item] = bring(source, entries()[0])
    triage.drop(house.editor, item, "Ескі")
    item.refresh_from_db()
    assert (item.state, item.reason) == ("dropped", "Ескі")
    triage.put_back(house.editor, item)
    item.refresh_from_db()
    assert item.state == "new"
    with pytest.raises(triage.Settled):
        triage.put_back(house.editor, item)


def test_the_powerless_do_not_triage(house: House, source: Source) -> None:
    [item] = bring(source, entries()[0])
    house.editor.roles = ["operator"]
    for verb in (triage.take, triage.drop):
        with pytest.raises(Denied):
            verb(house.editor, item)


def test_the_first_rule_that_fits_decides_and_says_why(house: House, source: Source, desks: dict[str, Desk]) -> None:
    rule(house, "Russian", desks["culture"], languages=["ru"])
    words = rule(house, "Saigas", desks["nature"], words=["киіктер"], sources=["dala"])
    rule(house, "The rest", desks["culture"])
    saigas, sea, _kobyz = sorted(bring(source, *entries()), key=lambda item: item.pk)
    by_desk = {item.headline: item.desk.slug for item in (saigas, sea, _kobyz)}
    assert by_desk["Ақбөкен туралы хабар"] == "nature" and by_desk["Каспий туралы хабар"] == "culture"
    item = IncomingItem.objects.get(rule=words)
    first, second = item.why
    assert first["fits"] is False and first["checks"][0] == {
        "part": "languages", "wanted": ["ru"], "found": ["kk"], "fits": False,
    }  # fmt: skip
    assert second["fits"] is True and len(item.why) == 2
    assert [check["found"] for check in second["checks"]] == [["dala"], ["киіктер"]]


def test_rules_take_and_drop_by_themselves(house: House, source: Source, desks: dict[str, Desk]) -> None:
    rule(house, "No sea", None, act="drop", words=["Каспий"])
    rule(house, "Saigas", desks["nature"], act="take", words=["киік"])
    bring(source, *entries())
    states = dict(IncomingItem.objects.values_list("headline", "state"))
    assert states == {
        "Ақбөкен туралы хабар": "taken", "Каспий туралы хабар": "dropped", "Қобыз туралы хабар": "new",
    }  # fmt: skip
    assert Story.objects.get().desk == desks["nature"]
    # a draft alone: nothing a machine took is published
    assert Story.objects.get().texts.get().state == "draft"


def test_a_dry_run_changes_nothing_and_says_what_would(house: House, source: Source, desks: dict[str, Desk]) -> None:
    kept = rule(house, "All", desks["culture"])
    bring(source, *entries())
    events = Event.objects.count()
    trial = ruling.drafted("Saigas", {"words": ["киік"]}, "route", desks["nature"])
    tried = route.dry_run([(each, each.rule) for each in (trial, kept)], IncomingItem.objects.all())
    assert {each.item.headline: each.changes for each in tried} == {
        "Ақбөкен туралы хабар": True, "Каспий туралы хабар": False, "Қобыз туралы хабар": False,
    }  # fmt: skip
    assert Event.objects.count() == events and not IncomingItem.objects.filter(desk=desks["nature"]).exists()


def test_rules_move_switch_off_and_go(house: House, source: Source, desks: dict[str, Desk]) -> None:
    one, two = rule(house, "one", desks["culture"]), rule(house, "two", desks["nature"])
    ruling.move(house.editor, two, up=True)
    assert [each.name for each in route.rules_on()] == ["two", "one"]
    two.refresh_from_db()
    ruling.switch(house.editor, two, on=False)
    assert [each.name for each in route.rules_on()] == ["one"]
    bring(source, entries()[0])
    ruling.remove(house.editor, one)
    item = IncomingItem.objects.get()
    assert item.rule is None and item.why[0]["name"] == "one" and item.desk == desks["culture"]


def test_items_are_found_by_words_in_other_forms(house: House, source: Source) -> None:
    bring(source, *entries())
    found = queries.filtered(queries.seen_by(house.editor), {"q": "киіктердің"})
    assert [item.headline for item in found] == ["Ақбөкен туралы хабар"]


FACTS = st.builds(
    Facts,
    source=st.sampled_from(["a", "b"]),
    language=st.sampled_from(["kk", "kk-Arab", "ru"]),
    topics=st.sampled_from([(), ("medtop:06000000",), ("01000000",)]),
    urgency=st.integers(1, 9),
    words=st.lists(st.sampled_from(["тас", "су", "от"]), max_size=5).map(tuple),
)
RULES = st.builds(
    RoutingRule,
    name=st.text(max_size=5),
    sources=st.sampled_from([(), ("a",)]),
    languages=st.sampled_from([(), ("kk",), ("ru", "en")]),
    topics=st.sampled_from([(), ("06000000",)]),
    urgency=st.integers(1, 9),
    words=st.sampled_from([(), ("су",), ("тас су",)]),
    without=st.sampled_from([(), ("от",)]),
)


@given(st.lists(RULES, max_size=6), FACTS)
def test_exactly_the_first_rule_that_fits_decides(rules: list[RoutingRule], facts: Facts) -> None:
    steps = explain(rules, facts)
    assert [step.rule for step in steps] == rules[: len(steps)]
    assert not any(step.fits for step in steps[:-1])
    assert decides(steps) is (steps[-1].rule if steps and steps[-1].fits else None)
    assert decides(steps) is not None or len(steps) == len(rules)


@given(RULES)
def test_rules_are_read_back_as_they_were(rule: RoutingRule) -> None:
    assert RoutingRule.from_json(rule.to_json(), name=rule.name) == rule


@given(RULES, FACTS)
def test_asking_less_never_fits_less(rule: RoutingRule, facts: Facts) -> None:
    if explain([rule], facts)[0].fits:
        for part in ("sources", "languages", "topics", "words", "without"):
            assert explain([replace(rule, **{part: ()})], facts)[0].fits


@pytest.mark.parametrize(
    "conditions", [{"colour": ["red"]}, {"urgency": 0}, {"urgency": "1"}, {"topics": ["99"]}, {"words": "one"}]
)
def test_rules_nobody_could_mean_are_refused(conditions: dict[str, object]) -> None:
    with pytest.raises(RuleError):
        RoutingRule.from_json(conditions)
