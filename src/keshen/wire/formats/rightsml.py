"""RightsML 2.0 (IPTC's profile of ODRL 2.2): what the terms of an item allow, for machines, as JSON-LD.

NewsML-G2 carries it as `rightsExpressionData`: its schema wants ODRL's own schema beside it for a policy in XML. Only
what the words were understood to mean is said; the words themselves go along as usage terms and hold. Which clients
may have an item is the agency's affair and is not told to the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from keshen.rights.policy import Terms
from keshen.rights.territories import ALPHA_3, WORLD
from keshen.wire.formats.item import WireItem, clean

ODRL = "http://www.w3.org/ns/odrl/2/"
LANGUAGE = ODRL
MEDIA_TYPE = "application/ld+json"
PROFILE = "https://iptc.org/std/RightsML/odrl-profile/"
COUNTRIES = "http://cvx.iptc.org/iso3166-1a3/"
CONTEXT = ("http://www.w3.org/ns/odrl.jsonld", f"{PROFILE}rightsml.jsonld")


@dataclass(frozen=True, slots=True)
class Constraint:
    """`left` and `operator` are ODRL terms; `right` is an IRI, or a literal of the XML Schema type `datatype`."""

    left: str
    operator: str
    right: str
    datatype: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A permission or prohibition of an ODRL action; `credit` is a duty to name somebody."""

    kind: str
    action: str
    constraints: tuple[Constraint, ...] = ()
    credit: str = ""


def rules(terms: Terms) -> Iterator[Rule]:
    """What one wording comes to."""
    times = []
    if terms.embargo:
        times.append([Constraint("dateTime", "gteq", terms.embargo.isoformat(), "dateTime")])
    for window in terms.windows:
        within = [
            Constraint("dateTime", operator, moment.isoformat(), "dateTime")
            for operator, moment in (("gteq", window.start), ("lt", window.end))
            if moment
        ]
        times.append(within)
    allowed = terms.territories_allowed
    places = (
        [[_place(code)] for code in sorted(allowed - {WORLD})] if allowed is not None and WORLD not in allowed else []
    )
    if times or places or terms.credit:
        for when in times or [[]]:
            for where in places or [[]]:
                yield Rule("permission", "distribute", (*where, *when), terms.credit)
    for code in sorted(terms.territories_denied - {WORLD}):
        yield Rule("prohibition", "distribute", (_place(code),))
    if WORLD in terms.territories_denied:
        yield Rule("prohibition", "distribute")
    if terms.archive is False:
        yield Rule("prohibition", "archive")
    if terms.resale is False:
        yield Rule("prohibition", "sell")


def policy(item: WireItem) -> list[Rule]:
    """Every rule of the item's terms, each once."""
    return list(dict.fromkeys(rule for terms in item.terms for rule in rules(terms)))


def json_ld(item: WireItem) -> str:
    """The policy in JSON-LD; empty when no words became terms."""
    found = policy(item)
    if not found:
        return ""
    whole: dict[str, Any] = {"@context": list(CONTEXT), "@type": "Set", "uid": _uid(item), "profile": PROFILE}
    for rule in found:
        made: dict[str, Any] = {"target": item.urn, "action": rule.action}
        if item.provider.strip():
            made["assigner"] = clean(item.provider)
        if rule.constraints:
            made["constraint"] = [
                {
                    "leftOperand": each.left,
                    "operator": each.operator,
                    "rightOperand": {"@value": each.right, "@type": f"xsd:{each.datatype}"}
                    if each.datatype
                    else {"@id": each.right},
                }
                for each in rule.constraints
            ]
        if rule.credit:
            made["duty"] = [{"action": "attribute", "attributedParty": clean(rule.credit)}]
        whole.setdefault(rule.kind, []).append(made)
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def _place(code: str) -> Constraint:
    return Constraint("spatial", "eq", COUNTRIES + ALPHA_3.get(code, code))


def _uid(item: WireItem) -> str:
    return f"{item.version_urn}.policy"
