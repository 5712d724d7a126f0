"""Sending items where the rules say, and the rules held against traffic that came, without changing anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from keshen.house.events import record
from keshen.house.models import User
from keshen.wire.intake.models import IncomingItem, Rule
from keshen.wire.intake.routing import Rule as RoutingRule
from keshen.wire.intake.routing import Step, decides, explain


def rules_on() -> list[Rule]:
    """The rules in force, in their order."""
    return list(Rule.objects.filter(is_on=True).select_related("desk"))


def send(actor: User, item: IncomingItem) -> None:
    """Give a new item to the desk the rules say. Call inside the action that made it. Event: `item.routed`.

    An update goes where the item before it went by a person's hand; without a rule that fits, to the source's desk.
    """
    from keshen.wire.intake import triage

    rules = {rule.pk: rule for rule in rules_on()}
    steps = explain([rule.rule for rule in rules.values()], item.facts)
    decided = decides(steps)
    rule = rules[decided.key] if decided else None
    item.why = [step.to_json() for step in steps]
    item.rule = rule
    before = item.updates
    if before is not None and before.desk_id and before.rule_id is None:
        item.desk = before.desk
    else:
        item.desk = rule.desk if rule else item.source.desk
    item.save(update_fields=["why", "rule", "desk"])
    if item.desk_id:
        record(
            actor,
            "item.routed",
            item.urn,
            organisation=item.organisation,
            after={"desk": item.desk.slug if item.desk else "", "rule": rule.name if rule else ""},
        )
    if rule is None or item.withdrawn:
        return  # what the sender takes back is always shown to a person
    if rule.act == Rule.Act.DROP:
        triage.drop(actor, item, f"{rule}")
    elif rule.act == Rule.Act.TAKE and before is None:
        triage.take(actor, item)


@dataclass(frozen=True, slots=True)
class Tried:
    """One item of the past under the rules tried: what would decide, and how it came to that."""

    item: IncomingItem
    steps: Sequence[Step]
    rule: Rule | None

    @property
    def why(self) -> list[dict[str, Any]]:
        """The explanation as it is kept on items."""
        return [step.to_json() for step in self.steps]

    @property
    def changes(self) -> bool:
        """Whether it would go elsewhere than it went."""
        if self.rule is None:
            return self.item.rule_id is not None
        return self.rule.pk is None or self.rule.pk != self.item.rule_id


def dry_run(rules: Sequence[tuple[Rule, RoutingRule]], items: Iterable[IncomingItem]) -> list[Tried]:
    """Hold rules, perhaps not yet saved, against items that came. Nothing changes."""
    plain = [pair[1] for pair in rules]
    by_rule = {id(pair[1]): pair[0] for pair in rules}
    tried = []
    for item in items:
        steps = explain(plain, item.facts)
        decided = decides(steps)
        tried.append(Tried(item, steps, by_rule[id(decided)] if decided else None))
    return tried
