"""RightsML that comes in: what the house understands becomes terms, what it does not stops for a person."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from keshen.newsroom.readers import read, rightsml
from keshen.rights.terms import Terms, Window
from keshen.rights.territories import NAMES
from keshen.rights.wording import parse
from keshen.wire.formats import ninjs
from keshen.wire.formats import rightsml as written
from keshen.wire.formats.newsml import message
from tests.wire.items import FULL

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
JAPAN = {"leftOperand": "spatial", "operator": "eq", "rightOperand": {"@id": "http://cvx.iptc.org/iso3166-1a3/JPN"}}


def meant(lines: tuple[str, ...]) -> list[Terms]:
    return [replace(parse(line), wording="") for line in lines]


def policy(**rules: Any) -> str:
    return json.dumps({"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set", "uid": "urn:p", **rules})


def when(operator: str, moment: datetime = NOON) -> dict[str, Any]:
    return {"leftOperand": "dateTime", "operator": operator,
            "rightOperand": {"@value": moment.isoformat(), "@type": "xsd:dateTime"}}  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "terms"),
    [
        ({"prohibition": {"action": "distribute", "constraint": JAPAN}}, Terms(territories_denied=frozenset({"JP"}))),
        ({"prohibition": [{"action": "odrl:use", "constraint": [{**JAPAN, "operator": "odrl:neq"}]}]},
         Terms(territories_allowed=frozenset({"JP"}))),
        ({"prohibition": {"action": "http://www.w3.org/ns/odrl/2/archive"}}, Terms(archive=False)),
        ({"prohibition": {"action": "sell"}}, Terms(resale=False)),
        ({"prohibition": {"action": "distribute"}}, Terms(territories_denied=frozenset({"WORLD"}))),
        ({"prohibition": {"action": "use", "constraint": when("lt")}}, Terms(embargo=NOON)),
        ({"prohibition": {"action": "use", "constraint": when("gteq")}}, Terms(windows=(Window(end=NOON),))),
        ({"prohibition": {"action": "use", "constraint": {"leftOperand": "media", "operator": "eq",
                                                          "rightOperand": "radio"}}},
         Terms(platforms_denied=frozenset({"radio"}))),
        ({"permission": {"action": "distribute", "constraint": JAPAN}}, Terms(territories_allowed=frozenset({"JP"}))),
        ({"permission": {"action": "distribute", "constraint": when("gteq")}}, Terms(embargo=NOON)),
        ({"permission": {"action": "distribute", "duty": {"action": "attribute", "attributedParty": "Kazinform"}}},
         Terms(credit="Kazinform", credit_required=True)),
    ],
)  # fmt: skip
def test_what_is_understood_becomes_terms(rules: dict[str, Any], terms: Terms) -> None:
    assert meant(rightsml.in_json(policy(**rules))) == [terms]


@pytest.mark.parametrize(
    "encoded",
    [
        "", "not json", "[]", "7", "null", '"use"', "{}", policy(), policy(permission=[7]),
        policy(prohibition={"action": "print"}),
        policy(prohibition={"action": "distribute", "constraint": [JAPAN, when("lt")]}),
        policy(prohibition={"action": "distribute", "constraint": {"leftOperand": "count", "operator": "lt",
                                                                   "rightOperand": "5"}}),
        policy(prohibition={"action": "distribute", "constraint": {**JAPAN, "rightOperand": "urn:atlantis"}}),
        policy(prohibition={"action": "distribute", "constraint": {"or": [JAPAN, JAPAN]}}),
        policy(prohibition={"action": "distribute", "assignee": "urn:city-tv"}),
        policy(permission={"action": "distribute", "assignee": "urn:city-tv"}),
        policy(permission={"action": "distribute", "duty": {"action": "compensate"}}),
        policy(permission={"action": "display"}),
        policy(permission=[{"action": "use", "constraint": [JAPAN, when("gteq")]}, {"action": "use"}]),
        policy(permission={"action": "use"}, obligation={"action": "delete"}),
        policy(permission={"action": "use"}, inheritFrom="urn:p0"),
        policy(permission={"action": "use", "target": "urn:a"}, prohibition={"action": "sell", "target": "urn:b"}),
        policy(prohibition={"action": {"rdf:value": {"@id": "odrl:use"}, "refinement": {"leftOperand": "resolution",
               "operator": "lteq", "rightOperand": "1200"}}}),
        json.dumps({"permission": {"action": "use"}, "x": "y" * 200_000}),
        "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_unknown_stops_for_a_person(encoded: str) -> None:
    lines = rightsml.in_json(encoded)
    assert lines and any(terms.unclear for terms in meant(lines))
    assert all(len(line) < 500 for line in lines)


def test_a_part_that_is_unknown_never_hides_what_is_known() -> None:
    lines = rightsml.in_json(policy(prohibition=[{"action": "distribute", "constraint": JAPAN}, {"action": "print"}]))
    assert Terms(territories_denied=frozenset({"JP"})) in meant(lines)
    assert any(terms.unclear for terms in meant(lines))


_words = st.sampled_from(["use", "distribute", "JPN", "eq", "spatial", "", "print"]) | st.none() | st.integers()
_names = st.sampled_from(["permission", "prohibition", "action", "constraint", "duty", "leftOperand", "rightOperand",
                          "operator", "@graph"])  # fmt: skip
_level = st.lists(_words, max_size=2) | st.dictionaries(_names, _words, max_size=3) | _words
_policies = st.dictionaries(_names, _level | st.dictionaries(_names, _level, max_size=3), max_size=3) | _level


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=100)
@given(encoded=_policies)
def test_nothing_is_ever_taken_for_permission_by_accident(encoded: Any) -> None:
    lines = rightsml.in_json(json.dumps(encoded))
    assert lines and all(line.strip() for line in lines)
    if not any(word in json.dumps(encoded) for word in ("use", "distribute")):
        assert any(terms.unclear for terms in meant(lines))


_moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)
_places = st.frozensets(st.sampled_from(sorted(NAMES)), min_size=1, max_size=4)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(
    terms=st.builds(
        Terms,
        territories_allowed=st.none() | _places,
        territories_denied=st.just(frozenset()) | _places,
        embargo=st.none() | _moments,
        archive=st.sampled_from([None, False]),
        resale=st.sampled_from([None, False]),
        credit=st.sampled_from(["", "Kazinform", "Reuters"]),
    )
)
def test_what_the_house_writes_it_reads_to_the_same_terms(terms: Terms) -> None:
    encoded = written.json_ld(replace(FULL, terms=(terms,)))
    if not encoded:
        return
    together = Terms()
    for line in rightsml.in_json(encoded):
        one = parse(line)
        assert one.is_clear, line
        together = replace(
            together,
            territories_allowed=one.territories_allowed or together.territories_allowed,
            territories_denied=one.territories_denied | together.territories_denied,
            embargo=one.embargo or together.embargo,
            archive=False if one.archive is False else together.archive,
            resale=False if one.resale is False else together.resale,
            credit=one.credit or together.credit,
        )
    assert together == terms


XML = """<rightsExpressionXML langid="http://www.w3.org/ns/odrl/2/"><o:Policy
 xmlns:o="http://www.w3.org/ns/odrl/2/" uid="http://r.example/p/1" type="http://www.w3.org/ns/odrl/2/Set">
 <o:prohibition><o:asset uid="urn:item:1" relation="http://www.w3.org/ns/odrl/2/target"/>
 <o:action name="http://www.w3.org/ns/odrl/2/distribute"/>
 <o:constraint name="http://www.w3.org/ns/odrl/2/spatial" operator="http://www.w3.org/ns/odrl/2/eq"
  rightOperand="http://cvx.iptc.org/iso3166-1a3/JPN"/>
 <o:party function="http://www.w3.org/ns/odrl/2/assigner" uid="http://r.example"/></o:prohibition>
 <o:permission><o:action name="http://www.w3.org/ns/odrl/2/distribute"/>{more}</o:permission></o:Policy>
</rightsExpressionXML>"""


def test_a_policy_in_xml_is_read_too() -> None:
    lines = rightsml.in_xml(etree.fromstring(XML.replace("{more}", "")))
    assert lines == ("No use in Japan",)
    strange = rightsml.in_xml(etree.fromstring(XML.replace("{more}", "<o:party function='assignee' uid='urn:x'/>")))
    assert lines[0] in strange and any(terms.unclear for terms in meant(strange))


def test_a_whole_item_comes_in_with_its_policy_once() -> None:
    wording = "No Use in Japan"
    item = replace(FULL, usage_terms=wording, terms=(parse(wording),))
    for encoded, name in ((ninjs.render(item), "a.json"), (message.render(item), "a.xml")):
        first = read(encoded, name)[0]
        assert first.restrictions == (wording,)
    item = replace(item, usage_terms="")
    assert read(ninjs.render(item), "a.json")[0].restrictions == ("No use in Japan",)
