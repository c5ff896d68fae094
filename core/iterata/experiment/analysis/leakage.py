"""Signs that a model may use what is only known after the decision.

A sign is a question and no proof: a rule may truly be that good. So a result names it, and a report answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.enums import LeakSign
from iterata.experiment.analysis.class_screening import ClassScreening
from iterata.experiment.analysis.leak_screening import Screening
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
) -> list[LeakNotice]:
    """The signs of a leak, one notice for each kind.

    Args:
        data: all rows.
        features: the features of the variants, as estimators get them: numbers and categories.
        evaluated: the rows that are predicted.
        scored: the predictions of the variants.
    """
    columns = {str(name): table[name] for table in features for name in table}
    alone: dict[str, LeakFigure] = {}
    signs: dict[LeakSign, list[LeakFigure]] = {}
    screening = _screening(data, len(columns))
    for name, column in columns.items() if screening.enough else ():
        levels = screening.levels(column)
        alone[name] = screening.figure(levels, name)
        if found := screening.sign(levels, alone[name]):
            signs.setdefault(found[0], []).append(found[1])
    near_perfect = _near_perfect(evaluated, scored)
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


def _screening(data: LabelledRows, columns: int) -> Screening | ClassScreening:
    outcomes = data.outcomes
    if outcomes.classes is not None:
        return ClassScreening.of(outcomes, data.units, columns=columns)
    return Screening.of(outcomes.target, outcomes.counts, data.units, binary=data.binary, columns=columns)


def _ordered(figures: Iterable[LeakFigure]) -> list[LeakFigure]:
    return sorted(figures, key=lambda figure: (-np.round(figure.value, 12), figure.name))
