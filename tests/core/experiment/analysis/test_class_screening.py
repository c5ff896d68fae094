"""Columns that tell which of many classes is true are noticed, and good columns of real data are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris, load_wine

from iterata.documents.models.enums import LeakSign
from iterata.experiment.analysis.class_screening import ClassScreening
from iterata.measure.outcomes import Outcomes

DRAW = np.random.default_rng(4)
CODES = DRAW.choice(6, 3000, p=[0.4, 0.2, 0.15, 0.1, 0.1, 0.05]).astype(float)
CLASSES = tuple("abcdef")
OUTCOMES = Outcomes(CODES, classes=CLASSES)
NOISE = DRAW.normal(size=3000)

COLUMNS: dict[str, tuple[pd.Series, LeakSign | None]] = {
    "noise": (pd.Series(NOISE), None),
    "ids": (pd.Series(DRAW.permutation(3000).astype(str), dtype="category"), None),
    "weak": (pd.Series(CODES + 2 * NOISE), None),
    "codes in another order": (pd.Series(np.array([3.0, 0, 5, 1, 4, 2])[CODES.astype(int)]), LeakSign.COPY),
    "names": (pd.Series(np.array(list("uvwxyz"))[CODES.astype(int)], dtype="category"), LeakSign.COPY),
    "almost all": (
        pd.Series(np.where(DRAW.random(3000) < 0.99, CODES, (CODES + 1) % 6)),
        LeakSign.COLUMN,
    ),
    "date of refund": (pd.Series(np.where(CODES == 5, NOISE, np.nan)), LeakSign.GAPS),
    "amount of refund": (
        pd.Series(np.where((CODES == 3) & (NOISE > -0.3), 9.0 + NOISE, 0.0)),
        LeakSign.COLUMN,
    ),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_signs_of_leaks(name: str) -> None:
    column, expected = COLUMNS[name]
    screening = ClassScreening.of(OUTCOMES, None, columns=len(COLUMNS))
    levels = screening.levels(column)
    found = screening.sign(levels, screening.figure(levels, name))
    assert (found and found[0]) == expected
    if found and name.endswith("refund"):
        assert found[1].of_class == {"date of refund": "f", "amount of refund": "d"}[name]


@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_good_columns_of_real_data_are_no_leaks(load: object) -> None:
    assert callable(load)
    table = load(as_frame=True).frame
    outcomes = Outcomes(table.pop("target").to_numpy(dtype=float), classes=("0", "1", "2"))
    screening = ClassScreening.of(outcomes, None, columns=table.shape[1])
    for name in table:
        levels = screening.levels(table[name])
        assert screening.sign(levels, screening.figure(levels, name)) is None


def test_reduction_of_error_is_that_of_the_answers() -> None:
    screening = ClassScreening.of(OUTCOMES, None, columns=1)
    answers = np.where(DRAW.random(3000) < 0.9, CODES, (CODES + 1) % 6)
    blind = np.bincount(CODES.astype(int)).max() / 3000
    expected = (np.mean(answers == CODES) - blind) / (1 - blind)
    assert screening.answered(answers, "x").value == pytest.approx(expected, abs=1e-6)
    assert screening.answered(np.zeros(3000), "x").value == 0
    assert screening.enough
    few = Outcomes(np.array([0.0] * 50 + [1.0] * 14), classes=("a", "b"))
    assert not ClassScreening.of(few, None, columns=1).enough
