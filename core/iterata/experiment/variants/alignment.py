"""Brings predictions that name their rows into the order of the rows that were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from iterata.errors import RunError
from iterata.experiment.variants.base import rounded

if TYPE_CHECKING:
    from iterata.arrays import Floats

ROW = "row_id"
"""The column that names a row by its place in the data, counted from 0."""

_WHOLE = "write one line for each row that was to be predicted, and no other"


def align_predictions(
    named: pd.Series[Any], given: pd.Series[Any], wanted: pd.Index[Any], *, probabilities: bool
) -> Floats:
    """The prediction of each wanted row, `(len(wanted),)`; rounded.

    Args:
        named: the row each prediction is for.
        given: the predictions.
        wanted: the rows asked for, each once.
        probabilities: whether they must lie between 0 and 1.

    Raises:
        RunError: a wanted row is predicted never or twice, another one at all, or by something that is no
            number.
    """
    known = named.isin(wanted)
    if not known.all():
        example = named[~known].iloc[0]
        message = f"{(~known).sum():,} predictions are for rows that were not asked for, such as {example}"
        raise RunError(message, remedy=_WHOLE)
    if (twice := named[named.duplicated()]).size:
        message = f"{twice.nunique():,} rows are predicted more than once, such as {twice.iloc[0]}"
        raise RunError(message, remedy=_WHOLE)
    found = pd.Series(given.to_numpy(), index=pd.Index(named)).reindex(wanted)
    if len(named) < len(wanted):
        missing = wanted.difference(pd.Index(named))
        message = f"{len(missing):,} of {len(wanted):,} rows have no prediction, such as {missing[0]}"
        raise RunError(message, remedy=_WHOLE)
    scores = np.asarray(pd.to_numeric(found, errors="coerce"), dtype=np.float64)
    if not (finite := np.isfinite(scores)).all():
        example = f"{found[~finite].iloc[0]} for row {wanted[~finite][0]}"
        message = f"{(~finite).sum():,} predictions are not numbers, such as {example}"
        raise RunError(message, remedy="write a finite number for every row")
    if probabilities and ((scores < 0) | (scores > 1)).any():
        message = "some predictions lie outside 0 to 1, and the KPI's threshold needs probabilities"
        raise RunError(message, remedy="write probabilities, or decisions as 0 and 1")
    return rounded(scores)
