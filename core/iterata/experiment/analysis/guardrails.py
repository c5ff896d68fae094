"""Guardrails: what must not get worse by more than a margin, whatever the KPI gains.

A guardrail is a test of non-inferiority: it holds if the upper end of the one-sided confidence interval of
the worsening is within the margin. A wide interval is no excuse: it counts against the variant.

A bootstrap of 20 rows without a single one that the guardrail watches never sees one, so its interval has no
width. Shares of few rows have an exact interval instead, and too few rows have no answer.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.stats import beta

from iterata.documents.models.enums import STATUS_QUO, Direction
from iterata.documents.models.kpi import CellValues, TargetingSpec, UpliftSpec
from iterata.experiment.analysis.evidence import by_model
from iterata.experiment.analysis.sufficiency import missing_variation
from iterata.measure.kpi import from_spec
from iterata.measure.measures import combine
from iterata.measure.windows import in_windows
from iterata.results import GuardrailResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.proposal import Guardrail
    from iterata.experiment.analysis.evidence import Evidence, Figure, Predictions
    from iterata.measure.kpi import Kpi
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.measures import Measure
    from iterata.measure.predictions import PredictionColumn

MIN_ACTED = 30
"""The fewest rows acted upon of which a share is given an answer."""

MIN_WATCHED = 10
"""With fewer rows than this that the guardrail watches, or does not, shares have exact intervals."""


class ActedUpon(NamedTuple):
    """The rows that a model acts upon: as many independent rows of equal weight as they are worth."""

    rows: float
    watched: float
    """Those among them for which the guardrail's expression is true."""

    def share_at_most(self) -> float:
        """The upper end of the one-sided 97.5 % interval of Clopper and Pearson of the watched share."""
        if self.watched >= self.rows:
            return 1.0
        return float(beta.ppf(0.975, self.watched + 1, self.rows - self.watched))

    def share_at_least(self) -> float:
        """The lower end."""
        if self.watched <= 0:
            return 0.0
        return float(beta.ppf(0.025, self.watched, self.rows - self.watched + 1))

    @property
    def is_one_sided(self) -> bool:
        """Whether almost all or almost none of the rows are watched, so that resamples hardly differ."""
        return min(self.watched, self.rows - self.watched) < MIN_WATCHED


def acted_upon(
    predictions: Predictions, kpi_scale: KpiScale, mask: Bools, units: NDArray[np.intp] | None
) -> dict[str, ActedUpon]:
    """The rows that each model acts upon, on average over its repeats."""
    counter, outcomes = _counter(kpi_scale), kpi_scale.outcomes
    counts = outcomes.counts
    worth = float(counts.sum() ** 2 / (counts @ counts))
    if units is not None:
        worth *= (int(units.max()) + 1) / len(counts)

    def worth_of(columns: Sequence[PredictionColumn], mask: Bools) -> float:
        counted = replace(outcomes, target=mask.astype(np.float64))
        shares = [
            counter.measure(counted, _priority(kpi_scale, column)).on_sample(len(outcomes))
            for column in columns
        ]
        return worth * float(np.mean(shares))

    every = np.ones(len(mask), dtype=bool)
    return {
        model: ActedUpon(worth_of(columns, every), worth_of(columns, mask))
        for model, columns in predictions.items()
    }


def measure_share(predictions: Predictions, kpi_scale: KpiScale, mask: Bools) -> dict[str, Measure]:
    """The share of rows in `mask`, `(n,)`, among the rows that each model acts on; weighted like the KPI."""
    counter = _counter(kpi_scale)
    return by_model(predictions, lambda column: _share_of(mask, column, counter, kpi_scale))


def result(
    guardrail: Guardrail,
    variant: str,
    evidence: Evidence,
    acted: Mapping[str, ActedUpon] | None = None,
    needed: str = "",
) -> GuardrailResult:
    """Whether a variant keeps a guardrail. It does not if the worsening cannot be measured.

    Args:
        guardrail: what is watched.
        variant: the model in question.
        evidence: the figures.
        acted: the rows that each model acts upon, if the guardrail watches a share of them.
        needed: what is missing for any comparison, in words; empty if nothing is.
    """
    figure, status_quo = (_figure(guardrail, model, evidence) for model in (variant, STATUS_QUO))
    worsening = None
    if figure is not None and status_quo is not None:
        worsening = figure.minus(status_quo, -1.0 if guardrail.better == "higher" else 1.0)
    upper_bound = worsening.upper_bound() if worsening is not None and worsening.is_defined else None
    if acted is not None:
        upper_bound, needed = _share_bound(guardrail, acted[variant], acted[STATUS_QUO], upper_bound)
    elif worsening is not None and worsening.is_defined and upper_bound is None:
        needed = needed or missing_variation(worsening)
    return GuardrailResult(
        name=guardrail.name,
        variant=variant,
        better=guardrail.better,
        share_of=guardrail.share_of,
        status_quo=_value(status_quo),
        value=_value(figure),
        worsening=_value(worsening),
        worsening_at_most=None if needed else upper_bound,
        margin=guardrail.margin,
        holds=not needed and upper_bound is not None and upper_bound <= guardrail.margin,
        needed=needed,
    )


def _share_bound(
    guardrail: Guardrail, variant: ActedUpon, status_quo: ActedUpon, bootstrap: float | None
) -> tuple[float | None, str]:
    """The upper end of the worsening of a share; and what is missing to tell, in words."""
    fewest = min(variant.rows, status_quo.rows)
    if fewest < MIN_ACTED:
        return None, _more_acted(fewest, MIN_ACTED)
    if not (variant.is_one_sided or status_quo.is_one_sided):
        return bootstrap, ""
    worse, better = (status_quo, variant) if guardrail.better == "higher" else (variant, status_quo)
    exact = worse.share_at_most() - better.share_at_least()
    if exact <= guardrail.margin or worse.share_at_least() - better.share_at_most() > guardrail.margin:
        return exact, ""
    rows = 4 * fewest if guardrail.margin == 0 else max(3.7 / guardrail.margin, 2 * fewest)
    return None, _more_acted(fewest, ceil(rows))


def _more_acted(rows: float, least: int) -> str:
    return f"about {least:,} independent rows acted upon, {ceil(least - rows):,} more than there are"


def _figure(guardrail: Guardrail, model: str, evidence: Evidence) -> Figure | None:
    if guardrail.metric is not None:
        return evidence.metric(guardrail.metric, model)
    return evidence.share(guardrail.name, model)


def _value(figure: Figure | None) -> float | None:
    return figure.value if figure is not None and figure.is_defined else None


def _share_of(mask: Bools, column: PredictionColumn, counter: Kpi, kpi_scale: KpiScale) -> Measure:
    """The share of rows in `mask` among the rows acted on, which can be other rows in every resample."""

    def share(masked: Floats, acted_on: Floats) -> Floats:
        undefined = np.full_like(masked, np.nan)
        shares: Floats = np.divide(masked, acted_on, out=undefined, where=acted_on > 0)
        return shares

    outcomes, prediction = kpi_scale.outcomes, _priority(kpi_scale, column)
    masked_rows = replace(outcomes, target=mask.astype(np.float64))
    count_masked = counter.measure(masked_rows, prediction)
    budget = counter.budget
    if budget and (column.values > -np.inf).all():
        return count_masked.map(lambda masked: share(masked, np.full_like(masked, budget)))
    count_all = counter.measure(replace(outcomes, target=np.ones(len(mask))), prediction)
    rows = len(mask)
    return combine(share, count_masked, count_all).of_trials(count_all.map(lambda acted_on: rows * acted_on))


def _counter(kpi_scale: KpiScale) -> Kpi:
    """A KPI that acts on the same rows as that of the scale, and counts the positive rows among them."""
    spec = kpi_scale.spec
    if isinstance(spec, UpliftSpec):
        spec = TargetingSpec(
            kind="targeting", name=spec.name, unit=spec.unit, budget=spec.budget, spend=spec.spend
        )
    if isinstance(spec, TargetingSpec):
        counting: dict[str, object] = {"value_per_hit": 1.0, "cost_per_contact": 0.0}
        counting["budget"] = kpi_scale.kpi.budget
    else:
        counting = {"values": CellValues(tp=1, fp=0, fn=0, tn=0)}
    counting["direction"] = Direction.MAXIMISE
    kpi = from_spec(spec.model_copy(update=counting), kpi_scale.period_rows)
    return in_windows(kpi, kpi_scale.outcomes)


def _priority(kpi_scale: KpiScale, column: PredictionColumn) -> Floats:
    """What decides which rows a model acts upon: their order, or their values against a threshold."""
    has_budget = isinstance(kpi_scale.spec, TargetingSpec | UpliftSpec)
    return column.priority if has_budget else column.values
