"""Whether the rows can answer a question at all, and what is missing if they cannot.

The minima come from simulations (see `docs/trust.md`). Two models differ only by the rows on which they
differ. If there is no difference, each of `m` such rows favours either model with probability 1/2. Four of
four happen in one of 16 cases, and a bootstrap of four equal rows never sees a loss, so its interval excludes
0 every time. From 10 rows on, its error is that of the exact sign test: at most 3.3 % on each side for any
`m`, 2 % on average.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.documents.models.kpi import UpliftSpec
from iterata.experiment.analysis.contributions import contributions, differing
from iterata.experiment.analysis.learners import MIN_FOLDS
from iterata.measure.intervals import FEWEST, needed
from iterata.measure.uplift.arm_sums import assignment_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.experiment.analysis.evidence import Figure, Predictions
    from iterata.experiment.analysis.learners import PairTest
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.outcomes import Outcomes

MIN_DIFFERING = 10
"""The fewest rows (or units) on which two models differ."""


def missing_outcomes(outcomes: Outcomes, units: NDArray[np.intp] | None) -> str:
    """Which outcomes are too few for any comparison, in words; empty if none are."""
    more = needed(outcomes, units)
    if not more:
        return ""
    return _missing(outcomes, units, more)


def missing_in_arms(outcomes: Outcomes, units: NDArray[np.intp] | None) -> str:
    """Which outcomes of an arm are too few for any comparison of effects, in words; empty if none are."""
    treated = assignment_of(outcomes).treated
    for arm, rows in {"treated": treated, "control": ~treated}.items():
        if not rows.any():
            return f"{arm} rows: there are none"
        part, of_arm = outcomes.among(rows), None if units is None else units[rows]
        if more := needed(part, of_arm):
            return f"{_missing(part, of_arm, more)}, in the {arm} arm"
    return ""


def _missing(outcomes: Outcomes, units: NDArray[np.intp] | None, more: int) -> str:
    independent = outcomes.group is not None or units is not None
    if outcomes.classes is not None:
        noun = "units with rows" if independent else "rows"
        return _more(FEWEST - more, FEWEST, f"{noun} of other classes than the most frequent one")
    if outcomes.group is None and not outcomes.is_binary:
        return _more(FEWEST - more, FEWEST, "units" if independent else "rows")
    rarer = (
        "negative" if 2 * outcomes.positive.sum() > len(outcomes) and outcomes.group is None else "positive"
    )
    return _more(FEWEST - more, FEWEST, f"units with a {rarer} row" if independent else f"{rarer}s")


def missing_differences(
    kpi_scale: KpiScale, predictions: Predictions, pair: tuple[str, str], units: NDArray[np.intp] | None
) -> str:
    """Whether two models act alike on too many rows to be compared, in words; empty if not."""
    lines = [contributions(kpi_scale, predictions[model]) for model in pair]
    one, other = lines
    if one is None or other is None:
        return ""
    count = differing(one, other, units)
    noun = f"{'rows' if units is None else 'units'} on which the two models differ in the KPI"
    if isinstance(kpi_scale.spec, UpliftSpec):
        noun = (
            f"{'rows' if units is None else 'units'} with an outcome that only one of the two models treats"
        )
    return _more(count, MIN_DIFFERING, noun) if count < MIN_DIFFERING else ""


def missing_folds(pair: PairTest) -> str:
    """What the folds lack to say how much chance there is, in words; empty if nothing."""
    if pair.test is not None:
        return ""
    if pair.folds < MIN_FOLDS:
        return _more(pair.folds, MIN_FOLDS, "folds with this KPI, in all repeats")
    return "folds that differ: the difference is the same in each"


def missing_variation(gain: Figure) -> str:
    """Why a difference has no interval, in words; empty if it has one."""
    if gain.is_defined and gain.estimate().interval is not None:
        return ""
    resampled = gain.resampled[~np.isnan(gain.resampled)]
    if gain.is_defined and len(resampled) and np.ptp(resampled) == 0:
        return "rows on which the two models differ"
    return "rows on which both models have this figure: too many resamples have none"


def _more(count: int, least: int, noun: str) -> str:
    """How many more are needed.

    >>> _more(4, 10, "positives")
    'at least 10 positives, 6 more than there are'
    """
    return f"at least {least} {noun}, {least - count} more than there are"
