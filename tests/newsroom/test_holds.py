"""Holding a text until it is revised, what a correction asks, and what an approval is worth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keshen.house.models import Event
from keshen.house.permissions import Denied
from keshen.newsroom import actions, holds
from keshen.newsroom.models import Text, Version
from keshen.newsroom.verbs import verbs_for
from keshen.newsroom.workflow import NotLegal

pytestmark = pytest.mark.django_db


@pytest.fixture
def out(people, content, outlet) -> Text:
    """A published source text with a published Russian translation."""
    text = actions.create_story(people.reporter, language="kk", content=content)
    actions.publish(people.editor, text)
    russian = actions.add_text(people.reporter, text.story, "ru", replace(content, headline="Сайгаков стало больше"))
    actions.publish(people.editor, russian)
    outlet.told.clear()
    text.refresh_from_db()
    return text


def _edit(people, text: Text, headline: str, by: str = "reporter") -> Text:
    text.refresh_from_db()
    return actions.save_draft(getattr(people, by), text, replace(text.working, headline=headline), text.draft_revision)


def _russian(text: Text) -> Text:
    return text.story.texts.get(language="ru")


def test_a_held_text_says_only_why_and_the_revised_one_lifts_it(people, out, outlet):
    held = holds.hold(people.editor, _russian(out), "Сан тексеріліп жатыр")
    text = _russian(out)
    assert (text.state, text.published, held.kind) == ("held", held, "hold")
    assert outlet.told == [("correct", held.pk)] and held.note == "Сан тексеріліп жатыр"
    assert Event.objects.filter(kind="text.held", subject=out.story.urn, reason=held.note).exists()
    with pytest.raises(actions.NotPublishable):
        actions.correct(people.editor, text, "note")  # nothing was revised
    _edit(people, text, "Сайгаков стало на треть больше")
    revised = actions.correct(people.editor, text, "Уточнено число")
    text = _russian(out)
    assert (text.state, text.published, text.stale) == ("corrected", revised, False)


def test_a_held_text_is_released_as_it_was_and_drafts_stay_drafts(people, out, outlet):
    before = _russian(out).published
    holds.hold(people.editor, _russian(out), "checking")
    _edit(people, _russian(out), "Недописано")
    again = holds.release(people.editor, _russian(out))
    text = _russian(out)
    assert again.digest == before.digest and again.number > before.number and again.kind == "edit"
    assert (text.state, text.published, text.working.headline) == ("published", again, "Недописано")
    with pytest.raises(NotLegal):
        holds.release(people.editor, text)


def test_a_kill_reaches_a_held_text(people, out, outlet):
    holds.hold(people.editor, _russian(out), "checking")
    versions = actions.kill(people.editor, out.story, "Қате")
    assert {version.text.language for version in versions} == {"kk", "ru"}


def test_a_correction_asks_about_translations_and_packages(people, out, outlet):
    assert [(asked.name, asked.default) for asked in holds.questions(out)] == [("ru", "")]
    outlet.has_packages = True
    assert [asked.name for asked in holds.questions(out)] == ["ru", "remembering"]
    assert [asked.name for asked in holds.questions(_russian(out))] == ["remembering"]  # others come from the source


def test_a_correction_holds_what_it_is_told_to_and_keeps_the_rest(people, out, outlet):
    outlet.has_packages = True
    _edit(people, out, "Ақбөкен саны екі есе артты")
    version = actions.correct(people.editor, out, "Сан", hold=["ru"], keep=["remembering"])
    assert _russian(out).state == "held" and _russian(out).published.note == "Сан"
    assert outlet.told == [("correct", version.pk), ("correct", _russian(out).published_id)]
    # a package that tells a text which is held is not kept
    assert outlet.kept == [frozenset({"remembering"}), frozenset()]


def test_kept_translations_stay_out_and_are_stale(people, out, outlet):
    _edit(people, out, "Ақбөкен саны екі есе артты")
    actions.correct(people.editor, out, "Сан", keep=["ru"])
    assert (_russian(out).state, _russian(out).stale) == ("published", True)


@pytest.mark.parametrize("answers", [{"hold": ["de"]}, {"hold": ["ru"], "keep": ["ru"]}, {"keep": ["kk"]}])
def test_answers_to_no_question_are_refused_and_nothing_goes_out(people, out, outlet, answers):
    _edit(people, out, "Ақбөкен саны екі есе артты")
    with pytest.raises(actions.NotPublishable):
        actions.correct(people.editor, out, "Сан", **answers)
    assert outlet.told == []


def test_holding_needs_a_reason_a_text_that_is_out_and_an_editor(people, out, outlet, content):
    with pytest.raises(actions.NotPublishable):
        holds.hold(people.editor, out, " ")
    with pytest.raises(Denied):
        holds.hold(people.reporter, out, "why")
    draft = actions.create_story(people.reporter, language="kk", content=content)
    with pytest.raises(NotLegal):
        holds.hold(people.editor, draft, "why")


def test_what_was_approved_goes_out_or_is_approved_again(people, content, outlet):
    text = actions.create_story(people.reporter, language="kk", content=content)
    actions.submit(people.reporter, text)
    approved = actions.approve(people.editor, text)
    text = _edit(people, text, "Бекітілгеннен кейін өзгерді")
    with pytest.raises(actions.NotPublishable, match="reporter"):
        actions.publish(people.editor, text)
    assert outlet.told == []
    text = Text.objects.get(pk=text.pk)
    offers = {offer.transition.verb: offer for offer in verbs_for(people.editor, text)}
    assert offers["publish"].why_not and "approve" in offers
    again = actions.approve(people.editor, text)
    assert actions.publish(people.editor, text) == again != approved
    assert again.headline == "Бекітілгеннен кейін өзгерді"


def test_an_edit_taken_back_leaves_the_approval_standing(people, content, outlet):
    text = actions.create_story(people.reporter, language="kk", content=content)
    actions.submit(people.reporter, text)
    approved = actions.approve(people.editor, text)
    _edit(people, text, "Басқа")
    _edit(people, text, content.headline)
    with pytest.raises(NotLegal):
        actions.approve(people.editor, text)  # there is nothing new to approve
    assert actions.publish(people.editor, text).digest == approved.digest


def test_a_partners_editor_submits_and_the_house_publishes(people, content, outlet):
    text = actions.create_story(people.partner, language="kk", content=content)
    actions.submit(people.partner, text)
    with pytest.raises(Denied):
        actions.publish(people.partner, text)
    assert "publish" not in {offer.transition.verb for offer in verbs_for(people.partner, text)}
    actions.publish(people.editor, text)
    _edit(people, text, "Жаңа", by="partner")
    with pytest.raises(Denied):
        actions.correct(people.partner, text, "why")
    # what is its own it may take back
    assert holds.hold(people.partner, text, "checking").kind == Version.Kind.HOLD
    with pytest.raises(Denied):
        holds.release(people.partner, text)
    actions.kill(people.partner, text.story, "wrong")


def test_part_of_the_house_publishes(people, content, outlet):
    people.partner.organisation.kind = "unit"
    people.partner.organisation.save()
    text = actions.create_story(people.partner, language="kk", content=content)
    actions.publish(people.partner, text)
    assert [kind for kind, _pk in outlet.told] == ["publish"]
