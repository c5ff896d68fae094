"""The power note: how uncertain a gain would be, and the gain that an experiment would show in most cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy.optimize import brentq
from scipy.stats import t as student
from sklearn.model_selection import StratifiedKFold

from iterata.documents.models.enums import Verdict
from iterata.documents.models.splits import Split
from iterata.experiment.analysis import learners
from iterata.experiment.analysis.learners import corrected_t_test
from iterata.kpi import describe
from iterata.lift import gain_error as module
from iterata.lift.gain_error import gain_error
from iterata.measure import power
from iterata.measure.bootstrap import bootstrap
from iterata.measure.intervals import estimate
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.measures import combine
from iterata.measure.outcomes import Outcomes
from iterata.measure.power import detectable_gain

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats

    from ...helpers.rates import Rates

MAILING = describe("targeting", budget=0.2)
PAYOFFS = describe("outcome_value", values={"tp": 9, "fp": -1, "fn": 0, "tn": 0})


def customers(rng: np.random.Generator, rows: int, *effects: float) -> tuple[Bools, list[Floats]]:
    """Who buys, one in ten, and a score of each quality."""
    positive = rng.random(rows) < 0.1
    return positive, [rng.normal(size=rows) + effect * positive for effect in effects]


def split(**described: Any) -> Any:
    return TypeAdapter(Split).validate_python(described)


@pytest.mark.parametrize("kpi", [MAILING, PAYOFFS], ids=["targeting", "outcome_value"])
def test_error_is_the_spread_of_the_gain_of_an_equal_model_over_samples(kpi: Any) -> None:
    rng, errors, gains = np.random.default_rng(1), [], []
    for _ in range(1000):
        positive, scores = customers(rng, 1000, 0.5, 0.5)
        predictions = scores if kpi is MAILING else [(score > 1).astype(float) for score in scores]
        scale = KpiScale.of(kpi, Outcomes.of(positive), predictions[0], None)
        gains.append(
            scale.column(predictions[1]).on_sample(1000) - scale.bounds["status_quo"].on_sample(1000)
        )
        if len(errors) < 30:
            errors.append(gain_error(scale, None))
    assert np.mean(errors) == pytest.approx(np.std(gains), rel=0.1)


def test_error_of_a_part_is_scaled_to_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    positive, (score,) = customers(np.random.default_rng(2), 6000, 0.5)
    scale = KpiScale.of(MAILING, Outcomes.of(positive), score, None)
    of_all = gain_error(scale, None)
    monkeypatch.setattr(module, "MAX_ROWS", 3000)
    assert gain_error(scale, None) == pytest.approx(of_all, rel=0.15)
    in_threes = np.arange(6000) // 3
    assert gain_error(scale, in_threes) == pytest.approx(of_all, rel=0.2)


def test_forecasts_keep_their_errors() -> None:
    rng, errors = np.random.default_rng(3), []
    cost = describe("forecast_cost", under=1, over=1)
    for _ in range(20):
        sold = rng.gamma(2, 5, 500)
        errors.append(gain_error(KpiScale.of(cost, Outcomes(sold), sold + rng.normal(size=500), None), None))
    # The mean absolute errors of two forecasts differ with a variance of 2 (1 - 2 / pi) a row.
    assert np.mean(errors) == pytest.approx(np.sqrt(500 * 2 * (1 - 2 / np.pi)), rel=0.1)


def test_known_kpi_has_no_error() -> None:
    positive, _ = customers(np.random.default_rng(4), 200)
    assert gain_error(KpiScale.of(MAILING, Outcomes.of(positive), 12.0, None), None) is None


class TestDetectableGain:
    @pytest.mark.parametrize("freedom", [4, 9, 49])
    @pytest.mark.parametrize("probability", [0.8, 0.975])
    def test_quantiles_are_those_of_scipy(self, freedom: int, probability: float) -> None:
        assert power._student(probability, freedom) == pytest.approx(
            student.ppf(probability, freedom), rel=0.005
        )

    def test_folds_are_tested_as_the_verdict_tests_them(self) -> None:
        assert learners.CORRELATION == power.CORRELATION
        assert learners.MAX_FREEDOM == power.MAX_FREEDOM
        assert learners.MIN_FOLDS == power.FEWEST_FOLDS

    def test_more_predicted_rows_or_repeats_show_smaller_gains(self) -> None:
        fifth, half = (detectable_gain(1, split(kind="hold_out", share=share)) for share in (0.2, 0.5))
        once, often = (
            detectable_gain(1, split(kind="stratified_folds", folds=5, repeats=repeats))
            for repeats in (1, 10)
        )
        windows = detectable_gain(1, split(kind="time_ordered", column="day", folds=1))
        assert half is not None
        assert fifth == pytest.approx(half * np.sqrt(0.5 / 0.2))
        assert windows == pytest.approx(half)
        assert often is not None
        assert once is not None
        assert often < once

    def test_no_gain_is_shown_by_few_folds_or_an_unknown_part(self) -> None:
        assert detectable_gain(1, split(kind="stratified_folds", folds=4, repeats=1)) is None
        assert detectable_gain(1, split(kind="hold_out", rows='part == "test"')) is None

    @pytest.mark.statistical
    @pytest.mark.parametrize(
        ("described", "where"),
        [
            ({"kind": "hold_out", "share": 0.5}, "hold-out of 1,000 rows"),
            ({"kind": "stratified_folds", "folds": 5, "repeats": 1}, "2,000 rows in 5 folds"),
            ({"kind": "stratified_folds", "folds": 5, "repeats": 4}, "2,000 rows in 5 folds, 4 times"),
        ],
    )
    def test_verdicts_support_a_detectable_gain_in_four_of_five_experiments(
        self, rates: Rates, described: dict[str, Any], where: str
    ) -> None:
        """A model that learned elsewhere: its scores do not depend on the folds."""
        rng, rows, runs, supported = np.random.default_rng(5), 2000, 300, 0
        positive, (score,) = customers(rng, 200_000, 0.5)
        error = gain_error(KpiScale.of(MAILING, Outcomes.of(positive), score, None), None)
        assert error is not None
        gain = detectable_gain(error * np.sqrt(rows / 200_000), split(**described))
        assert gain is not None
        better = self.effect(gain / rows)
        verdict = self.held_out if described["kind"] == "hold_out" else self.over_folds
        for run in range(runs):
            positive, scores = customers(rng, rows, 0.5, better)
            supported += verdict(positive, scores, described, run) is Verdict.SUPPORTED
        rates.power(
            "detectable gain of the power note is supported", where, detected=supported, of=runs, nominal=0.8
        )
        assert supported / runs < 0.9

    def effect(self, gain: float) -> float:
        """The quality of a score that finds so many more buyers per row than the status quo's."""
        rng = np.random.default_rng(6)
        positive = rng.random(1_000_000) < 0.1
        noise = rng.normal(size=1_000_000)

        def hits(effect: float) -> float:
            score = noise + effect * positive
            return float(positive[score > np.quantile(score, 0.8)].mean() * 0.2)

        today = hits(0.5)
        return float(brentq(lambda effect: hits(effect) - today - gain, 0.5, 4, xtol=1e-3))

    def held_out(
        self, positive: Bools, scores: list[Floats], described: dict[str, Any], seed: int
    ) -> Verdict:
        half = slice(0, 1000)
        scale = KpiScale.of(MAILING, Outcomes.of(positive[half]), scores[0][half], None)
        gain = combine(np.subtract, scale.column(scores[1][half]), scale.bounds["status_quo"])
        sample, resampled = bootstrap({"gain": gain}, 1000, 300, np.random.default_rng(seed))
        interval = estimate(sample["gain"], resampled["gain"]).interval
        assert interval is not None
        return Verdict.SUPPORTED if interval[0] > 0 else Verdict.INCONCLUSIVE

    def over_folds(
        self, positive: Bools, scores: list[Floats], described: dict[str, Any], seed: int
    ) -> Verdict:
        gains = []
        for repeat in range(described["repeats"]):
            folds = StratifiedKFold(described["folds"], shuffle=True, random_state=1000 * seed + repeat)
            for _, test in folds.split(positive, positive):
                best = [np.argsort(-score[test])[: len(test) // 5] for score in scores]
                status_quo, model = (positive[test][rows].sum() for rows in best)
                gains.append(float(model - status_quo))
        tested = corrected_t_test(np.array(gains), 4, 1, cautious=True)
        assert tested is not None
        return Verdict.SUPPORTED if tested.low > 0 else Verdict.INCONCLUSIVE
