"""What the units of the last phase are compared with, when everybody is treated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.results.rollout import Comparison
from iterata.rollout.analysis import ArmMoments, effect, method_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.rollout.cells import MetricColumns

HOLDOUT = (
    "The units that keep the status quo were drawn by chance, so the difference is an effect of the variant."
)
BEFORE_AND_AFTER = (
    "Nobody keeps the status quo any more, so units of different times are compared: whatever else changed "
    "between them is part of the difference, and it is no evidence of an effect."
)

UNDECLARED = (
    "Units of different times are compared: whatever else changed between them is part of the difference, "
    "and it is no evidence of an effect. Some units keep the status quo without a declared holdout: if "
    "chance drew them, write `holdout:` with their share."
)


def comparison(
    columns: MetricColumns, phases: Mapping[float, ArmMoments], holdout: float
) -> Comparison | None:
    """The primary metric of the last phase, against the holdout or against the last control group.

    Args:
        columns: the quantities of the primary metric.
        phases: both arms of each phase by its share; the last one treats everybody.
        holdout: the share of units that keep the status quo in the last phase.
    """
    *earlier, last = phases.values()
    if holdout > 0:
        arms, note = last, HOLDOUT
    else:
        control = next((arms.control for arms in reversed(earlier) if arms.control.n_obs), None)
        if control is None:
            return None
        note = UNDECLARED if last.control.n_obs else BEFORE_AND_AFTER
        arms = ArmMoments(control, last.treatment)
    if not arms.can_be_compared:
        return None
    found = effect(method_of(columns, arms), columns, arms)
    kind = "holdout" if holdout > 0 else "before_and_after"
    return None if found is None else Comparison(kind=kind, note=note, effect=found)
