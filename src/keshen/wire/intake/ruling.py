"""The verbs on routing rules. The order is theirs: the first that fits decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Desk, User
from keshen.house.urns import urn
from keshen.wire.actions import agency
from keshen.wire.intake.models import Rule
from keshen.wire.intake.routing import Rule as RoutingRule
from keshen.wire.intake.routing import RuleError


def drafted(name: str, conditions: Mapping[str, Any], act: str, desk: Desk | None, rule: Rule | None = None) -> Rule:
    """A rule as it would be, not kept. Raises RuleError."""
    made = rule or Rule()
    if not name.strip():
        raise RuleError(_("A rule needs a name: what comes is explained by it."))
    if act not in Rule.Act.values:
        raise RuleError(_("A rule routes, takes or drops."))
    if act != Rule.Act.DROP and desk is None:
        raise RuleError(_("Say to which desk."))
    made.name, made.act = name.strip(), act
    made.desk = None if act == Rule.Act.DROP else desk
    made.conditions = RoutingRule.from_json(conditions).to_json()
    return made


@action
def keep(actor: User, rule: Rule) -> Rule:
    """Keep a drafted rule, a new one after all others. Event: `rule.added` or `rule.changed`."""
    permit(actor, "wire.rules", agency())
    before = Rule.objects.select_for_update().filter(pk=rule.pk).first() if rule.pk else None
    if before is None:
        rule.position = (Rule.objects.aggregate(last=Max("position"))["last"] or 0) + 1
    rule.save()
    _tell(actor, rule, "rule.changed" if before else "rule.added", before=_facts(before) if before else None)
    return rule


@action
def switch(actor: User, rule: Rule, *, on: bool) -> None:
    """Put a rule in force, or out of it. Event: `rule.changed`."""
    permit(actor, "wire.rules", agency())
    before = _facts(rule)
    rule.is_on = on
    rule.save(update_fields=["is_on"])
    _tell(actor, rule, "rule.changed", before=before)


@action
def move(actor: User, rule: Rule, *, up: bool) -> None:
    """Ask a rule one place earlier or later. Event: `rule.moved`."""
    permit(actor, "wire.rules", agency())
    rows = list(Rule.objects.select_for_update().order_by("position", "id"))
    at = next(number for number, row in enumerate(rows) if row.pk == rule.pk)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    for position, row in enumerate(rows, 1):
        row.position = position
    Rule.objects.bulk_update(rows, ["position"])
    _tell(actor, rule, "rule.moved", before={"place": at + 1}, after={"place": to + 1})


@action
def remove(actor: User, rule: Rule) -> None:
    """Do without a rule. What it routed keeps its explanation. Event: `rule.removed`."""
    permit(actor, "wire.rules", agency())
    _tell(actor, rule, "rule.removed", before=_facts(rule), after={})
    rule.delete()


def _facts(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "conditions": rule.conditions,
        "act": rule.act,
        "desk": rule.desk.slug if rule.desk else "",
        "on": rule.is_on,
    }


def _tell(
    actor: User, rule: Rule, kind: str, *, before: dict[str, Any] | None, after: dict[str, Any] | None = None
) -> None:
    service = agency()
    record(
        actor,
        kind,
        urn("rule", rule.pk, actor.created_at),
        organisation=service.organisation if service else actor.organisation,
        before=before,
        after=_facts(rule) if after is None else after,
    )
