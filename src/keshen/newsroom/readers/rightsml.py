"""RightsML (IPTC's profile of ODRL 2.2) that comes in, as restriction lines which the rights room reads.

A policy is said again in the words of restrictions ("No use in Japan", "Embargo until …"), so that editors read it and
one parser decides what it means; each line is checked against what the rule says. A rule that has no such words, or
any part of which is unknown, becomes a line that nobody understands: it stops for a person. The policy itself stays in
the sender's bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from keshen.newsroom.readers.moments import moment
from keshen.rights.terms import Terms, Window
from keshen.rights.territories import ALPHA_3, NAMES, WORLD
from keshen.rights.wording import parse

MOST_CHARACTERS = 100_000
MOST_RULES = 200
_USE = frozenset({"use", "distribute", "publish", "reproduce", "display", "present", "play", "print", "broadcast"})
_WHOLE_USE = frozenset({"use", "distribute", "publish"})
"""Actions that a permission must name, so that what it does not name may be done as well."""
_DEEDS: Mapping[str, tuple[str, Terms]] = {
    "archive": ("No archiving", Terms(archive=False)),
    "sell": ("No resale", Terms(resale=False)),
}
_CREDIT = frozenset({"attribute", "attribution"})
_PLACES = frozenset({"spatial", "spatialcoordinates"})
_TIMES = frozenset({"datetime"})
_CHANNELS = frozenset({"media", "deliverychannel", "channel"})
_MEDIA: Mapping[str, tuple[str, str]] = {
    "web": ("web", "web"), "internet": ("web", "web"), "online": ("web", "web"), "television": ("television", "tv"),
    "tv": ("television", "tv"), "radio": ("radio", "radio"),
}  # fmt: skip
_EQUAL = frozenset({"eq", "isanyof", "isa", "ispartof", "isallof"})
_UNEQUAL = frozenset({"neq", "isnoneof"})
_COUNTRY: Mapping[str, str] = {long: short for short, long in ALPHA_3.items()}
_UNSAID = frozenset({"@context", "@type", "type", "uid", "@id", "profile", "permission", "prohibition", "assigner"})
_OLD_NAMES: Mapping[str, str] = {
    "permissions": "permission", "prohibitions": "prohibition", "policytype": "type", "policyid": "uid",
}  # fmt: skip
"""Names of ODRL's JSON encoding before JSON-LD (2.0), which IPTC's examples of ninjs have."""


@dataclass(frozen=True)
class _Limit:
    left: str
    operator: str
    right: tuple[str, ...]


@dataclass(frozen=True)
class _Rule:
    """One permission or prohibition. `strange` is what of it the house does not know."""

    kind: str
    actions: frozenset[str]
    limits: tuple[_Limit, ...] = ()
    credits: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()

    def __str__(self) -> str:
        limits = (f"{limit.left} {limit.operator} {' '.join(limit.right)}" for limit in self.limits)
        return " ".join([self.kind, *sorted(self.actions), *limits, *self.strange])


class _Strange(ValueError):
    """A part of a policy that is not of the form ODRL gives it."""


def in_json(encoded: str) -> tuple[str, ...]:
    """The restriction lines of a policy in JSON-LD; of what is no such policy, one line that stops for a person."""
    try:
        if len(encoded) > MOST_CHARACTERS:
            raise _Strange("longer than a policy is")
        whole = json.loads(encoded)
        policies = whole if isinstance(whole, list) else [whole]
        lines = dict.fromkeys(line for policy in policies for line in _lines(_json_rules(policy)))
        return tuple(lines) or (_unknown(encoded),)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return (_unknown(encoded),)


def in_xml(root: etree._Element) -> tuple[str, ...]:
    """The same of a policy in ODRL's XML encoding, given the element around it or the policy itself."""
    policies = [node for node in root.iter() if _local(node.tag) == "policy"]
    if not policies:
        return (_unknown(" ".join(" ".join(str(text).split()) for text in root.itertext())),)
    return tuple(dict.fromkeys(line for policy in policies for line in _lines(_xml_rules(policy))))


def beside(stated: Iterable[str], lines: Iterable[str]) -> tuple[str, ...]:
    """The stated terms, and of `lines` those that say more than they do."""
    found = list(dict.fromkeys(stated))
    meant = [replace(parse(line), wording="") for line in found]
    for line in lines:
        meaning = replace(parse(line), wording="")
        if meaning.unclear or meaning not in meant:
            found.append(line)
            meant.append(meaning)
    return tuple(dict.fromkeys(found))


def _json_rules(policy: Any) -> list[_Rule]:
    named = {_local(name) if not name.startswith("@") else name: value for name, value in policy.items()}
    named = {_OLD_NAMES.get(name, name): value for name, value in named.items()}
    if "@graph" in named:
        return [rule for part in _many(named["@graph"]) for rule in _json_rules(part)]
    rules = [_json_rule(kind, each) for kind in ("permission", "prohibition") for each in _many(named.get(kind))]
    if strange := sorted(set(named) - _UNSAID):
        rules.append(_Rule("policy", frozenset(), strange=tuple(strange)))
    given = [each for kind in ("permission", "prohibition") for each in _many(named.get(kind))]
    targets = {_text(each["target"]) for each in given if isinstance(each, dict) and each.get("target")}
    return _one_target(rules, targets)


def _json_rule(kind: str, rule: Any) -> _Rule:
    if not isinstance(rule, dict):
        raise _Strange("a rule is an object")
    named = {_local(name): value for name, value in rule.items()}
    limits: list[_Limit] = []
    strange: list[str] = []
    for given in (*_many(named.get("constraint")), *_refinements(named.get("action"))):
        limit = {_local(name): value for name, value in given.items()} if isinstance(given, dict) else {}
        right = limit.get("rightoperand", limit.get("rightoperandreference"))
        if right is None or "leftoperand" not in limit:
            strange.append(json.dumps(given, ensure_ascii=False)[:200])
            continue
        words = tuple(_text(each) for each in _many(right))
        limits.append(_Limit(_local(_text(limit["leftoperand"])), _local(_text(limit.get("operator", ""))), words))
    creditors: list[str] = []
    for duty in _many(named.get("duty")):
        said = {_local(name): value for name, value in duty.items()} if isinstance(duty, dict) else {}
        if {_local(_text(each)) for each in _many(said.get("action"))} <= _CREDIT and not said.get("constraint"):
            creditors.append(_text(said.get("attributedparty", said.get("attributed", ""))))
        else:
            strange.append(f"duty {json.dumps(duty, ensure_ascii=False)[:200]}")
    known = {"action", "constraint", "duty", "target", "assigner", "uid", "id", "type"}
    strange += sorted(set(named) - known)
    actions = frozenset(_local(_action(each)) for each in _many(named.get("action")))
    return _Rule(kind, actions, tuple(limits), tuple(creditors), tuple(strange))


def _action(value: Any) -> str:
    """An action's name; refined, it is an object that names it as its value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if _local(name) == "value":
                return _text(inner)
    return _text(value)


def _refinements(action: Any) -> Iterator[Any]:
    for each in _many(action):
        if isinstance(each, dict):
            for name, inner in each.items():
                if _local(name) == "refinement":
                    yield from _many(inner)


def _xml_rules(policy: etree._Element) -> list[_Rule]:
    rules: list[_Rule] = []
    targets: set[str] = set()
    for node in policy:
        kind = _local(node.tag)
        if kind not in ("permission", "prohibition"):
            if isinstance(node.tag, str):
                rules.append(_Rule("policy", frozenset(), strange=(kind,)))
            continue
        actions: set[str] = set()
        limits: list[_Limit] = []
        creditors: list[str] = []
        strange: list[str] = []
        for part in node:
            name = _local(part.tag)
            if name == "action":
                actions.add(_local(part.get("name", "")))
            elif name == "constraint" and len(part) == 0:
                right = part.get("rightOperand", part.text or "")
                limits.append(_Limit(_local(part.get("name", "")), _local(part.get("operator", "")), (right.strip(),)))
            elif name == "asset":
                targets.add(part.get("uid", ""))
            elif name == "duty" and _duty_of_credit(part):
                creditors += [each.get("uid", "") for each in part if _local(each.tag) == "party"] or [""]
            elif name == "party" and _local(part.get("function", part.get("role", ""))) == "assigner":
                continue
            elif isinstance(part.tag, str):
                strange.append(f"{name} {' '.join(str(value) for value in part.attrib.values())}".strip()[:200])
        rules.append(_Rule(kind, frozenset(actions), tuple(limits), tuple(creditors), tuple(strange)))
    return _one_target(rules, targets)


def _duty_of_credit(duty: etree._Element) -> bool:
    parts = {_local(part.tag) for part in duty if isinstance(part.tag, str)}
    actions = {_local(part.get("name", "")) for part in duty if _local(part.tag) == "action"}
    return parts <= {"action", "party"} and bool(actions) and actions <= _CREDIT


def _one_target(rules: list[_Rule], targets: set[str]) -> list[_Rule]:
    """Rules of several targets are for somebody to tell apart."""
    if len(targets) < 2:
        return rules
    return [replace(rule, strange=(*rule.strange, "one of several targets")) for rule in rules]


def _lines(rules: list[_Rule]) -> list[str]:
    if len(rules) > MOST_RULES:
        return [_unknown(f"{len(rules)} rules")]
    allowed = [rule for rule in rules if rule.kind == "permission"]
    lines = [_prohibited(rule) or _unknown(str(rule)) for rule in rules if rule.kind != "permission"]
    lines += _permitted(allowed)
    if not lines:
        lines.append(_checked("No restrictions", Terms()) if allowed else _unknown("a policy without rules"))
    return lines


def _prohibited(rule: _Rule) -> str:
    """One prohibition in words; nothing when there are none for it."""
    if rule.kind != "prohibition" or rule.strange or rule.credits or not rule.actions:
        return ""
    if not rule.actions & _WHOLE_USE:
        if rule.limits or len(rule.actions) != 1 or not rule.actions <= set(_DEEDS):
            return ""
        return _checked(*_DEEDS[next(iter(rule.actions))])
    if not rule.actions <= _USE:
        return ""
    if not rule.limits:
        return _checked("No use in the world", Terms(territories_denied=frozenset({WORLD})))
    if len(rule.limits) > 1:
        return ""
    limit = rule.limits[0]
    if limit.left in _PLACES:
        places = _countries(limit.right)
        if places and limit.operator in _EQUAL:
            return _checked(f"No use in {_named(places)}", Terms(territories_denied=places))
        if places and limit.operator in _UNEQUAL:
            return _checked(f"Only in {_named(places)}", Terms(territories_allowed=places))
    if limit.left in _TIMES and len(limit.right) == 1 and (at := _moment(limit.right[0])):
        if limit.operator in ("lt", "lteq"):
            return _checked(f"Embargo until {at.isoformat()}", Terms(embargo=at))
        if limit.operator in ("gt", "gteq"):
            return _checked(f"Use until {at.isoformat()}", Terms(windows=(Window(end=at),)))
    if limit.left in _CHANNELS and limit.operator in _EQUAL:
        media = [_MEDIA.get(_local(word)) for word in limit.right]
        if media and all(media):
            names = " and ".join(dict.fromkeys(each[0] for each in media if each))
            denied = frozenset(each[1] for each in media if each)
            return _checked(f"Not for {names}", Terms(platforms_denied=denied))
    return ""


def _permitted(rules: list[_Rule]) -> list[str]:
    """All permissions together, for each allows what the others do not; what has no words is named one by one."""
    if not rules:
        return []
    lines = []
    ways: list[tuple[frozenset[str] | None, tuple[datetime | None, datetime | None]]] = []
    for rule in rules:
        way = _way(rule)
        if way is None:
            lines.append(_unknown(str(rule)))
        else:
            ways.append(way)
            lines += [
                _checked(f"Credit: {name}", Terms(credit=name, credit_required=True)) if name
                else _checked("Credit mandatory", Terms(credit_required=True))
                for name in rule.credits
            ]  # fmt: skip
    times = {when for _places, when in ways}
    if len(times) > 1:
        return [*dict.fromkeys(line for line in lines if line), _unknown(" / ".join(map(str, rules)))]
    places = [where for where, _when in ways]
    if ways and None not in places:
        all_places = frozenset(code for where in places if where for code in where)
        lines.append(_checked(f"Only in {_named(all_places)}", Terms(territories_allowed=all_places)))
    for start, end in times:
        if start and end:
            window = Terms(windows=(Window(start, end),))
            lines.append(_checked(f"Use from {start.isoformat()}; use until {end.isoformat()}", window))
        elif start:
            lines.append(_checked(f"Embargo until {start.isoformat()}", Terms(embargo=start)))
        elif end:
            lines.append(_checked(f"Use until {end.isoformat()}", Terms(windows=(Window(end=end),))))
    if "" in lines:
        lines.append(_unknown(" / ".join(map(str, rules))))
    return list(dict.fromkeys(line for line in lines if line))


def _way(rule: _Rule) -> tuple[frozenset[str] | None, tuple[datetime | None, datetime | None]] | None:
    """Where and when one permission lets use; None when there is more to it."""
    if rule.strange or not rule.actions & _WHOLE_USE or not rule.actions <= _USE | set(_DEEDS):
        return None
    where: frozenset[str] | None = None
    start = end = None
    for limit in rule.limits:
        if limit.left in _PLACES and limit.operator in _EQUAL and where is None and (found := _countries(limit.right)):
            where = found
        elif limit.left in _TIMES and len(limit.right) == 1 and (at := _moment(limit.right[0])):
            if limit.operator in ("gt", "gteq") and start is None:
                start = at
            elif limit.operator in ("lt", "lteq") and end is None:
                end = at
            else:
                return None
        else:
            return None
    return where, (start, end)


def _checked(line: str, meant: Terms) -> str:
    """The line, if it is read as meaning just that."""
    return line if replace(parse(line), wording="") == meant else ""


def _countries(words: Iterable[str]) -> frozenset[str]:
    """Codes of places the house knows by name; none when any of the words is something else."""
    found = set()
    for word in words:
        code = word.rstrip("/").rpartition("/")[2].rpartition(":")[2].rpartition("#")[2].upper()
        code = _COUNTRY.get(code, code)
        if code not in NAMES:
            return frozenset()
        found.add(code)
    return frozenset(found)


def _named(codes: Iterable[str]) -> str:
    return ", ".join(NAMES[code][0][0] for code in sorted(codes))


def _moment(text: str) -> datetime | None:
    """An aware moment to the minute, as restriction lines have it; of a minute begun, its end."""
    at = moment(text)
    if at is None or at.tzinfo is None:
        return None
    whole = at.astimezone(UTC).replace(second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(minutes=1)


def _unknown(said: str) -> str:
    line = f"RightsML: {' '.join(said.split())[:400]}"
    return line if not parse(line).is_clear else "RightsML that could not be read"


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _text(value: Any) -> str:
    """A literal or an IRI as JSON-LD gives it: plain, as `@value` or as `@id`."""
    if isinstance(value, dict):
        inner = [value[name] for name in ("@value", "@id", "value", "uid", "id", "name") if name in value]
        return _text(inner[0]) if inner else json.dumps(value)
    return str(value)


def _local(name: Any) -> str:
    """The last part of a name that may be an IRI, prefixed or in a namespace, in small letters."""
    if not isinstance(name, str):
        return ""
    local = name.rpartition("}")[2].rstrip("/#")
    for mark in ("#", "/", ":"):
        local = local.rpartition(mark)[2]
    return local.casefold()
