"""Signs that a model uses what is only known after the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from iterata.data.labelled_rows import LabelledRows
from iterata.documents.models.enums import LeakSign
from iterata.experiment.analysis import leak_screening
from iterata.experiment.analysis.leakage import Scored, find_leaks
from iterata.experiment.variants.preprocess import MISSING
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.results import LeakNotice

    from ....helpers.rates import Rates

ROWS = 2000
RNG = np.random.default_rng(8)
POSITIVE = RNG.random(ROWS) < 0.1
NOISE = RNG.normal(size=ROWS)


def labelled(
    target: Floats, *, binary: bool = True, weight: Floats | None = None, units: np.ndarray | None = None
) -> LabelledRows:
    outcomes = Outcomes(target.astype(np.float64), weight)
    return LabelledRows("d.csv", "sha256:0", pd.DataFrame(), outcomes, 0.0, units, "row", binary)


def notices(
    features: dict[str, object],
    target: Floats = POSITIVE,
    *,
    binary: bool = True,
    weight: Floats | None = None,
    units: np.ndarray | None = None,
) -> list[LeakNotice]:
    table = pd.DataFrame(features)
    texts = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    categories = [name for name in texts if not isinstance(features[name], pd.Series)]
    table = table.astype(dict.fromkeys(categories, "category"))
    data = labelled(target, binary=binary, weight=weight, units=units)
    return find_leaks(data, [table], data, {})


def sign_of(column: object, target: Floats = POSITIVE, **data: object) -> LeakSign | None:
    found = notices({"noise": RNG.normal(size=len(target)), "column": column}, target, **data)  # type: ignore[arg-type]
    assert [figure.name for notice in found for figure in notice.found] in ([], ["column"])
    return found[0].sign if found else None


AMOUNT = np.where(RNG.random(ROWS) < 0.5, 0, RNG.gamma(2, 10, ROWS))


class TestYesOrNo:
    @pytest.mark.parametrize(
        ("column", "sign"),
        [
            (POSITIVE * 3 + NOISE * 0.3, LeakSign.COLUMN),
            (-(POSITIVE * 3 + NOISE * 0.3), LeakSign.COLUMN),
            (np.where(POSITIVE, 4 + NOISE * 0.2, np.where(NOISE > 0, 1, 9) + NOISE * 0.2), LeakSign.COLUMN),
            (np.where(POSITIVE & (NOISE > -0.5), 1 + np.abs(NOISE), 0), LeakSign.COLUMN),
            (np.where(POSITIVE & (NOISE > -0.5), "closed", np.where(NOISE > 0, "a", "b")), LeakSign.COLUMN),
            (np.where(POSITIVE, "yes", "no"), LeakSign.COPY),
            (np.where(POSITIVE, 3, 7), LeakSign.COPY),
            (np.where(POSITIVE, NOISE, np.nan), LeakSign.GAPS),
            (np.where(POSITIVE & (NOISE > -0.5), NOISE, np.nan), LeakSign.GAPS),
            (np.where(POSITIVE, "a reason", MISSING), LeakSign.GAPS),
            (np.where(POSITIVE, np.nan, NOISE), LeakSign.GAPS),
        ],
    )
    def test_sign_is_found(self, column: object, sign: LeakSign) -> None:
        assert sign_of(column) is sign

    @pytest.mark.parametrize(
        "column",
        [
            POSITIVE * 2 + NOISE,
            [f"customer {row}" for row in range(ROWS)],
            [f"customer {row // 2}" for row in range(ROWS)],
            np.where(RNG.random(ROWS) < 0.5, np.nan, NOISE),
            np.where(POSITIVE & (NOISE > 1), "closed", "open"),
            np.zeros(ROWS),
            np.full(ROWS, np.nan),
        ],
    )
    def test_usual_column_gives_no_sign(self, column: object) -> None:
        assert sign_of(column) is None

    def test_a_few_rows_of_an_outcome_give_no_sign(self) -> None:
        few = np.zeros(ROWS, dtype=bool)
        few[: leak_screening.MIN_ROWS - 1] = True
        assert sign_of(few * 1.0, few) is None
        few[leak_screening.MIN_ROWS - 1] = True
        assert sign_of(few * 1.0, few) is LeakSign.COPY

    def test_figure_is_that_of_scikit_learn_with_weights(self) -> None:
        column, weight = POSITIVE * 3 + NOISE * 0.6, RNG.random(ROWS) + 0.5
        (notice,) = notices({"column": column}, weight=weight)
        expected = roc_auc_score(POSITIVE, column, sample_weight=weight)
        assert notice.found[0].value == pytest.approx(expected, abs=1e-5)

    def test_rows_of_a_unit_are_no_evidence_for_each_other(self) -> None:
        units = np.arange(ROWS) // 40
        positive = np.random.default_rng(0).random(ROWS // 40)[units] < 0.4
        of_unit = np.random.default_rng(1).normal(size=ROWS // 40)[units]
        assert sign_of([f"unit {unit}" for unit in units], positive, units=units) is None
        assert sign_of(of_unit, positive, units=units) is None
        assert sign_of(positive * 1, positive, units=units) is LeakSign.COPY

    def test_large_tables_are_sampled_by_outcome(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(leak_screening, "ROWS", 100)
        assert sign_of(POSITIVE * 3 + NOISE * 0.3) is LeakSign.COLUMN
        assert sign_of(POSITIVE + NOISE) is None


class TestNumbers:
    @pytest.mark.parametrize(
        ("column", "sign"),
        [
            (AMOUNT * 1.19 + 3, LeakSign.COPY),
            (-np.log1p(AMOUNT), LeakSign.COPY),
            (AMOUNT + (AMOUNT > 0) * NOISE, LeakSign.COLUMN),
            (np.where(AMOUNT > 0, NOISE, np.nan), LeakSign.GAPS),
            (NOISE, None),
            (AMOUNT + NOISE * 20, None),
            ([f"customer {row}" for row in range(ROWS)], None),
        ],
    )
    def test_sign_of_a_column(self, column: object, sign: LeakSign | None) -> None:
        assert sign_of(column, AMOUNT, binary=False) is sign

    def test_figure_is_that_of_scipy(self) -> None:
        target = NOISE
        column = target + RNG.normal(size=ROWS) * 0.1
        (notice,) = notices({"column": column}, target, binary=False)
        assert notice.found[0].value == pytest.approx(spearmanr(column, target).statistic, abs=1e-4)


class TestModel:
    @pytest.mark.parametrize(
        ("scores", "captured", "named"),
        [
            (POSITIVE * 4 + NOISE, 0.97, True),
            (POSITIVE * 4 + NOISE, 0.9, False),
            (POSITIVE * 1.5 + NOISE, 0.97, False),
            (POSITIVE * 4 + NOISE, None, False),
        ],
    )
    def test_near_perfect_variant_is_named_with_its_strongest_columns(
        self, scores: Floats, captured: float | None, named: bool
    ) -> None:
        features = pd.DataFrame(
            {"weak": POSITIVE + RNG.normal(size=ROWS), "noise": NOISE, "unused": POSITIVE * 2 + NOISE}
        )
        data = labelled(POSITIVE)
        found = find_leaks(data, [features], data, {"model": Scored(scores, captured, ["weak", "noise"])})
        assert [notice.sign for notice in found] == ([LeakSign.MODEL] if named else [])
        if named:
            assert [figure.name for figure in found[0].strongest] == ["weak", "noise"]

    def test_variant_without_features_is_named(self) -> None:
        data = labelled(POSITIVE)
        (notice,) = find_leaks(data, [], data, {"file": Scored(POSITIVE * 1.0, 1.0, ())})
        assert [figure.name for figure in notice.found] == ["file"]
        assert not notice.strongest


@pytest.mark.statistical
def test_noise_gives_no_sign(rates: Rates) -> None:
    for rows, positives in ((30, 15), (200, 20), (2000, 40)):
        wrong, tables = 0, 20
        for seed in range(tables):
            rng = np.random.default_rng([rows, seed])
            positive = np.zeros(rows, dtype=bool)
            positive[rng.permutation(rows)[:positives]] = True
            columns = [
                *rng.normal(size=(100, rows)),
                *rng.integers(0, 2, (80, rows)),
                *np.where(rng.random((60, rows)) < 0.5, np.nan, 1),
                *rng.integers(0, 40, (60, rows)).astype(str),
            ]
            wrong += bool(notices({f"c{number}": column for number, column in enumerate(columns)}, positive))
        where = f"{positives} positives of {rows} rows, 300 features"
        rates.record("a table of noise gives a sign of a leak", where, wrong=wrong, of=tables, nominal=0.001)


WORDS = np.array(["tea", "coffee", "sugar", "late", "fine", "box", "taste", "price", "dog", "cat"])
SENTENCES = pd.Series([" ".join(RNG.choice(WORDS, 5)) for _ in range(ROWS)], dtype="str")


class TestText:
    def test_words_that_tell_a_little_are_no_sign(self) -> None:
        told = SENTENCES.where(RNG.random(ROWS) < np.where(POSITIVE, 0.4, 0.8), SENTENCES + " broken")
        assert sign_of(told) is None
        assert sign_of(SENTENCES) is None

    def test_phrase_that_is_written_after_the_outcome_is_a_sign(self) -> None:
        written = POSITIVE & (RNG.random(ROWS) < 0.7)
        assert sign_of(SENTENCES.where(~written, SENTENCES + " Order cancelled.")) is LeakSign.COLUMN

    def test_text_that_only_one_outcome_has_is_a_sign(self) -> None:
        assert sign_of(SENTENCES.where(POSITIVE, "")) is LeakSign.GAPS

    def test_text_that_says_the_outcome_is_a_copy(self) -> None:
        assert sign_of(pd.Series(np.where(POSITIVE, "was sold", "not"), dtype="str")) is LeakSign.COPY

    def test_word_that_tells_a_number_nearly_is_a_sign(self) -> None:
        high = SENTENCES.str.contains("dog").to_numpy(bool)
        assert sign_of(SENTENCES, np.where(high, 5.0, 0.0), binary=False) is not None

    def test_any_text_is_looked_at(self) -> None:
        assert sign_of(pd.Series(["", "x" * 100_000, "\0", "\N{SNOWMAN}"] * (ROWS // 4), dtype="str")) is None
