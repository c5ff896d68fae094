"""The bus of figures: unknown names are errors of the caller, unmeasurable figures are None."""

from __future__ import annotations

import numpy as np
import pytest

from iterata.documents.models.enums import STATUS_QUO
from iterata.experiment.analysis.evidence import Evidence, FigureSet, SegmentKey, gather
from iterata.measure.measures import ratio_of
from iterata.measure.outcomes import Outcomes

DELFT = SegmentKey("town", "Delft")


@pytest.fixture
def evidence() -> Evidence:
    """Means of a number over 50 rows, under different names."""
    mean = ratio_of(np.arange(50.0), np.ones(50))
    double = ratio_of(2 * np.arange(50.0), np.ones(50))
    measures = FigureSet(
        bounds={"random": mean, "status_quo": mean, "perfect": double},
        kpis={"model": double},
        metrics={"roc_auc": {STATUS_QUO: mean, "model": double}, "f1": {STATUS_QUO: None, "model": mean}},
        shares={"older": {STATUS_QUO: mean, "model": double}},
        segments={DELFT: {STATUS_QUO: mean, "model": double}},
    )
    return gather(measures, Outcomes(np.zeros(50)), resamples=200, seed=1, units=None)


def test_figures_are_found_by_name(evidence: Evidence) -> None:
    assert evidence.kpi(STATUS_QUO).value == evidence.bounds["status_quo"].value == 24.5
    area = evidence.metric("roc_auc", "model")
    assert area is not None
    figures = [
        evidence.kpi("model"),
        area,
        evidence.share("older", "model"),
        evidence.segment(DELFT, "model"),
    ]
    assert [figure.value for figure in figures] == [49] * 4


def test_figures_share_their_resamples(evidence: Evidence) -> None:
    """One figure is always twice the other, so that their paired difference equals the smaller one."""
    difference = evidence.kpi("model").minus(evidence.kpi(STATUS_QUO))
    assert difference.resampled == pytest.approx(evidence.kpi(STATUS_QUO).resampled)
    assert evidence.kpi(STATUS_QUO).resampled.std() > 0


def test_metric_that_cannot_evaluate_a_model_is_none(evidence: Evidence) -> None:
    assert evidence.metric("f1", STATUS_QUO) is None


@pytest.mark.parametrize(
    "misspelt",
    [
        lambda evidence: evidence.kpi("modell"),
        lambda evidence: evidence.metric("roc_acu", "model"),
        lambda evidence: evidence.metric("roc_auc", "modell"),
        lambda evidence: evidence.share("old", "model"),
        lambda evidence: evidence.segment(SegmentKey("town", "Breda"), "model"),
    ],
    ids=["variant", "metric", "model", "guardrail", "segment"],
)
def test_unknown_name_raises_a_key_error(evidence: Evidence, misspelt: object) -> None:
    assert callable(misspelt)
    with pytest.raises(KeyError):
        misspelt(evidence)
