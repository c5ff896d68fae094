"""Every code there is, with what it asks and why: rules and gates in one list."""

from __future__ import annotations

from typing import NamedTuple

from iterata.lifecycle.gates import GATES, Gate
from iterata.rules.catalogue import RULES
from iterata.stages import Stage


class Explained(NamedTuple):
    """A code, what it asks, and why."""

    code: str
    asks: str
    why: str
    failing: str
    mended: str
    asked_of: str = ""
    """For a gate: the stages and statuses it guards."""


def _guards(gate: Gate) -> str:
    stages = ", ".join(gate.stages) if len(gate.stages) < len(Stage) else "every stage"
    return f"{stages}, to be {' or '.join(gate.statuses)}"


CODES: dict[str, Explained] = {
    **{
        rule.code: Explained(rule.code, rule.summary, rule.why, rule.failing, rule.mended)
        for rule in RULES.values()
    },
    **{
        gate.code: Explained(
            gate.code, f"Requires that {gate.requires}.", gate.why, gate.bad, gate.good, _guards(gate)
        )
        for gate in GATES
    },
}
