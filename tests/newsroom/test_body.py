"""The structured body: what the schema knows is kept to the letter, what it does not know is refused."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.newsroom import body as bodies

WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=40)
MARKS = st.lists(
    st.sampled_from(
        [{"type": "bold"}, {"type": "italic"}, {"type": "link", "attrs": {"href": "https://kazinform.kz/"}}]
    ),
    unique_by=lambda mark: mark["type"],
)


def _text(words: str, marks: list) -> dict:
    return {"type": "text", "text": words, **({"marks": marks} if marks else {})}


INLINE = st.one_of(st.builds(_text, WORDS, MARKS), st.just({"type": "hardBreak"}))
PARAGRAPH = st.builds(lambda inline: {"type": "paragraph", "content": inline}, st.lists(INLINE, max_size=4))
HEADING = st.builds(
    lambda inline, level: {"type": "heading", "attrs": {"level": level}, "content": inline},
    st.lists(INLINE, max_size=2),
    st.sampled_from(bodies.HEADING_LEVELS),
)
LIST = st.builds(
    lambda kind, items: {"type": kind, "content": [{"type": "listItem", "content": [item]} for item in items]},
    st.sampled_from(["bulletList", "orderedList"]),
    st.lists(PARAGRAPH, min_size=1, max_size=3),
)
BODIES = st.lists(st.one_of(PARAGRAPH, HEADING, LIST), max_size=6).map(bodies.document)


@given(BODIES)
def test_a_valid_body_is_kept_and_checking_it_again_changes_nothing(body):
    checked = bodies.validate(body)
    assert bodies.validate(checked) == checked
    assert bodies.paragraphs(checked) == bodies.paragraphs(body)


@given(BODIES)
def test_every_block_has_its_own_identity(body):
    blocks = list(bodies.text_blocks(bodies.validate(body)))
    assert len({block["attrs"]["id"] for block in blocks}) == len(blocks)


@given(BODIES)
def test_changing_words_keeps_structure_links_and_marks(body):
    checked = bodies.validate(body)
    changed = bodies.map_text(checked, lambda runs: [run + "!" for run in runs])

    def without_words(node):
        kept = {key: value for key, value in node.items() if key not in ("text", "content")}
        return {**kept, "content": [without_words(child) for child in node.get("content", [])]}

    assert without_words(changed) == without_words(checked)


@given(BODIES, st.sampled_from(["script", "iframe", "table", "", None]))
def test_an_unknown_node_is_refused_and_named(body, kind):
    with pytest.raises(bodies.BodyError, match="unknown node"):
        bodies.validate(bodies.document([*body["content"], {"type": kind}]))


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"]
)
def test_a_link_that_runs_something_is_refused(href):
    body = bodies.document(
        [{"type": "paragraph", "content": [_text("x", [{"type": "link", "attrs": {"href": href}}])]}]
    )
    with pytest.raises(bodies.BodyError, match="link"):
        bodies.validate(body)


def test_html_is_escaped():
    body = bodies.from_paragraphs(["<script>alert(1)</script> & “тырнақша”"])
    assert bodies.to_html(body) == "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; “тырнақша”</p>"


def test_checking_does_not_change_what_was_given():
    body = bodies.document([{"type": "paragraph", "content": [{"type": "text", "text": "бір"}]}])
    before = copy.deepcopy(body)
    bodies.validate(body)
    assert body == before


def test_a_body_of_another_schema_is_refused():
    with pytest.raises(bodies.BodyError, match="schema 2"):
        bodies.validate({"type": "doc", "schema": 2, "content": []})


def test_nesting_has_an_end():
    item: dict = {"type": "paragraph"}
    for _ in range(30):
        item = {"type": "bulletList", "content": [{"type": "listItem", "content": [item]}]}
    with pytest.raises(bodies.BodyError, match="deeper"):
        bodies.validate(bodies.document([item]))
