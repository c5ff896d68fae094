"""All phases of a split test together: each phase is a stratum.

Phases have unlike shares and unlike times. If their units are pooled, a rate that changes over time becomes
an effect (Simpson's paradox). Here each phase is compared within itself, and the differences are averaged
with the weights `n1 n0 / (n1 + n0)` of Mantel and Haenszel. These do not depend on the outcomes. Inverse
variances do, and with few positives they prefer the phases that happen to show a loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.measure.release.differences import FEWEST, Difference
from iterata.measure.release.information import information

if TYPE_CHECKING:
    from collections.abc import Sequence


def stratified(phases: Sequence[Difference]) -> Difference | None:
    """The average difference over phases; None if no phase has two units in each arm.

    The value of an arm is the average of its values with the same weights. The weights are those of least
    squares with a dummy for each phase.

    Args:
        phases: each phase by itself. One with fewer than two units in an arm, or whose value is not defined,
            adds nothing.
    """
    usable = [phase for phase in phases if _is_usable(phase)]
    if not usable:
        return None
    weights = np.array([information(phase.treatment_units, phase.control_units) for phase in usable])
    weights = weights / weights.sum()
    values = np.array(usable, dtype=float)[:, 2:]
    treatment, control = (weights @ values[:, :2]).tolist()
    treatment_variance, control_variance = (weights**2 @ values[:, 2:]).tolist()
    return Difference(
        sum(phase.treatment_units for phase in usable),
        sum(phase.control_units for phase in usable),
        treatment,
        control,
        treatment_variance,
        control_variance,
    )


def _is_usable(phase: Difference) -> bool:
    enough = min(phase.treatment_units, phase.control_units) >= FEWEST
    return enough and bool(np.isfinite(phase.difference) and np.isfinite(phase.variance))
