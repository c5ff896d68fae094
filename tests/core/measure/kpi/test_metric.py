"""A scorer of scikit-learn, or a function of the project, in the KPI's place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter
from sklearn.metrics import get_scorer, mean_pinball_loss
from sklearn.utils import ClassifierTags, Tags, TargetTags

from iterata.documents.models.kpi import KpiSpec
from iterata.errors import DataError
from iterata.measure.kpi import Kpi, from_spec
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import weighed

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.arrays import Floats
    from iterata.measure.weightings import Measure

RNG = np.random.default_rng(5)
ROWS = 120
POSITIVE = RNG.random(ROWS) < 0.3
PROBABILITY = np.clip(0.3 * RNG.random(ROWS) + 0.5 * POSITIVE * RNG.random(ROWS), 0.01, 0.99)
AMOUNT = RNG.gamma(2, 5, ROWS)
FORECAST = AMOUNT + RNG.normal(0, 3, ROWS) + 20
WEIGHTS = RNG.multinomial(ROWS, np.full(ROWS, 1 / ROWS), size=7)


def made(metric: str) -> Kpi:
    spec = {"kind": "metric", "name": "n", "unit": "u", "metric": metric}
    return from_spec(TypeAdapter(KpiSpec).validate_python(spec), ROWS)


def theirs(metric: str, target: Any, prediction: Floats) -> list[float]:
    """scikit-learn's own scorer, row for row as often as it was drawn."""

    class Told:
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

    scorer, found = get_scorer(metric), []
    for line in WEIGHTS:
        rows = np.repeat(np.arange(ROWS), line)
        found.append(scorer(Told(), prediction[rows, None], target[rows]))
    return found


@pytest.mark.parametrize(
    "metric", ["roc_auc", "average_precision", "f1", "neg_log_loss", "fowlkes_mallows_score", "f1_macro"]
)
def test_scorers_of_yes_and_no_are_scikit_learns(metric: str) -> None:
    ours = made(metric).measure(Outcomes.of(POSITIVE), PROBABILITY)(weighed(WEIGHTS))
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
def test_scorers_of_numbers_are_scikit_learns(metric: str) -> None:
    ours = made(metric).measure(Outcomes(AMOUNT), FORECAST)(weighed(WEIGHTS))
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
def test_bounds(metric: str, outcomes: Outcomes, random: float, perfect: float) -> None:
    kpi, once = made(metric), weighed(np.ones((1, ROWS)))
    assert kpi.random(outcomes, outcomes.target)(once).item() == pytest.approx(random)
    assert kpi.perfect(outcomes)(once).item() == pytest.approx(perfect, abs=1e-12)


def test_what_rows_count_for_reaches_scikit_learn() -> None:
    counts = RNG.integers(1, 4, ROWS)
    weighted = Outcomes(POSITIVE.astype(float), counts.astype(float))
    repeated = np.repeat(np.arange(ROWS), counts)
    for metric in ("roc_auc", "neg_brier_score"):
        once = made(metric).measure(weighted, PROBABILITY)(weighed(np.ones((1, ROWS)))).item()
        all_rows = made(metric).measure(Outcomes.of(POSITIVE[repeated]), PROBABILITY[repeated])
        assert once == pytest.approx(all_rows(weighed(np.ones((1, len(repeated))))).item())


def test_a_name_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(DataError, match="not a scikit-learn scorer") as refused:
        made("rocauc")
    assert "roc_auc" in refused.value.remedy


def test_scores_cannot_be_judged_as_probabilities() -> None:
    with pytest.raises(DataError, match="judges probabilities"):
        made("neg_log_loss").measure(Outcomes.of(POSITIVE), 10 * PROBABILITY)


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

    def measured(self, measure: Measure) -> Floats:
        return measure(weighed(WEIGHTS))

    def test_it_is_called_for_every_weighting(self, project: Path, outcomes: Outcomes) -> None:
        ours = self.measured(self.kpi(project, "pinball").measure(outcomes, FORECAST))
        expected = [-mean_pinball_loss(AMOUNT, FORECAST, alpha=0.9, sample_weight=line) for line in WEIGHTS]
        assert ours == pytest.approx(expected)

    def test_random_hands_todays_predictions_out_blindly(self, project: Path, outcomes: Outcomes) -> None:
        kpi = self.kpi(project, "pinball")
        random = kpi.random(outcomes, FORECAST)(weighed(np.ones((1, ROWS)))).item()
        pairs = np.subtract.outer(AMOUNT, FORECAST)
        expected = -np.mean(np.where(pairs > 0, 0.9 * pairs, -0.1 * pairs))
        sd = kpi.random_sd(outcomes, FORECAST)
        assert sd is not None
        assert random == pytest.approx(expected, abs=4 * sd / np.sqrt(20))

    @pytest.mark.parametrize(
        ("name", "said"), [("breaks", "raised KeyError: 'nowhere'"), ("endless", "gave inf")]
    )
    def test_what_it_does_wrong_is_told(
        self, project: Path, outcomes: Outcomes, name: str, said: str
    ) -> None:
        with pytest.raises(DataError, match=said):
            self.measured(self.kpi(project, name).measure(outcomes, FORECAST))

    def test_without_a_project_there_is_no_code_to_run(self) -> None:
        spec = {"kind": "python", "name": "n", "unit": "u", "function": "kpis:pinball"}
        with pytest.raises(DataError, match="belongs to a project"):
            from_spec(TypeAdapter(KpiSpec).validate_python(spec), ROWS)
