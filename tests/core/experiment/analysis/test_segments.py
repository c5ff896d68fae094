"""The KPI within segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from iterata.experiment.analysis.segments import MAX_VALUES, TooManySegments, adjusted, segments_of
from iterata.results import SegmentResult, SegmentVariant

from .comparisons import compared, hypothesis

if TYPE_CHECKING:
    from iterata.documents.models.kpi import TargetingSpec

    from .comparisons import Crowd, MakePlan


def test_segment_has_the_figures_of_its_rows_alone(
    plan: MakePlan, sales: TargetingSpec, crowd: Crowd
) -> None:
    positive, predictions = crowd
    towns = pd.Series([None if row % 5 == 0 else "Delft" if row < 200 else "Breda" for row in range(500)])
    one_model = plan(hypotheses=[hypothesis("model")])
    segments = compared(
        one_model, sales, positive, predictions, plan_segments=segments_of("town", towns)
    ).segments
    sizes = [(segment.value, segment.rows) for segment in segments]
    assert sizes == [("Breda", 240), ("Delft", 160), ("(missing)", 100)]
    rows = (towns == "Delft").to_numpy(bool)
    alone = compared(
        one_model, sales, positive[rows], {model: scores[..., rows] for model, scores in predictions.items()}
    ).variants["model"]
    delft = segments[1].variants[0]
    assert delft.kpi is not None
    assert delft.difference is not None
    assert delft.kpi.value == pytest.approx(alone.kpi.value)
    assert delft.difference.value == pytest.approx(alone.difference.value)
    assert segments[1].positives == positive[rows].sum()


def test_segment_that_some_resamples_miss_has_figures(
    plan: MakePlan, sales: TargetingSpec, crowd: Crowd
) -> None:
    rare = segments_of("rare", pd.Series(np.arange(500) < 2))
    comparison = compared(plan(hypotheses=[hypothesis("model")]), sales, *crowd, plan_segments=rare)
    assert [segment.rows for segment in comparison.segments] == [498, 2]
    assert comparison.segments[1].variants[0].kpi is not None


def test_column_with_many_values_is_refused() -> None:
    segments_of("age", pd.Series(range(MAX_VALUES)))
    with pytest.raises(TooManySegments):
        segments_of("age", pd.Series(range(MAX_VALUES + 1)))


def test_adjusted_p_is_rounded_as_every_stored_figure() -> None:
    variants = [SegmentVariant(name="v", kpi=None, difference=None, p=p) for p in (0.01, 0.1234567, 0.9)]
    segments = [
        SegmentResult(
            column="town", value=str(number), rows=9, positives=3, status_quo=None, variants=[variant]
        )
        for number, variant in enumerate(variants)
    ]
    (_, second, _) = adjusted(segments)
    assert second.variants[0].p_adjusted == float(f"{0.1234567 * 3 / 2:.7g}")
