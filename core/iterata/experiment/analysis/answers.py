"""What a model answers where each class is true: what is confused with what, and each class by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.kpi import ClassValueSpec
from iterata.measure.answer_table import AnswerTable, f1_of_overlap
from iterata.measure.classes.confusion import Pairs
from iterata.measure.intervals import FEWEST
from iterata.measure.kpi.class_value import ClassValue
from iterata.measure.measures import mean_of
from iterata.results import Estimate
from iterata.results.classes import ClassFigure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.experiment.analysis.evidence import Figure, Predictions
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.measures import Measure
    from iterata.results.classes import ConfusionTable

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
        pairs = Pairs(rows)
        if self._values is not None:
            weights = np.mean([table.weights() for table in self._tables[model]], axis=0)
            pairs = Pairs.of(rows, weights, self._values, sign=self._scale.sign, factor=self._scale.factor)
        return pairs.table((*self._names, self._person or PERSON), self._names)


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
