"""Words longer than the house keeps: a sender's are shortened, an editor's are refused with a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keshen.newsroom import actions
from keshen.newsroom.content import ContentError
from keshen.newsroom.ingest import Taken, take

pytestmark = pytest.mark.django_db

LONG = " ".join(["Қазақстан Республикасының қауымдастығы"] * 5)
ITEM = f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:s:long" version="1"
  xml:lang="kk">
  <itemMeta><itemClass qcode="ninat:text"/><provider literal="Дала"/></itemMeta>
  <contentMeta><keyword>{LONG}</keyword><keyword>көл</keyword><subject type="cpnat:organisation" literal="Одақ {LONG}"/>
    <headline>Балқаш көлінің деңгейі көтерілді</headline></contentMeta>
  <contentSet><inlineXML><p>Көл деңгейі биыл он сантиметрге көтерілді, деп хабарлады ғалымдар.</p></inlineXML>
  </contentSet></newsItem>"""


def test_what_a_sender_says_at_length_is_shortened_and_becomes_a_version(people) -> None:
    [taken] = take(people.editor, "long.xml", ITEM.encode())
    assert isinstance(taken, Taken), taken
    version = actions.submit(people.editor, taken.text)
    first, second, third = version.keywords
    assert first.startswith("Қазақстан") and first.endswith("…") and third.startswith("Одақ")
    assert second == "көл" and all(len(word) <= 100 for word in version.keywords)


def test_what_an_editor_types_at_length_is_refused_with_the_word(people) -> None:
    [taken] = take(people.editor, "long.xml", ITEM.encode())
    assert isinstance(taken, Taken)
    with pytest.raises(ContentError, match=r"“Қазақстан .*…” is longer than 100 characters"):
        replace(taken.text.working, keywords=("көл", LONG)).checked()
    with pytest.raises(ContentError, match=r"“medtop:0+…” is longer than 40 characters"):
        replace(taken.text.working, topics=("medtop:" + "0" * 40,)).checked()
