"""Whatever markup a sender makes, its words come in, in a body that can be kept."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from keshen.newsroom import body as bodies
from keshen.newsroom.readers.markup import read_markup

TAGS = (
    "p",
    "b",
    "i",
    "table",
    "tr",
    "td",
    "th",
    "figcaption",
    "pre",
    "ul",
    "ol",
    "li",
    "blockquote",
    "h1",
    "h2",
    "div",
    "span",
    "sup",
)
WORDS = st.sampled_from(("word ", "\nword", " ", "<br/>", " <br/> ", "\u00a0", "&nbsp;word"))


def inside(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(TAGS), st.lists(children, max_size=4)).map(
        lambda made: f"<{made[0]}>{''.join(made[1])}</{made[0]}>"
    )


MARKUP = st.lists(st.recursive(WORDS, inside, max_leaves=12), max_size=4).map("".join)


@given(MARKUP)
def test_nothing_is_lost_and_the_body_is_valid(source: str) -> None:
    found = read_markup(source)
    body = bodies.document(found.blocks)
    bodies.validate(body)
    assert len(re.findall("word", " ".join((found.title, *bodies.paragraphs(body))))) == source.count("word")


def test_a_list_in_a_list_and_in_a_quote() -> None:
    nested = read_markup(
        "<ul><li>one</li><ul><li>two</li></ul>three</ul><blockquote><h1>four</h1><ol><li>five</li></ol></blockquote>"
    )
    assert bodies.paragraphs(bodies.document(nested.blocks)) == ["one", "two", "three", "four", "five"]
    assert [block["type"] for block in nested.blocks] == ["bulletList", "blockquote"]
