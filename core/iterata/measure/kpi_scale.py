"""The scale from random through the status quo to perfect, in the KPI's unit and period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from iterata import results
from iterata.documents.models.enums import OutcomeKind
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
    UNDEFINED_AT_MOST,
    UNDEFINED_EFFECTS_AT_MOST,
    between,
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
from iterata.measure.kpi.uplift import Uplift
from iterata.measure.measures import Measure
from iterata.measure.metrics import METRICS, Needs
from iterata.measure.predictions import PredictionKind, is_constant
from iterata.measure.uplift.arm_sums import arms_within, has_both_arms
from iterata.measure.uplift.identification import Drawn, Identification
from iterata.measure.weightings import Classes
from iterata.measure.windows import KpiByWindow, by_window, in_windows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.period import Period
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.predictions import PredictionColumn
    from iterata.results import Estimate


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
    units: NDArray[np.intp] | None = None
    """`(n,)`, the independent unit of each row; None if every row is one. Only effects need them."""
    identification: Identification | None = None
    """The interval of perfect, for a KPI of treatment effects; `perfect` is its upper end."""

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
        units: NDArray[np.intp] | None = None,
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
            units: `(n,)`, the independent unit of each row, from 0; None if every row is one.

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
        return cls(kpi, spec, outcomes, status_quo, period, {}, 0.0, units).with_bounds()

    def with_bounds(self) -> KpiScale:
        """The same scale with the models that need no training."""
        kpi, outcomes = self.kpi, self.outcomes
        bounds = {
            "random": self.scaled(kpi.random(outcomes, self.status_quo_predictions)),
            "status_quo": self.status_quo_measure(),
        }
        identification = self._identification(bounds)
        if identification is None:
            bounds["perfect"] = self.scaled(kpi.perfect(outcomes))
        else:
            upper, sign = identification.perfect.upper.measure, self.sign
            bounds |= {"perfect": upper.map(lambda utility: sign * utility), **identification.measures}
        bounds |= {name: bounds[name].without_proportion() for name in self.constant}
        with np.errstate(divide="ignore", invalid="ignore"):
            largest = max(abs(bound.on_sample(len(outcomes))) for bound in bounds.values())
        branches = kpi.perfect_branches(outcomes) if isinstance(kpi, Targeting) else ()
        bounds |= {name: self.scaled(branch) for name, branch in zip(BRANCHES, branches, strict=False)}
        return replace(self, bounds=bounds, _rounding=ROUNDING * largest, identification=identification)

    @property
    def uplift(self) -> Uplift | None:
        """The KPI, of all rows, if it is one of treatment effects."""
        kpi = self.kpi.kpi if isinstance(self.kpi, KpiByWindow) else self.kpi
        return kpi if isinstance(kpi, Uplift) else None

    def _identification(self, bounds: Mapping[str, Measure]) -> Identification | None:
        """The interval of perfect, from all windows of time together."""
        uplift, known, factor = self.uplift, isinstance(self.status_quo, float), self.factor
        if uplift is None or not has_both_arms(self.outcomes):
            return None
        if isinstance(self.spec, UpliftSpec) and self.spec.outcome is OutcomeKind.NUMBER:
            sign, names = self.sign, ["random"] if known else ["random", "status_quo"]
            policies = {name: bounds[name].map(lambda figure: sign * figure) for name in names}
            return Identification.of_number(uplift.terms, self.outcomes, policies, factor, self.sign)
        chosen = None if known else uplift.chosen(self.outcomes, self.status_quo_predictions)
        return Identification.of_binary(uplift.terms, self.outcomes, chosen, self.units, factor, self.sign)

    def among(self, rows: Bools) -> KpiScale:
        """The scale for some of the rows as if they were all rows; `rows` is an `(n,)` mask.

        Its measures are of these rows; `Measure.among` puts them under weightings of all rows.
        """
        status_quo = self.status_quo_predictions[rows]
        units = None if self.units is None else np.unique(self.units[rows], return_inverse=True)[1]
        part = replace(self, outcomes=self.outcomes.among(rows), status_quo=status_quo, units=units)
        return replace(part, bounds={}, identification=None).with_bounds()

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
        constant = isinstance(status_quo, float) or is_constant(status_quo)
        return frozenset({"random", "perfect", *(["status_quo"] if constant else [])})

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
        measure = self.scaled(self.kpi.measure(self.outcomes, prediction))
        uplift, outcomes = self.uplift, self.outcomes
        if uplift is None or outcomes.window is None:
            return measure
        return measure.of_parts(arms_within(outcomes, uplift.chosen(outcomes, prediction) > 0))

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
        scaled = measure.map(lambda figures: factor * figures)
        # Effects have the outcomes of each arm among the chosen; nobody chosen has none.
        return scaled if self.uplift else scaled.of_outcomes(self.outcomes)

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

        if self.identification is not None:
            return self.identification.potential_lift(sample, replicates).upper

        def gains(perfect: str) -> Floats:
            return self.gain(replicates[perfect], replicates["status_quo"])

        value = self.gain(sample["perfect"], sample["status_quo"]).item()
        found = estimate(value, gains("perfect"), known="status_quo" in self.constant)
        return between(found, [percentile_interval(gains(name)) for name in BRANCHES if name in sample], min)

    def position(self, sample: Mapping[str, float], replicates: Mapping[str, Floats]) -> Estimate | None:
        """The estimate of the status quo's share of the way from random to perfect; None if these meet.

        As for the potential lift, it is the greater of two smooth shares, or the lesser if it is negative.
        """

        if self.identification is not None:
            ends = self.position_identified(sample, replicates)
            return None if ends is None else ends.lower

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
        return between(found, intervals, max if found.value >= 0 else min)

    def potential_lift_identified(
        self, sample: Mapping[str, float], replicates: Mapping[str, Floats]
    ) -> results.Identified | None:
        """The potential lift at both ends of perfect; None for another KPI than one of treatment effects."""
        identification = self.identification
        return None if identification is None else identification.potential_lift(sample, replicates)

    def position_identified(
        self, sample: Mapping[str, float], replicates: Mapping[str, Floats]
    ) -> results.Identified | None:
        """The position of the status quo at both ends of perfect; None as for `captured_identified`."""
        identification = self.identification
        return None if identification is None else identification.position(sample, replicates, self._rounding)

    def captured_identified(
        self, model: Drawn, sample: Mapping[str, float], replicates: Mapping[str, Floats]
    ) -> results.Identified | None:
        """The share of the potential lift that a model captures, at both ends of perfect; at most 1.

        None for another KPI than one of treatment effects, and where a share has no meaning.
        """
        identification = self.identification
        if identification is None:
            return None
        return identification.captured(model, sample, replicates, self._rounding)

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
            name: estimate(
                sample[name],
                replicates[name],
                known=name in self.constant,
                undefined_at_most=UNDEFINED_EFFECTS_AT_MOST if self.uplift else UNDEFINED_AT_MOST,
            )
            for name in ("random", "status_quo", "perfect")
        }
        ends = None
        if self.identification is not None:
            ends = self.identification.perfect_gain(sample, replicates)
            estimates["perfect"] = ends.upper if self.sign > 0 else ends.lower
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
            perfect_identified=ends,
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
