"""How rows in the order of time are divided: windows that learn from the past, and whole days or weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.actions.beginnings.survey import Look
from iterata.errors import IterataError
from iterata.lifecycle.conditions import TODO

if TYPE_CHECKING:
    from iterata.actions.beginnings.survey import Survey

DAY, WEEK = 1, 7
"""Lengths of blocks in days: whole ones, because days of a week and hours of a day resemble each other."""

LEAST_BLOCKS = 30
"""With fewer blocks to resample, intervals are too narrow."""

FOLDS = 5
"""Windows to predict; the first sixth of the rows is only learned from."""


def time_column(survey: Survey | None) -> str:
    """The column of the time: the first one of dates; a prompt if none is seen."""
    dates = survey.named(Look.DATE) if survey else []
    return dates[0] if dates else TODO


def block_length(survey: Survey | None, column: str) -> int | None:
    """The days of a block: whole weeks if the windows hold enough of them, else whole days.

    Returns:
        None if neither fits: the times are not known, rows are further apart, or there are too few days.
    """
    values = survey.values(column) if survey else None
    if values is None or values.empty:
        return None
    import numpy as np  # noqa: PLC0415

    from iterata.data.times import times  # noqa: PLC0415  # imports pandas

    try:
        moments = np.unique(times(values, column))
    except IterataError:
        return None  # `lift` and `run` report it
    if len(moments) < 2:
        return None
    step, span = float(np.median(np.diff(moments))), float(moments[-1] - moments[0])
    predicted = span * FOLDS / (FOLDS + 1)
    lengths = [WEEK, DAY] if step < DAY else [WEEK] if step == DAY else []
    return next((length for length in lengths if predicted / length >= LEAST_BLOCKS), None)
