"""What the rows say about the difference of two models: by their predictions, or by the folds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iterata.documents.models.enums import STATUS_QUO
from iterata.documents.models.kpi import UpliftSpec
from iterata.experiment.analysis.sufficiency import (
    missing_differences,
    missing_folds,
    missing_in_arms,
    missing_outcomes,
    missing_variation,
)
from iterata.experiment.analysis.verdict import THESE_PREDICTIONS, claim_of_folds, claim_of_predictions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from iterata.experiment.analysis.evidence import Evidence, Figure, Predictions
    from iterata.experiment.analysis.learners import FoldComparison
    from iterata.experiment.analysis.segments import Segment
    from iterata.experiment.analysis.verdict import Claim
    from iterata.measure.kpi_scale import KpiScale


@dataclass(frozen=True)
class Comparer:
    """Compares models on the same rows."""

    kpi_scale: KpiScale
    predictions: Predictions
    """Of the status quo and of every variant."""
    units: NDArray[np.intp] | None
    """`(n,)`, the independent unit of each row; None if every row is one."""
    resampled: str
    """What the bootstrap resamples, in words."""
    by_fold: FoldComparison | None
    """The same models in each of the random folds; None if folds are not random."""

    @property
    def missing_outcomes(self) -> str:
        """Which outcomes are too few for any comparison, in words; empty if none are."""
        outcomes = self.kpi_scale.outcomes
        if isinstance(self.kpi_scale.spec, UpliftSpec):
            return missing_in_arms(outcomes, self.units)
        return missing_outcomes(outcomes, self.units)

    def missing(self, variant: str, over: str) -> str:
        """What is missing to compare two models at all, in words; empty if nothing is."""
        if self.missing_outcomes:
            return self.missing_outcomes
        return missing_differences(self.kpi_scale, self.predictions, (variant, over), self.units)

    def claim(self, variant: str, over: str, by: float, evidence: Evidence) -> Claim:
        """What the rows say about the claim that a variant is better than another model by an amount."""
        gain = evidence.kpi(variant).minus(evidence.kpi(over), self.kpi_scale.sign)
        return self._claim(variant, over, by, gain)

    def in_segment(self, segment: Segment, variant: str, evidence: Evidence) -> Claim:
        """What the rows of a segment say about the claim that a variant is better than the status quo."""
        rows = segment.rows
        part = Comparer(
            self.kpi_scale.among(rows),
            {
                model: [column.among(rows) for column in columns]
                for model, columns in self.predictions.items()
            },
            None if self.units is None else self.units[rows],
            self.resampled,
            self.by_fold and self.by_fold.among(rows),
        )
        figures = (evidence.segment(segment.key, model) for model in (variant, STATUS_QUO))
        figure, status_quo = figures
        return part._claim(variant, STATUS_QUO, 0.0, figure.minus(status_quo, self.kpi_scale.sign))

    def _claim(self, variant: str, over: str, by: float, gain: Figure) -> Claim:
        needed = self.missing(variant, over)
        if self.by_fold is not None and self.by_fold.decides(variant, over):
            pair = self.by_fold.test(variant, over, by)
            return claim_of_folds(pair, by, needed or missing_folds(pair))
        method = f"{THESE_PREDICTIONS} {self.resampled}"
        return claim_of_predictions(gain, by, method, needed or missing_variation(gain))
