"""The figures of a table of answers are those of scikit-learn on the rows that were drawn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from iterata.measure.answer_table import AnswerTable
from iterata.measure.bootstrap import bootstrap
from iterata.measure.intervals import estimate
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import RowByRow

CLASSES = ("a", "b", "c", "d")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weighted", [False, True])
def test_figures_are_those_of_the_rows_drawn(seed: int, weighted: bool) -> None:
    draw = np.random.default_rng(seed)
    rows = int(draw.integers(5, 60))
    truth, answers = draw.integers(0, 4, rows).astype(float), draw.integers(0, 5, rows).astype(float)
    values, weight = draw.normal(size=(5, 4)), draw.uniform(0.5, 2, rows)
    outcomes = Outcomes(truth, weight if weighted else None, classes=CLASSES)
    table = AnswerTable(outcomes, answers, values)
    drawn = draw.integers(0, 3, (20, rows)).astype(float)
    weightings = RowByRow.of(drawn)
    figures = [(table.precision(code), table.recall(code), table.f1(code)) for code in range(4)]
    found = np.array([[figure(weightings) for figure in of_class] for of_class in figures])
    worth = sum(table.worth(code)(weightings) for code in range(4))
    for number, counts in enumerate(drawn):
        total = counts * weight if weighted else counts
        expected = precision_recall_fscore_support(
            truth, answers, labels=range(4), sample_weight=total, zero_division=np.nan
        )[:3]
        assert pytest.approx(np.array(expected), nan_ok=True) == found[:, :, number].T
        gained = values[answers.astype(int), truth.astype(int)]
        assert worth[number] == pytest.approx(total @ gained / total.sum())
        assert table.to_person()(weightings)[number] == pytest.approx(total @ (answers == 4) / total.sum())
    assert table.rows().sum() == rows
    assert table.weights().sum() == pytest.approx(outcomes.counts.sum())


@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_share_that_is_the_same_in_every_resample_has_an_exact_interval(name: str) -> None:
    truth = np.repeat([0.0, 1.0], (20, 80))
    table = AnswerTable(Outcomes(truth, classes=("a", "b")), truth)
    measures = {
        "precision": table.precision(0).of_trials(table.answered(0)),
        "recall": table.recall(0).of_trials(table.true(0)),
        "f1": table.f1(0),
    }
    values, drawn = bootstrap({name: measures[name]}, 100, 4000, np.random.default_rng(0))
    found = estimate(values[name], drawn[name])
    if name == "f1":  # a proportion only together with its overlap
        assert found.interval is None
    else:
        assert found.low == pytest.approx(0.832, abs=0.01)  # Clopper and Pearson, 20 of 20
