"""Signs that a model may use what is only known after the decision.

A sign is a question and no proof: a rule may truly be that good. So a result names it, and a report answers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.enums import LeakSign
from iterata.experiment.analysis.class_screening import ClassScreening
from iterata.experiment.analysis.leak_screening import Screening
from iterata.measure.uplift.arm_sums import assignment_of
from iterata.results import LeakFigure, LeakNotice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from iterata.arrays import Floats
    from iterata.data.labelled_rows import LabelledRows

ALMOST_ALL = 0.95
"""Of the potential lift: more than models of what people do usually take."""

NEAR_PERFECT = 0.99
"""AUC or rank correlation of such a model; of classes its reduction of error."""

STRONGEST = 3
"""How many columns a notice on a model names."""


class Scored(NamedTuple):
    """The predictions of a variant."""

    scores: Floats
    """`(n,)`: of all predicted rows; the codes of answers if the target has classes."""
    captured_share: float | None
    """Of the potential lift; None if there is none."""
    columns: Sequence[str]
    """Its features; none if its predictions were read from a file."""


def find_leaks(
    data: LabelledRows,
    features: Iterable[pd.DataFrame],
    evaluated: LabelledRows,
    scored: Mapping[str, Scored],
    *,
    of_effects: bool = False,
) -> list[LeakNotice]:
    """The signs of a leak, one notice for each kind.

    Where effects are estimated, a column is judged within each arm: one that tells the outcome of the treated
    and the opposite of the others tells nothing of both together. A column that tells who was treated is a
    sign as well. A model of effects is near-perfect if it takes almost all that perfect could gain at most,
    and orders treated positives and control negatives before all other rows: nobody's effect is that certain.

    Args:
        data: all rows.
        features: the features of the variants, as estimators get them: numbers and categories.
        evaluated: the rows that are predicted.
        scored: the predictions of the variants.
        of_effects: whether they are estimates of the effect of a treatment.
    """
    columns = {str(name): table[name] for table in features for name in table}
    alone: dict[str, LeakFigure] = {}
    signs: dict[LeakSign, list[LeakFigure]] = {}
    screenings = [part for part in _screenings(data, len(columns), of_effects=of_effects) if part.enough]
    for name, column in columns.items() if screenings else ():
        seen = [_seen(screening, column, name) for screening in screenings]
        alone[name] = max((figure for figure, _ in seen), key=lambda figure: figure.value)
        if found := next((sign for _, sign in seen if sign), None):
            signs.setdefault(found[0], []).append(found[1])
        elif of_effects and (figure := _of_treatment(data, column, name, len(columns))):
            signs.setdefault(LeakSign.TREATMENT, []).append(figure)
    near_perfect = _near_perfect(_turned(evaluated) if of_effects else evaluated, scored)
    notices = [LeakNotice(sign=sign, found=_ordered(signs[sign])) for sign in LeakSign if sign in signs]
    if not near_perfect:
        return notices
    used = {name for figure in near_perfect for name in scored[figure.name].columns}
    strongest = _ordered(figure for name, figure in alone.items() if name in used)[:STRONGEST]
    return [LeakNotice(sign=LeakSign.MODEL, found=near_perfect, strongest=strongest), *notices]


def _near_perfect(data: LabelledRows, scored: Mapping[str, Scored]) -> list[LeakFigure]:
    """The variants that take almost all of the potential lift, and order nearly all rows as they should."""
    candidates = {
        name: variant
        for name, variant in scored.items()
        if variant.captured_share is not None and variant.captured_share >= ALMOST_ALL
    }
    screening = _screening(data, 1)
    if not candidates or not screening.enough:
        return []
    figures = (
        screening.answered(variant.scores, name)
        if isinstance(screening, ClassScreening)
        else screening.scored(variant.scores, name)
        for name, variant in candidates.items()
    )
    return _ordered(figure for figure in figures if figure.value >= NEAR_PERFECT)


def _seen(
    screening: Screening | ClassScreening, column: pd.Series, name: str
) -> tuple[LeakFigure, tuple[LeakSign, LeakFigure] | None]:
    """How well a column tells the target, and whether that is a sign of a leak."""
    levels = screening.levels(column)
    figure = screening.figure(levels, name)
    return figure, screening.sign(levels, figure)


def _of_treatment(data: LabelledRows, column: pd.Series, name: str, columns: int) -> LeakFigure | None:
    """How well a column tells who was treated, if it nearly does."""
    treated = assignment_of(data.outcomes).treated.astype(np.float64)
    screening = Screening.of(treated, data.outcomes.counts, data.units, binary=True, columns=columns)
    if not screening.enough:
        return None
    _, sign = _seen(screening, column, name)
    return sign and sign[1]


def _turned(data: LabelledRows) -> LabelledRows:
    """The rows with the outcome of the control arm turned, which a score of effects would have to tell."""
    outcomes = data.outcomes
    treated = assignment_of(outcomes).treated
    if data.binary:
        target = np.where(treated, outcomes.target, 1 - outcomes.target)
    else:
        target = np.where(treated, 1, -1) * (outcomes.target - outcomes.mean(outcomes.target))
    return replace(data, outcomes=replace(outcomes, target=target))


def _screenings(
    data: LabelledRows, columns: int, *, of_effects: bool
) -> Sequence[Screening | ClassScreening]:
    """The rows on which columns are judged: all together, or those of each arm."""
    if not of_effects:
        return [_screening(data, columns)]
    outcomes, treated = data.outcomes, assignment_of(data.outcomes).treated
    return [
        Screening.of(outcomes.target, outcomes.counts * arm, data.units, binary=data.binary, columns=columns)
        for arm in (treated, ~treated)
    ]


def _screening(data: LabelledRows, columns: int) -> Screening | ClassScreening:
    outcomes = data.outcomes
    if outcomes.classes is not None:
        return ClassScreening.of(outcomes, data.units, columns=columns)
    return Screening.of(outcomes.target, outcomes.counts, data.units, binary=data.binary, columns=columns)


def _ordered(figures: Iterable[LeakFigure]) -> list[LeakFigure]:
    return sorted(figures, key=lambda figure: (-np.round(figure.value, 12), figure.name))
