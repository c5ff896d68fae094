"""Proportions that are the same in every resample have exact intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import binomtest

from iterata.kpi import describe
from iterata.measure.bootstrap import bootstrap
from iterata.measure.intervals import estimate, upper_bound
from iterata.measure.kpi.targeting import Targeting
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes
from iterata.measure.proportions import exact_replicates

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.measure.measures import Measure
    from iterata.results import Estimate

RESAMPLES = 20_000


@pytest.mark.parametrize("trials", [1, 5, 20, 300])
@pytest.mark.parametrize("hits", ["none", "all"])
def test_interval_is_that_of_clopper_and_pearson(trials: int, hits: str) -> None:
    successes = trials if hits == "all" else 0
    replicates = exact_replicates(successes / trials, trials, RESAMPLES, np.random.default_rng(1))
    interval = estimate(successes / trials, replicates)
    exact = binomtest(successes, trials).proportion_ci(0.95, "exact")
    assert interval.interval == pytest.approx((exact.low, exact.high), rel=0.05, abs=1e-12)


def test_one_sided_bound_is_exact() -> None:
    replicates = exact_replicates(0.0, 20, RESAMPLES, np.random.default_rng(1))
    exact = binomtest(0, 20, alternative="less").proportion_ci(0.95, "exact")
    assert upper_bound(replicates) == pytest.approx(exact.high, rel=0.05)


def interval(measure: Measure, rows: int, *, by_unit: bool = False) -> Estimate:
    sample, drawn = bootstrap(
        {"figure": measure}, rows, 4000, np.random.default_rng(1), np.arange(rows) // 2 if by_unit else None
    )
    return estimate(sample["figure"], drawn["figure"])


def flags(flagged: int, positives: int, rows: int) -> tuple[Outcomes, Floats]:
    """The first rows are flagged and positive."""
    return Outcomes.of(np.arange(rows) < positives), (np.arange(rows) < flagged).astype(float)


@pytest.mark.parametrize(
    ("metric", "flagged", "positives"), [("precision", 5, 20), ("recall", 40, 20), ("accuracy", 20, 20)]
)
def test_metric_that_is_a_proportion_has_its_exact_interval(
    metric: str, flagged: int, positives: int
) -> None:
    outcomes, decisions = flags(flagged, positives, 60)
    found = interval(
        KpiScale.of(describe("metric", metric=metric), outcomes, decisions, None).column(decisions), 60
    )
    trials = {"precision": flagged, "recall": positives, "accuracy": 60}[metric]
    low = binomtest(trials, trials).proportion_ci(0.95, "exact").low
    assert found.interval == pytest.approx((low, 1), rel=0.05)


@pytest.mark.parametrize("rows", [200, 40_000])
def test_no_hit_among_the_contacts_has_the_exact_interval(rows: int) -> None:
    contacts = 20
    hits = Targeting(contacts / rows, 5, 1, forced=True)
    positive = np.arange(rows) >= rows - 15
    found = interval(hits.measure(Outcomes.of(positive), -np.arange(float(rows))), rows)
    high = binomtest(0, contacts).proportion_ci(0.95, "exact").high
    assert found.interval is not None
    low_share, high_share = ((end * rows / contacts + 1) / 5 for end in found.interval)
    assert (low_share, high_share) == pytest.approx((0, high), rel=0.06, abs=1e-12)


def test_proportion_of_dependent_rows_has_no_interval_without_width() -> None:
    outcomes, decisions = flags(20, 20, 60)
    measure = KpiScale.of(describe("metric", metric="accuracy"), outcomes, decisions, None).column(decisions)
    assert interval(measure, 60, by_unit=True).interval is None


def test_figure_of_few_positives_has_no_interval() -> None:
    outcomes, decisions = flags(5, 5, 60)
    measure = KpiScale.of(describe("metric", metric="roc_auc"), outcomes, decisions, None).column(decisions)
    assert interval(measure, 60).interval is None
