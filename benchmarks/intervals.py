"""Intervals: a thousand resamples against a few of a plain bootstrap with scikit-learn.

Targets are multiples of the speed, such as 1,000 resamples in the time of 1,000 / 300 of scikit-learn's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import confusion_matrix, log_loss, roc_auc_score

from benchmarks.bootstraps import RESAMPLES, compare
from iterata.measure.bootstrap import bootstrap
from iterata.measure.kpi.outcome_value import OutcomeValue
from iterata.measure.kpi.targeting import Targeting
from iterata.measure.metrics import METRICS
from iterata.measure.outcomes import Outcomes
from iterata.measure.predictions import LabelledPredictions, column, metric_measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.pairs import Comparison
    from iterata.arrays import Bools, Floats
    from iterata.measure.measures import Measure

ROWS = 1_000_000
VALUES = {"tp": 99.0, "fp": -1.0, "fn": 0.0, "tn": 0.0}


def comparisons(root: Path, scratch: Path) -> Iterator[Comparison]:
    """Every figure, by iterata and by scikit-learn, on the same million rows."""
    rng = np.random.default_rng(1)
    positive = rng.random(ROWS) < 0.1
    score = 1 / (1 + np.exp(2 - rng.normal(size=ROWS) - 1.5 * positive))
    for what, ours, theirs, times, peer_resamples in (
        ("ROC AUC", _metric("roc_auc"), roc_auc_score, 300, 3),
        ("log-loss", _metric("neg_log_loss"), log_loss, 50, 5),
        (
            "value of decisions",
            OutcomeValue(VALUES["tp"], VALUES["fp"], VALUES["fn"], VALUES["tn"]).measure,
            _value,
            5000,
            3,
        ),
        ("hits among the top 10 %", Targeting(0.1, 1, 0, forced=True).measure, _top, 200, 3),
    ):
        yield _compare(what, ours, theirs, (positive, score), times, peer_resamples)


def _metric(name: str) -> Callable[[Outcomes, Floats], Measure]:
    formula = METRICS[name].formula
    if formula is None:
        raise ValueError(f"{name} has no formula")
    return lambda outcomes, score: metric_measure(formula, LabelledPredictions(outcomes, column(score)))


def _value(positive: Bools, score: Floats) -> float:
    tn, fp, fn, tp = confusion_matrix(positive, score >= 0.5).ravel()
    return float(
        sum(VALUES[cell] * count for cell, count in (("tp", tp), ("fp", fp), ("fn", fn), ("tn", tn)))
    )


def _top(positive: Bools, score: Floats) -> float:
    best = len(score) // 10
    return float(positive[np.argpartition(-score, best)[:best]].sum())


def _compare(
    what: str,
    ours: Callable[[Outcomes, Floats], Measure],
    theirs: Callable[[Bools, Floats], Any],
    rows: tuple[Bools, Floats],
    times: int,
    peer_resamples: int,
) -> Comparison:
    """Our bootstrap against a few of scikit-learn's."""
    positive, score = rows

    def bootstrap_all() -> None:
        bootstrap({what: ours(Outcomes.of(positive), score)}, ROWS, RESAMPLES, np.random.default_rng(2))

    return compare(
        what,
        "sklearn's",
        bootstrap_all,
        lambda drawn: theirs(positive[drawn], score[drawn]),
        rows=ROWS,
        times=times,
        peer_resamples=peer_resamples,
    )
