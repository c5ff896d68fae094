"""What a model answers where each class is true: what is confused with what, and each class by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.kpi import ClassValueSpec
from iterata.measure.answer_table import AnswerTable, f1_of_overlap
from iterata.measure.intervals import FEWEST
from iterata.measure.kpi.class_value import ClassValue
from iterata.measure.measures import mean_of
from iterata.results import Estimate
from iterata.results.classes import ClassFigure, ConfusedPair, ConfusionTable, OtherPairs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.experiment.analysis.evidence import Figure, Predictions
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.measures import Measure

MAX_PAIRS = 100
"""How many pairs of answer and truth a result lists."""

PERSON = "to a person"
"""The figure of the rows that are handed to a person; it is of no class."""


class AnswerFigures(NamedTuple):
    """The figures of one model."""

    confusion: ConfusionTable
    classes: list[ClassFigure]
    to_person: Estimate | None
    """The share of rows; None if the KPI has no person."""


FigureKey = tuple[str, str]
"""The name of a class and of its figure."""


class AnswerTables:
    """The tables of all models, one for each repeat."""

    def __init__(self, predictions: Predictions, kpi_scale: KpiScale, units: NDArray[np.intp] | None) -> None:
        outcomes, spec = kpi_scale.outcomes, kpi_scale.spec
        self._scale, self._units = kpi_scale, units
        self._names = outcomes.classes or ()
        self._kpi = ClassValue.of(spec) if isinstance(spec, ClassValueSpec) else None
        self._values = None if self._kpi is None else self._kpi.values(outcomes)
        self._person = None if self._kpi is None or self._kpi.person is None else self._kpi.person[0]
        self._answers = {
            model: [column.values for column in columns] for model, columns in predictions.items()
        }
        self._tables = {
            model: [AnswerTable(outcomes, answers, self._values) for answers in columns]
            for model, columns in self._answers.items()
        }

    def measures(self) -> dict[str, dict[FigureKey, Measure]]:
        """How the figures of each class are measured, by model."""
        return {model: dict(self._of_model(tables)) for model, tables in self._tables.items()}

    def _of_model(self, tables: Sequence[AnswerTable]) -> Mapping[FigureKey, Measure]:
        """The figures of each class; shares of rows have exact intervals where all resamples agree."""

        def mean(figure: Callable[[AnswerTable, int], Measure], code: int) -> Measure:
            return mean_of([figure(table, code) for table in tables])

        measured: dict[FigureKey, Measure] = {}
        for code, name in enumerate(self._names):
            answered, true = mean(AnswerTable.answered, code), mean(AnswerTable.true, code)
            overlap, either = mean(AnswerTable.overlap, code), mean(AnswerTable.either, code)
            measured[name, "precision"] = mean(AnswerTable.precision, code).of_trials(answered)
            measured[name, "recall"] = mean(AnswerTable.recall, code).of_trials(true)
            measured[name, "f1"] = mean(AnswerTable.f1, code).of_trials(either, overlap, f1_of_overlap)
            if self._values is not None:
                worth = mean(AnswerTable.worth, code)
                measured[name, "value"] = worth.map(lambda mean: self._scale.factor * mean)
        if self._person is not None:
            total = mean_of([table.total() for table in tables])
            measured["", PERSON] = mean_of([table.to_person() for table in tables]).of_trials(total)
        return measured

    def figures(self, model: str, evidence: Mapping[FigureKey, Figure]) -> AnswerFigures:
        """The figures of a model, from what was measured."""
        rows = np.mean([table.rows() for table in self._tables[model]], axis=0)
        person = evidence.get(("", PERSON))
        return AnswerFigures(
            self._confusion(model, rows),
            self._classes(model, rows, evidence),
            None if person is None else _estimate(person, FEWEST),
        )

    def _classes(self, model: str, rows: Floats, evidence: Mapping[FigureKey, Figure]) -> list[ClassFigure]:
        true = self._units_with(self._scale.outcomes.target)
        answered = self._units_with(self._answers[model][0])
        return [
            ClassFigure(
                name=name,
                rows=round(rows[:, code].sum()),
                answered=float(rows[code].sum()),
                precision=_estimate(evidence[name, "precision"], answered[code]),
                recall=_estimate(evidence[name, "recall"], true[code]),
                f1=_estimate(evidence[name, "f1"], min(true[code], answered[code])),
                value=_estimate(evidence[name, "value"], true[code]) if self._values is not None else None,
            )
            for code, name in enumerate(self._names)
        ]

    def _units_with(self, codes: Floats) -> list[int]:
        """How many units, or rows if every row is one, have each code."""
        width = len(self._names) + 1
        values = codes.astype(np.intp)
        if self._units is not None:
            values = np.unique(self._units.astype(np.intp) * width + values) % width
        counts: list[int] = np.bincount(values, minlength=width).tolist()
        return counts

    def _confusion(self, model: str, rows: Floats) -> ConfusionTable:
        """The pairs of answer and truth, the costliest first."""
        value, cost = self._worth_of_pairs(model)
        answers = (*self._names, self._person or PERSON)
        wrong = 1.0 - np.eye(*rows.shape)
        order = np.lexsort(
            [np.arange(rows.size), -rows.ravel(), -(wrong * rows if cost is None else cost).ravel()]
        )
        occurring = [divmod(int(cell), rows.shape[1]) for cell in order if rows.ravel()[cell] > 0]
        pairs = [
            ConfusedPair(
                answer=answers[answer],
                truth=self._names[truth],
                rows=float(rows[answer, truth]),
                value=None if value is None else float(value[answer, truth]),
                cost=None if cost is None else float(cost[answer, truth]),
            )
            for answer, truth in occurring[:MAX_PAIRS]
        ]
        return ConfusionTable(pairs=pairs, others=_others(occurring[MAX_PAIRS:], rows, value, cost))

    def _worth_of_pairs(self, model: str) -> tuple[Floats | None, Floats | None]:
        """What the rows of each pair are worth, and what they lose against the best answer: `(K + 1, K)`."""
        if self._values is None:
            return None, None
        weights = np.mean([table.weights() for table in self._tables[model]], axis=0)
        share = self._scale.factor * weights / weights.sum()
        utility = self._scale.sign * self._values
        known = len(utility)
        value, cost = np.zeros_like(share), np.zeros_like(share)
        value[:known] = share[:known] * self._values
        cost[:known] = share[:known] * (utility.max(axis=0) - utility)
        return value, cost


def _estimate(figure: Figure, units: int) -> Estimate | None:
    """A figure of a class; without an interval if fewer units than `FEWEST` have it."""
    if not figure.is_defined:
        return None
    if units < FEWEST:
        return Estimate(value=figure.value)
    found = figure.estimate()
    if found.interval is None:
        return found
    low, high = found.interval  # exact replicates of a share of 0 or 1 lie beside it
    return Estimate(value=found.value, low=min(low, found.value), high=max(high, found.value))


def _others(
    cells: Sequence[tuple[int, int]], rows: Floats, value: Floats | None, cost: Floats | None
) -> OtherPairs | None:
    if not cells:
        return None
    at = tuple(np.array(cells).T)
    return OtherPairs(
        pairs=len(cells),
        rows=float(rows[at].sum()),
        value=None if value is None else float(value[at].sum()),
        cost=None if cost is None else float(cost[at].sum()),
    )
