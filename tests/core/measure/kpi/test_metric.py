"""A scorer of scikit-learn, or a function of the project, as the KPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter
from scipy.stats import hypergeom
from sklearn.metrics import get_scorer, mean_pinball_loss
from sklearn.utils import ClassifierTags, Tags, TargetTags

from iterata.documents.models.kpi import KpiSpec
from iterata.errors import DataError, at_field
from iterata.measure.kpi import Kpi, from_spec
from iterata.measure.kpi.metric import PredictionsAreScores, ScorerFailed
from iterata.measure.metrics import METRICS, Needs
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import RowByRow

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.arrays import Floats

    from ....helpers.golden import Golden

RNG = np.random.default_rng(5)
ROWS = 120
POSITIVE = RNG.random(ROWS) < 0.3
PROBABILITY = np.clip(0.3 * RNG.random(ROWS) + 0.5 * POSITIVE * RNG.random(ROWS), 0.01, 0.99)
AMOUNT = RNG.gamma(2, 5, ROWS)
FORECAST = AMOUNT + RNG.normal(0, 3, ROWS) + 20
WEIGHTS = RNG.multinomial(ROWS, np.full(ROWS, 1 / ROWS), size=7)


def make_kpi(metric: str) -> Kpi:
    spec = {"kind": "metric", "name": "n", "unit": "u", "metric": metric}
    if metric.endswith(("_macro", "_weighted")):
        spec["outcome"] = "yes_no"
    return from_spec(TypeAdapter(KpiSpec).validate_python(spec), ROWS)


def theirs(metric: str, target: Any, prediction: Floats) -> list[float]:
    """scikit-learn's own scorer, on rows repeated as often as they were drawn."""

    class Given:
        """An estimator whose features are its predictions."""

        _estimator_type = "classifier"
        classes_ = np.array([0, 1])

        def fit(self) -> None: ...

        def predict(self, features: Any) -> Any:
            return features[:, 0] if target.dtype == float else (features[:, 0] > 0.5).astype(int)

        def predict_proba(self, features: Any) -> Any:
            return np.stack([1 - features[:, 0], features[:, 0]], axis=1)

        def __sklearn_tags__(self) -> Any:
            tags = Tags(None, TargetTags(required=True), classifier_tags=ClassifierTags())
            tags.estimator_type = "regressor" if target.dtype == float else "classifier"
            return tags

    scorer, scores = get_scorer(metric), []
    for line in WEIGHTS:
        rows = np.repeat(np.arange(ROWS), line)
        scores.append(scorer(Given(), prediction[rows, None], target[rows]))
    return scores


@pytest.mark.parametrize(
    "metric", ["roc_auc", "average_precision", "f1", "neg_log_loss", "fowlkes_mallows_score", "f1_macro"]
)
def test_scores_of_yes_no_predictions_equal_scikit_learns(metric: str) -> None:
    ours = make_kpi(metric).measure(Outcomes.of(POSITIVE), PROBABILITY)(RowByRow.of(WEIGHTS))
    assert ours == pytest.approx(theirs(metric, POSITIVE.astype(int), PROBABILITY))


@pytest.mark.parametrize(
    "metric",
    [
        "r2",
        "neg_mean_absolute_error",
        "neg_root_mean_squared_error",
        "neg_max_error",
        "neg_median_absolute_error",
    ],
)
def test_scores_of_forecasts_equal_scikit_learns(metric: str) -> None:
    ours = make_kpi(metric).measure(Outcomes(AMOUNT), FORECAST)(RowByRow.of(WEIGHTS))
    assert ours == pytest.approx(theirs(metric, AMOUNT, FORECAST))


@pytest.mark.parametrize(
    ("metric", "outcomes", "random", "perfect"),
    [
        ("roc_auc", Outcomes.of(POSITIVE), 0.5, 1),
        ("average_precision", Outcomes.of(POSITIVE), POSITIVE.mean(), 1),
        ("r2", Outcomes(AMOUNT), 0, 1),
        ("neg_mean_squared_error", Outcomes(AMOUNT), -AMOUNT.var(), 0),
    ],
)
def test_random_and_perfect_scores(metric: str, outcomes: Outcomes, random: float, perfect: float) -> None:
    kpi = make_kpi(metric)
    assert kpi.random(outcomes, outcomes.target).on_sample(ROWS) == pytest.approx(random)
    assert kpi.perfect(outcomes).on_sample(ROWS) == pytest.approx(perfect, abs=1e-12)


DECISION_METRICS = [name for name, metric in METRICS.items() if metric.needs is Needs.DECISION]


class TestBlindDecisions:
    """As many rows as the status quo predicts positive, drawn blindly: a hypergeometric number of hits."""

    def blind(self, metric: str, rows: int, positives: int, acted: int) -> tuple[Floats, Floats]:
        """The metric of each possible number of hits, and how likely this is."""
        kpi, outcomes = make_kpi(metric), Outcomes.of(np.arange(rows) < positives)
        scores, chances = [], []
        for hits in range(max(0, acted + positives - rows), min(acted, positives) + 1):
            decisions = np.zeros(rows)
            decisions[:hits] = 1
            decisions[positives : positives + acted - hits] = 1
            scores.append(kpi.measure(outcomes, decisions).on_sample(rows))
            chances.append(hypergeom(rows, positives, acted).pmf(hits))
        return np.array(scores), np.array(chances)

    @pytest.mark.parametrize(("rows", "positives", "acted"), [(1000, 50, 200), (100, 30, 60), (20, 3, 5)])
    @pytest.mark.parametrize("metric", [*DECISION_METRICS, "f1_macro", "recall_macro"])
    def test_random_is_the_expectation_over_all_choices(
        self, metric: str, rows: int, positives: int, acted: int
    ) -> None:
        scores, chances = self.blind(metric, rows, positives, acted)
        kpi, outcomes = make_kpi(metric), Outcomes.of(np.arange(rows) < positives)
        status_quo = (np.arange(rows) % rows < acted).astype(float)
        random, expected = kpi.random(outcomes, status_quo).on_sample(rows), float(scores @ chances)
        approximate = {"rel": 0.02 if rows < 100 else 2e-3} if metric == "jaccard" else {"abs": 1e-12}
        assert random == pytest.approx(expected, **approximate)
        sd = kpi.random_sd(outcomes, status_quo)
        if metric in DECISION_METRICS and metric != "jaccard" and rows >= 100:
            assert sd == pytest.approx(np.sqrt(chances @ (scores - expected) ** 2))

    @pytest.mark.parametrize("metric", [*DECISION_METRICS, "f1_macro"])
    @pytest.mark.parametrize("constant", [0.0, 1.0])
    def test_constant_status_quo_is_random(self, metric: str, constant: float) -> None:
        kpi, outcomes, status_quo = make_kpi(metric), Outcomes.of(POSITIVE), np.full(ROWS, constant)
        score = kpi.measure(outcomes, status_quo).on_sample(ROWS)
        assert kpi.random(outcomes, status_quo).on_sample(ROWS) == pytest.approx(score, abs=1e-15)

    def test_weighted_rows_equal_repeated_rows(self) -> None:
        kpi, decisions = make_kpi("f1"), (PROBABILITY > 0.3).astype(float)
        under_weights = kpi.random(Outcomes.of(POSITIVE), decisions)(RowByRow.of(WEIGHTS))
        for line, random in zip(WEIGHTS, under_weights, strict=True):
            rows = np.repeat(np.arange(ROWS), line)
            repeated = kpi.random(Outcomes.of(POSITIVE[rows]), decisions[rows])
            assert random == pytest.approx(repeated.on_sample(ROWS))


def test_sample_weights_equal_repeated_rows() -> None:
    counts = RNG.integers(1, 4, ROWS)
    weighted = Outcomes(POSITIVE.astype(float), counts.astype(float))
    repeated = np.repeat(np.arange(ROWS), counts)
    for metric in ("roc_auc", "neg_brier_score"):
        score = make_kpi(metric).measure(weighted, PROBABILITY).on_sample(ROWS)
        all_rows = make_kpi(metric).measure(Outcomes.of(POSITIVE[repeated]), PROBABILITY[repeated])
        assert score == pytest.approx(all_rows.on_sample(len(repeated)))


def test_scores_are_refused_by_a_metric_of_probabilities(golden: Golden) -> None:
    with pytest.raises(PredictionsAreScores) as refused:
        make_kpi("neg_log_loss").measure(Outcomes.of(POSITIVE), 10 * PROBABILITY)
    assert refused.value.location == at_field("kpi")
    golden.check("scores_as_probabilities", str(refused.value))


class TestFunctionOfTheProject:
    CODE = """
    def pinball(frame, prediction, sample_weight):
        short = (frame["units"] - prediction) * frame["late"]
        cost = short.where(short < 0, 9 * short).abs() / 10
        return -(sample_weight * cost).sum() / sample_weight.sum()

    def breaks(frame, prediction, sample_weight):
        return frame["nowhere"]

    def endless(frame, prediction, sample_weight):
        return float("inf")
    """

    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        lines = (line.removeprefix("    ") for line in self.CODE.splitlines())
        (tmp_path / "kpis.py").write_text("\n".join(lines))
        return tmp_path

    def kpi(self, project: Path, name: str) -> Kpi:
        spec = {"kind": "python", "name": "n", "unit": "u", "function": f"kpis:{name}", "outcome": "number"}
        return from_spec(TypeAdapter(KpiSpec).validate_python(spec), ROWS, project)

    @pytest.fixture
    def outcomes(self) -> Outcomes:
        return Outcomes(AMOUNT, table=pd.DataFrame({"units": AMOUNT, "late": np.ones(ROWS)}))

    def test_function_is_called_for_every_weighting(self, project: Path, outcomes: Outcomes) -> None:
        ours = self.kpi(project, "pinball").measure(outcomes, FORECAST)(RowByRow.of(WEIGHTS))
        expected = [-mean_pinball_loss(AMOUNT, FORECAST, alpha=0.9, sample_weight=line) for line in WEIGHTS]
        assert ours == pytest.approx(expected)

    def test_random_shuffles_the_status_quos_predictions(self, project: Path, outcomes: Outcomes) -> None:
        kpi = self.kpi(project, "pinball")
        random = kpi.random(outcomes, FORECAST).on_sample(ROWS)
        pairs = np.subtract.outer(AMOUNT, FORECAST)
        expected = -np.mean(np.where(pairs > 0, 0.9 * pairs, -0.1 * pairs))
        sd = kpi.random_sd(outcomes, FORECAST)
        assert sd is not None
        assert random == pytest.approx(expected, abs=4 * sd / np.sqrt(20))

    @pytest.mark.parametrize("name", ["breaks", "endless"])
    def test_failing_function_is_refused(
        self, project: Path, outcomes: Outcomes, name: str, golden: Golden
    ) -> None:
        measure = self.kpi(project, name).measure(outcomes, FORECAST)
        with pytest.raises(DataError) as refused:
            measure(RowByRow.of(WEIGHTS))
        assert refused.value.location.source == f"kpis:{name}"
        golden.check(f"function_{name}", str(refused.value))

    def test_function_without_a_project_is_refused(self) -> None:
        spec = {"kind": "python", "name": "n", "unit": "u", "function": "kpis:pinball"}
        with pytest.raises(DataError) as refused:
            from_spec(TypeAdapter(KpiSpec).validate_python(spec), ROWS)
        assert refused.value.location == at_field("kpi.function")


def test_scorer_without_weights_refuses_weighted_rows() -> None:
    """Rows cannot be repeated half a time: the largest error would lose every row of a small weight."""
    kpi = make_kpi("neg_max_error")
    assert np.isfinite(kpi.measure(Outcomes(AMOUNT), FORECAST).on_sample(ROWS))
    with pytest.raises(ScorerFailed):
        kpi.measure(Outcomes(AMOUNT, np.linspace(0.1, 1.9, ROWS)), FORECAST)


class TestNumbersThatAScorerRefuses:
    """A scorer that raises is a refusal, not a bug of ours."""

    @pytest.mark.parametrize(
        ("metric", "target", "forecast"),
        [
            ("neg_mean_squared_log_error", [1, 2, 3, 4], [-3, 2, 3, 4]),
            ("neg_root_mean_squared_log_error", [1, 2, 3, 4], [-3, 2, 3, 4]),
            ("neg_mean_poisson_deviance", [0, 2, 3, 4], [1, 0, 3, 4]),
            ("neg_mean_gamma_deviance", [0, 2, 3, 4], [1, 1, 3, 4]),
            ("neg_mean_absolute_percentage_error", [0, 2, 3, 4], [1, 2, 3, 4]),
            ("neg_mean_absolute_percentage_error", [1e-12, 2, 3, 4], [1, 2, 3, 4]),
        ],
    )
    def test_numbers_outside_its_range_are_refused(
        self, metric: str, target: list[float], forecast: list[float]
    ) -> None:
        outcomes = Outcomes(np.array(target, dtype=float))
        with pytest.raises(ScorerFailed) as caught:
            make_kpi(metric).measure(outcomes, np.array(forecast, dtype=float)).on_sample(4)
        assert caught.value.location == at_field("kpi.metric")

    def test_perfect_forecast_that_it_refuses_is_refused(self) -> None:
        outcomes = Outcomes(np.array([0.0, 2, 3, 4]))
        with pytest.raises(ScorerFailed):
            make_kpi("neg_mean_poisson_deviance").perfect(outcomes).on_sample(4)

    @pytest.mark.parametrize("metric", ["f1_macro", "neg_brier_score", "jaccard_weighted"])
    def test_scores_that_are_no_probabilities_are_refused(self, metric: str) -> None:
        with pytest.raises(PredictionsAreScores):
            make_kpi(metric).measure(Outcomes.of(POSITIVE), 100 * PROBABILITY)
