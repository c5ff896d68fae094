"""Assumptions about several classes: their shares, and how often the status quo is right.

This module imports no numpy, because `check` reads it; the figures are computed in `iterata.lift`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.ranges import Range
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iterata.documents.models.assumptions import AssumedStatusQuo, Assumptions
    from iterata.documents.models.kpi import ClassValueSpec
    from iterata.documents.models.period import Period
    from iterata.documents.models.ranges import NumberOrRange

SUM_TOLERANCE = 0.005
"""The likely shares of classes may add up to 1 within this: they are often rounded."""

FIGURES = ("accuracy", "recall_by_class", "answer", "kpi")
"""What a team may know of the status quo; one of them determines it."""


class Wrong(NamedTuple):
    """What is wrong with an assumption."""

    path: tuple[str, ...]
    """Keys below `assumptions`."""
    message: str


def class_ranges(kpi: ClassValueSpec, assumptions: Assumptions, period: Period | None) -> dict[str, Range]:
    """Every number that the bounds depend on, by its path: `classes.billing`, `status_quo.accuracy`."""
    return {name: Range.of(value) for name, value in _inputs(kpi, assumptions, period)}


def _inputs(
    kpi: ClassValueSpec, assumptions: Assumptions, period: Period | None
) -> Iterator[tuple[str, NumberOrRange]]:
    yield "volume", assumptions.volume or float(period.rows if period else 1)
    for name, share in (assumptions.classes or {}).items():
        yield f"classes.{name}", share
    status_quo, values = assumptions.status_quo, assumptions.values
    for name, recall in (status_quo.recall_by_class or {}).items():
        yield f"status_quo.recall_by_class.{name}", recall
    for figure in ("accuracy", "handed_over", "kpi"):
        if (assumed := getattr(status_quo, figure)) is not None:
            yield f"status_quo.{figure}", assumed
    for name in ("right", "wrong"):
        replaced = getattr(values, name, None)
        yield f"values.{name}", getattr(kpi, name) if replaced is None else replaced
    if kpi.person is not None:
        person = values.person if values else None
        yield "values.person", kpi.person.value if person is None else person
    yield from _values_of_pairs(kpi, assumptions)


def _values_of_pairs(kpi: ClassValueSpec, assumptions: Assumptions) -> Iterator[tuple[str, NumberOrRange]]:
    replaced = (assumptions.values.answers if assumptions.values else None) or {}
    pairs: dict[tuple[str, str], NumberOrRange] = {}
    for described in (kpi.values, replaced):
        for answer, by_truth in described.items():
            for truth, value in by_truth.items():
                pairs[answer, truth] = value
    for (answer, truth), value in pairs.items():
        yield f"values.answers.{answer}.{truth}", value


def pair_of(name: str, answers: Iterable[str]) -> tuple[str, str] | None:
    """The answer and the truth of a name such as `values.answers.billing.technical`; None for other names."""
    rest = name.removeprefix("values.answers.")
    if rest == name:
        return None
    found = (answer for answer in answers if rest.startswith(f"{answer}."))
    answer = max(found, key=len)
    return answer, rest.removeprefix(f"{answer}.")


def wrong_class_assumptions(
    kpi: ClassValueSpec, assumptions: Assumptions, period: Period | None
) -> list[Wrong]:
    """Everything that prevents bounds from being computed, except for the volume; or an empty list."""
    del period
    return [*_shares(assumptions), *_status_quo(kpi, assumptions), *_names(kpi, assumptions)]


def _shares(assumptions: Assumptions) -> Iterator[Wrong]:
    if assumptions.base_rate is not None:
        yield Wrong(("base_rate",), "is for two outcomes; write `classes` with the share of each class")
    shares = assumptions.classes
    if shares is None or len(shares) < 2:
        message = "needs the share of at least two classes, such as {billing: 0.6, technical: 0.4}"
        yield Wrong(("classes",) if shares else (), f"{message} as `classes`" if shares is None else message)
        return
    total = sum(Range.of(share).likely for share in shares.values())
    if abs(total - 1) > SUM_TOLERANCE:
        yield Wrong(("classes",), f"must add up to 1, the likely shares add up to {total:.6g}")
    if any(Range.of(share).low == 0 == Range.of(share).high for share in shares.values()):
        yield Wrong(("classes",), "has a class with the share 0: leave it out")


def _status_quo(kpi: ClassValueSpec, assumptions: Assumptions) -> Iterator[Wrong]:
    status_quo, classes = assumptions.status_quo, tuple(assumptions.classes or ())
    given = [figure for figure in FIGURES if getattr(status_quo, figure) is not None]
    for figure in _unusable(status_quo):
        yield Wrong(("status_quo", figure), f"does not apply to a KPI of kind {kpi.kind}")
    if len(given) != 1:
        has = " and ".join(given) or "none"
        yield Wrong(("status_quo",), f"needs one of {', '.join(FIGURES)}; it has {has}")
        return
    recalls = status_quo.recall_by_class
    if recalls is not None and set(recalls) != set(classes):
        different = ", ".join(sorted(set(recalls) ^ set(classes)))
        yield Wrong(("status_quo", "recall_by_class"), f"needs the same classes as `classes`: {different}")
    if status_quo.handed_over is not None:
        if kpi.person is None:
            message = "needs an answer `person` of the KPI, such as `person: {value: 0.2}`"
            yield Wrong(("status_quo", "handed_over"), message)
        if given[0] in ("answer", "kpi"):
            message = "goes with accuracy or recall_by_class, which are of the rows that are not handed over"
            yield Wrong(("status_quo", "handed_over"), message)
    answers = answers_of(kpi, classes)
    if status_quo.answer is not None and status_quo.answer not in answers:
        yield Wrong(("status_quo", "answer"), f"must be an answer: {', '.join(answers)}")


def _unusable(status_quo: AssumedStatusQuo) -> list[str]:
    usable = {*FIGURES, "handed_over", "label"}
    return [
        figure
        for figure in type(status_quo).model_fields
        if figure not in usable and getattr(status_quo, figure) is not None
    ]


def answers_of(kpi: ClassValueSpec, classes: tuple[str, ...]) -> tuple[str, ...]:
    """All answers: the classes, and the person after them."""
    return classes if kpi.person is None else (*classes, kpi.person.answer)


def _names(kpi: ClassValueSpec, assumptions: Assumptions) -> Iterator[Wrong]:
    """Values of classes that have no share."""
    classes = tuple(assumptions.classes or ())
    answers, values = answers_of(kpi, classes), assumptions.values
    if values is not None:
        for name in type(values).model_fields:
            known = {"right", "wrong", "answers", *(["person"] if kpi.person else [])}
            if name not in known and getattr(values, name) is not None:
                yield Wrong(("values", name), f"is not a value of a KPI of kind {kpi.kind}")
    replaced = (values.answers if values else None) or {}
    for path, described in (((), kpi.values), (("values", "answers"), replaced)):
        yield from _unknown(path, described, answers, classes)


def _unknown(
    path: tuple[str, ...],
    described: Mapping[str, Mapping[str, object]],
    answers: tuple[str, ...],
    classes: tuple[str, ...],
) -> Iterator[Wrong]:
    for answer, by_truth in described.items():
        for name, known, keys in (
            (answer, answers, (answer,)),
            *((t, classes, (answer, t)) for t in by_truth),
        ):
            if name not in known:
                guess = closest(name, list(known))
                advice = f": did you mean `{guess}`?" if guess else ""
                where = (*path, *keys) if path else ()
                of = "" if path else f"the KPI has a value for `{name}`, which "
                yield Wrong(where, f"{of}is none of the classes with a share{advice}")
