"""The scale from random through the status quo to perfect, in the KPI's unit and period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from iterata import results
from iterata.documents.models.kpi import (
    ClassValueSpec,
    MetricSpec,
    OutcomeValueSpec,
    RankingSpec,
    TargetingSpec,
    UpliftSpec,
)
from iterata.measure.intervals import (
    ROUNDING,
    estimate,
    percentile_interval,
    share_estimate,
    without_rounding,
)
from iterata.measure.kpi import Kpi, from_spec
from iterata.measure.kpi.class_metric import ClassMetricKpi
from iterata.measure.kpi.class_value import ClassValue
from iterata.measure.kpi.metric import MetricKpi
from iterata.measure.kpi.targeting import Targeting
from iterata.measure.measures import Measure
from iterata.measure.metrics import METRICS, Needs
from iterata.measure.predictions import PredictionKind
from iterata.measure.weightings import Classes
from iterata.measure.windows import KpiByWindow, by_window, in_windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.period import Period
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.predictions import PredictionColumn
    from iterata.results import Estimate


FIRST_ROWS = 1000
"""Most columns are seen not to be constant in so many rows."""

BRANCHES = "perfect with enough budget", "perfect with enough positives"
"""The worse of these two is the perfect model: its figure has a kink where the budget is the base rate."""


@dataclass(frozen=True, slots=True)
class KpiScale:
    """Measures columns of predictions in the KPI's unit and period.

    A period has a fixed number of rows, so a KPI that adds up is the KPI per row times that number: resampled
    units can have more or fewer rows than the sample.
    """

    kpi: Kpi
    spec: KpiSpec
    outcomes: Outcomes
    status_quo: Floats | float
    """The status quo's prediction for each row; or its KPI, if only that is known."""
    period: Period | None
    bounds: Mapping[str, Measure]
    """The models that need no training: `random`, `status_quo`, `perfect`; and the two smooth `BRANCHES` of
    the perfect model, if it has a kink."""
    _rounding: float
    """The largest difference that computing the same figure in two ways can cause."""

    @classmethod
    def of(
        cls,
        spec: KpiSpec,
        outcomes: Outcomes,
        status_quo: Floats | float,
        period: Period | None,
        project: Path | None = None,
        *,
        table_rows: int | None = None,
    ) -> KpiScale:
        """The scale for a table of rows, or for those of its rows that are predicted.

        A budget given as a number is a number of the period's rows, or of the whole table's without a period:
        it is the same share of the rows under every split.

        Args:
            spec: the KPI.
            outcomes: of the rows that are evaluated.
            status_quo: its prediction for each of them; or its KPI, if only that is known.
            period: what figures are scaled to; None for the evaluated rows.
            project: the folder with the code of a KPI of kind `python`.
            table_rows: the rows of the whole table; None if these are all of them.

        Raises:
            DataError: the KPI's budget is larger than the number of rows.
        """
        if isinstance(status_quo, float) and isinstance(spec, OutcomeValueSpec | ClassValueSpec):
            # what it does with each row is not known
            spec = spec.model_copy(update={"random": spec.random.without_status_quo})
        budget_rows = period.rows if period else table_rows or outcomes.rows
        kpi = from_spec(spec, budget_rows, project)
        if isinstance(status_quo, float) and isinstance(kpi, MetricKpi):
            kpi = replace(kpi, random_acts=kpi.random_acts.without_status_quo)
        if isinstance(status_quo, float) and isinstance(kpi, ClassMetricKpi):
            kpi = replace(kpi, random_answers=kpi.random_answers.without_status_quo)
        if not isinstance(spec, RankingSpec):  # its groups lie within windows
            kpi = in_windows(kpi, outcomes)
        return cls._of(kpi, spec, outcomes, status_quo, period)

    @classmethod
    def _of(
        cls, kpi: Kpi, spec: KpiSpec, outcomes: Outcomes, status_quo: Floats | float, period: Period | None
    ) -> KpiScale:
        bare = cls(kpi, spec, outcomes, status_quo, period, {}, 0.0)
        bounds = {
            "random": bare.scaled(kpi.random(outcomes, bare.status_quo_predictions)),
            "status_quo": bare.status_quo_measure(),
            "perfect": bare.scaled(kpi.perfect(outcomes)),
        }
        bounds |= {name: bounds[name].without_proportion() for name in bare.constant}
        with np.errstate(divide="ignore", invalid="ignore"):
            largest = max(abs(bound.on_sample(len(outcomes))) for bound in bounds.values())
        branches = kpi.perfect_branches(outcomes) if isinstance(kpi, Targeting) else ()
        bounds |= {name: bare.scaled(branch) for name, branch in zip(BRANCHES, branches, strict=False)}
        return replace(bare, bounds=bounds, _rounding=ROUNDING * largest)

    def among(self, rows: Bools) -> KpiScale:
        """The scale for some of the rows as if they were all rows; `rows` is an `(n,)` mask.

        Its measures are of these rows; `Measure.among` puts them under weightings of all rows.
        """
        status_quo = self.status_quo_predictions[rows]
        return self._of(self.kpi, self.spec, self.outcomes.among(rows), status_quo, self.period)

    @property
    def status_quo_predictions(self) -> Floats:
        """The status quo's prediction for each row; the target values if only its KPI is known."""
        return self.outcomes.target if isinstance(self.status_quo, float) else self.status_quo

    @property
    def constant(self) -> frozenset[str]:
        """The bounds that can be the same in every resample for another reason than chance.

        Random and perfect follow from the outcomes; a status quo that is a single value predicts nothing.
        """
        status_quo = self.status_quo
        is_constant = isinstance(status_quo, float) or _is_constant(status_quo)
        return frozenset({"random", "perfect", *(["status_quo"] if is_constant else [])})

    def status_quo_measure(self) -> Measure:
        """The status quo's KPI, for the period."""
        if not isinstance(self.status_quo, float):
            return self.column(self.status_quo)
        value, all_rows = self.status_quo, Classes(np.zeros(len(self.outcomes), dtype=np.uint8), 1)
        return Measure.of_sums(all_rows, lambda sums: np.full(sums.shape[1], value))

    @property
    def sign(self) -> float:
        """The factor from a figure to utility: 1 if more is better, -1 if less is."""
        return self.spec.direction.sign

    @property
    def period_rows(self) -> int:
        """The number of rows that the figures are for."""
        return self.period.rows if self.period else self.outcomes.rows

    @property
    def factor(self) -> float:
        """The factor from a figure of the KPI to one of the period."""
        return float(self.period_rows) if self.kpi.adds_up else 1.0

    def column(self, prediction: Floats) -> Measure:
        """The KPI of a column of predictions, for the period."""
        return self.scaled(self.kpi.measure(self.outcomes, prediction))

    def predictions(self, column: PredictionColumn) -> Measure:
        """The KPI of predictions, for the period; a KPI that only orders rows uses their ranks, if known."""
        if isinstance(self.spec, TargetingSpec | UpliftSpec):
            return self.column(column.priority)
        if column.kind is PredictionKind.CLASS and isinstance(self.spec, MetricSpec):
            return self.scaled(self._of_answers(column))
        metric = METRICS.get(self.spec.metric) if isinstance(self.spec, MetricSpec) else None
        of_order = metric is not None and metric.needs is Needs.SCORE
        return self.column(column.order if of_order else column.values)

    def _of_answers(self, column: PredictionColumn) -> Measure:
        """A metric of answers that may have probabilities."""
        kpi = self.kpi.kpi if isinstance(self.kpi, KpiByWindow) else self.kpi
        if not isinstance(kpi, ClassMetricKpi):
            raise TypeError(f"{type(kpi).__name__} does not evaluate answers")
        return by_window(self.outcomes, lambda part, rows: kpi.measure_column(part, column.among(rows)))

    def scaled(self, measure: Measure) -> Measure:
        """A figure of the KPI as one of the period."""
        factor = self.factor
        return measure.map(lambda figures: factor * figures).of_outcomes(self.outcomes)

    def gain(self, better: Floats | float, worse: Floats | float) -> Floats:
        """How much better the first figure is than the second, in utility: positive for either direction."""
        difference = self.sign * (np.asarray(better) - np.asarray(worse))
        return without_rounding(difference, self._rounding)

    def share_estimate(
        self, sample: tuple[float, float], replicates: tuple[Floats, Floats]
    ) -> Estimate | None:
        """The estimate of a share, from `(part, whole)` pairs; None if the whole is 0 too often."""
        known = "status_quo" in self.constant
        return share_estimate(sample, replicates, rounding=self._rounding, known=known)

    def potential_lift(self, sample: Mapping[str, float], replicates: Mapping[str, Floats]) -> Estimate:
        """The estimate of the gain of the perfect model over the status quo, from the figures of `bounds`.

        Near a kink a percentile interval misses the truth too often, on one side, because both the figure and
        its replicates are too low. The gain is the lesser of two smooth ones, so each end of its interval is
        the lesser of theirs.
        """

        def gains(perfect: str) -> Floats:
            return self.gain(replicates[perfect], replicates["status_quo"])

        value = self.gain(sample["perfect"], sample["status_quo"]).item()
        found = estimate(value, gains("perfect"), known="status_quo" in self.constant)
        return _between(found, [percentile_interval(gains(name)) for name in BRANCHES if name in sample], min)

    def position(self, sample: Mapping[str, float], replicates: Mapping[str, Floats]) -> Estimate | None:
        """The estimate of the status quo's share of the way from random to perfect; None if these meet.

        As for the potential lift, it is the greater of two smooth shares, or the lesser if it is negative.
        """

        def share(perfect: str) -> Estimate | None:
            part = self.gain(sample["status_quo"], sample["random"]).item()
            whole = self.gain(sample[perfect], sample["random"]).item()
            parts = self.gain(replicates["status_quo"], replicates["random"])
            return self.share_estimate(
                (part, whole), (parts, self.gain(replicates[perfect], replicates["random"]))
            )

        found = share("perfect")
        if found is None:
            return None
        branches = [share(name) for name in BRANCHES if name in sample]
        intervals = [branch.interval if branch else None for branch in branches]
        return _between(found, intervals, max if found.value >= 0 else min)

    def described(self) -> results.Kpi:
        """The KPI as a result file names it."""
        return results.Kpi(
            name=self.spec.name,
            kind=self.spec.kind,
            unit=self.spec.unit,
            direction=self.spec.direction,
            period=self.period.name if self.period else "",
            period_rows=self.period_rows,
            budget=self.kpi.budget,
        )

    def scale(
        self, sample: Mapping[str, float], replicates: Mapping[str, Floats], label: str
    ) -> results.Scale:
        """The scale as a result file holds it, from the figures of `bounds` and their replicates."""
        estimates = {
            name: estimate(sample[name], replicates[name], known=name in self.constant)
            for name in ("random", "status_quo", "perfect")
        }
        sd = self.kpi.random_sd(self.outcomes, self.status_quo_predictions)
        if sd is not None and self.kpi.adds_up:
            # a draw is one of a whole period, so its sd grows with the root of the period's rows
            sd *= float(np.sqrt(self.outcomes.rows * self.period_rows))
        return results.Scale(
            random=results.RandomModel(
                expectation=estimates["random"], sd_of_one_draw=sd, meaning=self.kpi.random_meaning
            ),
            status_quo=estimates["status_quo"],
            status_quo_label=label,
            perfect=estimates["perfect"],
            do_nothing=self._reference(self.kpi.do_nothing(self.outcomes)),
            treat_all=self._reference(self.kpi.treat_all(self.outcomes)),
            contacts=self._contacts(),
            best_constant=self._best_constant(),
        )

    def _contacts(self) -> results.Contacts | None:
        """Which share of the rows is contacted, if a part of the budget may be left."""
        kpi = self.kpi
        if not isinstance(kpi, Targeting) or kpi.forced:
            return None
        known = isinstance(self.status_quo, float)
        return results.Contacts(
            budget=kpi.budget,
            status_quo=None if known else kpi.contacts(self.outcomes, self.status_quo_predictions),
            perfect=kpi.perfect_contacts(self.outcomes),
        )

    def _best_constant(self) -> results.ConstantAnswer | None:
        kpi = self.kpi.kpi if isinstance(self.kpi, KpiByWindow) else self.kpi
        if not isinstance(kpi, ClassValue):
            return None
        best = kpi.best_constant(self.outcomes)
        return results.ConstantAnswer(answer=best.answer, value=self.factor * best.kpi)

    def _reference(self, figure: float | None) -> float | None:
        return None if figure is None else self.factor * figure


def _between(
    found: Estimate, intervals: Sequence[tuple[float, float] | None], pick: Callable[[Iterable[float]], float]
) -> Estimate:
    """The estimate whose ends are picked from those of some intervals; as found if these are missing."""
    ends = [interval for interval in intervals if interval is not None]
    if found.interval is None or not ends or len(ends) < len(intervals):
        return found
    low, high = (pick(end) for end in zip(*ends, strict=True))
    return results.Estimate(value=found.value, low=min(low, found.value), high=max(high, found.value))


def _is_constant(values: Floats) -> bool:
    first = values[:FIRST_ROWS]
    return bool((first == values[0]).all() and (values == values[0]).all())
