"""The status quo's predictions and the KPI's threshold must be on one scale."""

from __future__ import annotations

import numpy as np
import pytest

from iterata.data.refusals import ThresholdOffScale
from iterata.data.status_quo import ScoreRange
from iterata.documents.models.rows import StatusQuo

PERCENT = StatusQuo(column="percent")


def score_range(*batches: list[float]) -> ScoreRange:
    """The range of predictions that are read in batches."""
    scores = ScoreRange()
    for batch in batches:
        scores.add(np.array(batch, dtype=np.float64))
    return scores


@pytest.mark.parametrize(
    ("predictions", "threshold"),
    [
        ([0, 0.2, 1], 0.5),
        ([0, 0.1, 0.3], 0.5),  # nobody is acted upon, which probabilities can say
        ([0, 1], 1),
        ([0, 0], 0.5),  # do nothing
        ([1, 1], 0.5),  # treat all
        ([0, 0], 60),
        ([0, 40, 100], 60),
        ([-5, 5], 0),
        ([1, 2], 2),
        ([0, 3], 1),
    ],
)
def test_threshold_on_the_scale_of_the_predictions_is_accepted(
    predictions: list[float], threshold: float
) -> None:
    score_range(predictions).check_threshold(threshold, PERCENT, "a.csv")


@pytest.mark.parametrize(
    ("predictions", "threshold"),
    [
        ([0.2, 40, 100], 0.5),  # percentages, although one row lies below
        ([0, 100], 0.05),
        ([30, 40], 0.5),
        ([1, 2], 0.5),  # decisions as 1 and 2
        ([-5, 5], 0.5),  # logits
        ([0, 1], 60),
        ([1, 1], 60),
        ([0, 0.4, 1], 0),
        ([0, 100], 0),
        ([0, 100], 101),
    ],
)
def test_threshold_on_another_scale_is_refused(predictions: list[float], threshold: float) -> None:
    with pytest.raises(ThresholdOffScale):
        score_range(predictions).check_threshold(threshold, PERCENT, "a.csv")


def test_range_is_that_of_all_batches() -> None:
    score_range([0, 1], [0.2, 0.3]).check_threshold(0.5, PERCENT, "a.csv")
    with pytest.raises(ThresholdOffScale):
        score_range([0, 1], [0, 100]).check_threshold(0.5, PERCENT, "a.csv")


def test_fix_for_percentages_names_the_column() -> None:
    with pytest.raises(ThresholdOffScale) as caught:
        score_range([0, 100]).check_threshold(0.5, PERCENT, "a.csv")
    assert "`rule: percent / 100`" in caught.value.remedy
