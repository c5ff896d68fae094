"""RES021 and RES022 for results about several classes: what is confused, and each class by itself."""

from __future__ import annotations

from itertools import pairwise
from math import isclose
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.kpi import ClassValueSpec
from iterata.rules.figures.fault import ROUNDED, Fault, close, differs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.kpi import KpiSpec
    from iterata.errors import FieldPath
    from iterata.results import SampleResult
    from iterata.results.classes import ClassFigure, ConfusedPair, ConfusionTable, OtherPairs

DERIVED, COUNTS = "RES021", "RES022"


class _Model(NamedTuple):
    """What a result says about the answers of a model."""

    place: FieldPath
    """Of the model's keys; those of the status quo of an experiment have a prefix."""
    prefix: str
    kpi: float
    confusion: ConfusionTable | None
    classes: list[ClassFigure]

    def at(self, key: str, *path: str | int) -> FieldPath:
        """The place of one of its figures."""
        return (*self.place, f"{self.prefix}{key}", *path)


def faults(result: SampleResult, kpi: KpiSpec | None) -> Iterator[Fault]:
    """Contradictions in what a result says about classes.

    Args:
        result: the result.
        kpi: the KPI of the assessment; None if it is not known.
    """
    spec = kpi if isinstance(kpi, ClassValueSpec) else None
    for model in _models(result):
        if model.confusion is not None:
            yield from _confusion_faults(model, model.confusion, result, spec)
        if model.classes:
            yield from _class_faults(model, result)
    if result.scale.best_constant is not None and spec is not None:
        yield from _constant_faults(result, spec)


def _models(result: SampleResult) -> Iterator[_Model]:
    status_quo = result.scale.status_quo.value
    if result.kind == "lift":
        yield _Model((), "", status_quo, result.confusion, [])
        return
    yield _Model((), "status_quo_", status_quo, result.status_quo_confusion, result.status_quo_classes)
    for number, variant in enumerate(result.variants):
        yield _Model(("variants", number), "", variant.kpi.value, variant.confusion, variant.classes)


def _confusion_faults(
    model: _Model, table: ConfusionTable, result: SampleResult, spec: ClassValueSpec | None
) -> Iterator[Fault]:
    """The pairs are the sample, and their values are the KPI."""
    entries: list[ConfusedPair | OtherPairs] = [*table.pairs, *([table.others] if table.others else [])]
    rows = sum(entry.rows for entry in entries)
    if result.sample is not None and not isclose(rows, result.sample.rows, rel_tol=ROUNDED):
        message = f"all pairs together have {rows:,.7g} rows, but the sample has {result.sample.rows:,}"
        yield Fault(COUNTS, model.at("confusion", "pairs", 0, "rows"), message)
    values = [entry.value for entry in entries]
    known = [value for value in values if value is not None]
    if len(known) == len(values) and spec is not None:
        place, size = model.at("confusion", "pairs", 0, "value"), sum(map(abs, known))
        if not close(sum(known), model.kpi, size):
            message = f"all pairs together are worth {sum(known):.7g}, but the KPI is {model.kpi:.7g}"
            yield Fault(DERIVED, place, message)
        best, perfect = sum(known), result.scale.perfect.value
        lost = [entry.cost for entry in entries if entry.cost is not None]
        gap = result.kpi.direction.sign * (perfect - best)
        if not close(sum(lost), gap, size, perfect):
            message = f"all pairs together cost {sum(lost):.7g}, but perfect is better by {gap:.7g}"
            yield Fault(DERIVED, model.at("confusion", "pairs", 0, "cost"), message)
    if spec is not None:
        yield from _pair_values(model, table, result, spec)
    yield from _order_faults(model, table)


def _pair_values(
    model: _Model, table: ConfusionTable, result: SampleResult, spec: ClassValueSpec
) -> Iterator[Fault]:
    """Where all rows weigh the same, a pair is worth its rows times the value of one."""
    if result.sample is None or result.sample.weights is not None:
        return
    factor = result.kpi.period_rows / result.sample.rows
    for number, pair in enumerate(table.pairs):
        if pair.value is not None:
            value = factor * pair.rows * _value(spec, pair)
            why = f"{pair.rows:.7g} rows, as the KPI values them"
            place = model.at("confusion", "pairs", number, "value")
            yield from differs(DERIVED, place, pair.value, value, why)


def _value(spec: ClassValueSpec, pair: ConfusedPair) -> float:
    """What one row is worth."""
    listed = spec.values.get(pair.answer, {})
    if pair.truth in listed:
        return listed[pair.truth]
    if spec.person is not None and pair.answer == spec.person.answer:
        return spec.person.value
    return spec.right if pair.answer == pair.truth else spec.wrong


def _order_faults(model: _Model, table: ConfusionTable) -> Iterator[Fault]:
    """What costs most comes first."""
    costs = [pair.cost for pair in table.pairs if pair.cost is not None]
    for number, (cost, following) in enumerate(pairwise(costs)):
        if following > cost and not close(following, cost):
            place = model.at("confusion", "pairs", number + 1, "cost")
            yield Fault(DERIVED, place, f"{following:.7g} is above the one before, {cost:.7g}")
    pairs = [(pair.answer, pair.truth) for pair in table.pairs]
    for number, pair in enumerate(table.pairs):
        if pairs.index((pair.answer, pair.truth)) != number:
            place = model.at("confusion", "pairs", number, "truth")
            yield Fault(COUNTS, place, "this pair of answer and truth is listed twice")
        if pair.cost is not None and pair.cost < -1e-9:
            place = model.at("confusion", "pairs", number, "cost")
            yield Fault(DERIVED, place, f"{pair.cost:.7g}: the best answer is never worse")


def _class_faults(model: _Model, result: SampleResult) -> Iterator[Fault]:
    """The rows of all classes are the sample; the figures of a class follow from the pairs."""
    rows = sum(figure.rows for figure in model.classes)
    if result.sample is not None and rows != result.sample.rows:
        message = f"all classes together have {rows:,} rows, but the sample has {result.sample.rows:,}"
        yield Fault(COUNTS, model.at("classes", 0, "rows"), message)
    table = model.confusion
    if table is None or table.others is not None or result.sample is None:
        return
    weighted = result.sample.weights is not None
    for number, figure in enumerate(model.classes):
        answered = sum(pair.rows for pair in table.pairs if pair.answer == figure.name)
        true = sum(pair.rows for pair in table.pairs if pair.truth == figure.name)
        place, why = model.at("classes", number), "the table of answers and truths"
        yield from differs(COUNTS, (*place, "answered"), figure.answered, answered, why)
        yield from differs(COUNTS, (*place, "rows"), float(figure.rows), true, why)
        if not weighted:
            yield from _shares(figure, table, place, true)
        worth = [pair.value for pair in table.pairs if pair.truth == figure.name]
        if figure.value is not None and None not in worth:
            total = sum(value for value in worth if value is not None)
            size = sum(abs(value) for value in worth if value is not None)
            yield from differs(DERIVED, (*place, "value", "value"), figure.value.value, total, why, size)


def _shares(figure: ClassFigure, table: ConfusionTable, place: FieldPath, true: float) -> Iterator[Fault]:
    """Recall follows from the pairs, also as a mean over repeats; F1 lies between recall and precision."""
    right = sum(pair.rows for pair in table.pairs if pair.answer == pair.truth == figure.name)
    if figure.recall is not None and true:
        why = "the rows with this answer, of those of this class"
        yield from differs(DERIVED, (*place, "recall", "value"), figure.recall.value, right / true, why)
    if figure.f1 is not None and figure.precision is not None and figure.recall is not None:
        ends = sorted((figure.precision.value, figure.recall.value))
        slack = 0.01  # the mean over repeats of a ratio is not the ratio of the means
        if not ends[0] - slack <= figure.f1.value <= ends[1] + slack:
            message = f"{figure.f1.value:.7g} is not between precision and recall"
            yield Fault(DERIVED, (*place, "f1", "value"), message)
    if figure.precision is not None and figure.answered:
        share = right / figure.answered
        if abs(figure.precision.value - share) > 0.01:  # as above
            message = f"is {figure.precision.value:.7g}, but {share:.7g} of these answers are right"
            yield Fault(DERIVED, (*place, "precision", "value"), message)


def _constant_faults(result: SampleResult, spec: ClassValueSpec) -> Iterator[Fault]:
    """The best constant answer is no better than perfect, and follows from the rows of the classes."""
    constant, sign = result.scale.best_constant, result.kpi.direction.sign
    if constant is None:
        return
    perfect, place = result.scale.perfect.value, ("scale", "best_constant", "value")
    if sign * (constant.value - perfect) > 1e-5 * max(abs(perfect), abs(constant.value), 1e-6):
        yield Fault(DERIVED, place, f"{constant.value:.7g} is better than the perfect model, {perfect:.7g}")
    if result.kind != "experiment" or result.sample is None or result.sample.weights is not None:
        return
    rows = {figure.name: figure.rows for figure in result.status_quo_classes}
    if not rows:
        return
    factor = result.kpi.period_rows / result.sample.rows
    known = {name: factor * count for name, count in rows.items()}
    expected = _constant_value(spec, constant.answer, known)
    yield from differs(DERIVED, place, constant.value, expected, f"`{constant.answer}` to every row", perfect)


def _constant_value(spec: ClassValueSpec, answer: str, rows: dict[str, float]) -> float:
    from iterata.results.classes import ConfusedPair  # noqa: PLC0415  # only for results with classes

    pairs = [ConfusedPair(answer=answer, truth=truth, rows=count) for truth, count in rows.items()]
    return sum(pair.rows * _value(spec, pair) for pair in pairs)
