"""The catalogue: every rule and every gate by its code, collected from where they are defined."""

from __future__ import annotations

from iterata.lifecycle.gates import GATES, Gate
from iterata.rules import (
    consistency,
    earlier_releases,
    exploration,
    findings,
    front_matter,
    lifecycle,
    monitors,
    names,
    plan,
    prose,
    pull_requests,
    releases,
    reports,
    results,
    say_once,
    staleness,
    tree,
)
from iterata.rules.rule import Rule
from iterata.stages import Stage

_MODULES = (
    front_matter,
    prose,
    tree,
    lifecycle,
    names,
    plan,
    say_once,
    findings,
    results,
    monitors,
    consistency,
    staleness,
    releases,
    earlier_releases,
    pull_requests,
    reports,
    exploration,
)


def _gate_rule(gate: Gate) -> Rule:
    stages = ", ".join(gate.stages) if len(gate.stages) < len(Stage) else "every stage"
    applies_to = f"{stages}, to be {' or '.join(gate.statuses)}"
    return Rule(gate.code, f"Requires that {gate.requires}.", gate.why, gate.bad, gate.good, applies_to)


RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        *(rule for module in _MODULES for rule in module.RULES.rules),
        *(_gate_rule(gate) for gate in GATES),
    )
}
"""Every code there is, in the order of the reference page."""
