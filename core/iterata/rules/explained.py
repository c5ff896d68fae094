"""Every code there is, with what it asks and why: rules and gates in one list."""

from __future__ import annotations

from typing import NamedTuple

from iterata.lifecycle.gates import GATES
from iterata.rules.catalogue import RULES


class Explained(NamedTuple):
    """A code, what it asks, and why."""

    code: str
    asks: str
    why: str


CODES: dict[str, Explained] = {
    **{rule.code: Explained(rule.code, rule.summary, rule.why) for rule in RULES.values()},
    **{gate.code: Explained(gate.code, f"Requires that {gate.requires}.", gate.why) for gate in GATES},
}
