"""Spelling decisions of editors, kept and audited."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from keshen.house.models import Event, Organisation, User
from keshen.house.permissions import Denied
from keshen.language import actions, queries
from keshen.language.derive import transliterate

pytestmark = pytest.mark.django_db
STORY = "urn:newsml:keshen.localhost:20260101:story-1"


@pytest.fixture
def people() -> dict[str, User]:
    house = Organisation.objects.create(slug="house", kind=Organisation.Kind.HOUSE)
    return {
        role: User.objects.create(username=role, organisation=house, roles=[role])
        for role in ("translator", "editor", "operator")
    }


def test_an_override_of_one_story(people: dict[str, User]) -> None:
    made = actions.override_script(people["translator"], STORY, "kk-Latn", " Әл Тани ", "Al Thani")
    again = actions.override_script(people["editor"], STORY, "kk-Latn", "Әл Тани", "Al-Thani")
    assert made.pk == again.pk and queries.overrides_for(STORY, "kk-Latn") == [("Әл Тани", "Al-Thani")]
    assert queries.overrides_for(STORY, "kk-Arab") == []
    first, second = Event.objects.filter(kind="script.overridden").order_by("id")
    assert first.before is None and second.before["replacement"] == "Al Thani"
    actions.remove_override(people["editor"], again)
    assert queries.overrides_for(STORY, "kk-Latn") == []
    assert Event.objects.get(kind="script.override_removed").subject == STORY


@pytest.mark.parametrize(
    ("tag", "source", "replacement"), [("ru", "а", "b"), ("kk-Latn", " ", "b"), ("kk-Latn", "а", "")]
)
def test_an_override_must_make_sense(people: dict[str, User], tag: str, source: str, replacement: str) -> None:
    with pytest.raises(ValidationError):
        actions.override_script(people["editor"], STORY, tag, source, replacement)


def test_only_those_who_write_may_override(people: dict[str, User]) -> None:
    with pytest.raises(Denied):
        actions.override_script(people["operator"], STORY, "kk-Latn", "а", "b")


def test_the_houses_lexicon(people: dict[str, User]) -> None:
    assert transliterate(["Фейсбук, Чехия"], "kk-Latn", queries.script_settings()) == ["Facebook, Tşehiia"]
    actions.set_lexicon_entry(people["editor"], "чехия*", latin="Çehia", note="as the press writes it")
    entry = actions.set_lexicon_entry(people["editor"], "фейсбук*", latin="Feisbuk")
    assert transliterate(["Фейсбук, Чехиядан"], "kk-Latn", queries.script_settings()) == ["Feisbuk, Çehiadan"]
    actions.remove_lexicon_entry(people["editor"], entry)
    assert transliterate(["Фейсбук"], "kk-Latn", queries.script_settings()) == ["Facebook"]
    assert Event.objects.filter(kind="lexicon.changed").count() == 3
    with pytest.raises(ValidationError):
        actions.set_lexicon_entry(people["editor"], "*", latin="x")
    with pytest.raises(Denied):
        actions.set_lexicon_entry(people["translator"], "а", latin="x")
