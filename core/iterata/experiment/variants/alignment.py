"""Aligns predictions that name their rows with the rows of a fold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from iterata.errors import RunError
from iterata.experiment.variants.base import rounded

if TYPE_CHECKING:
    from iterata.arrays import Floats

ROW_ID = "row_id"
"""The column that names a row by its position in the data, counted from 0."""


class RowsMismatch(RunError):
    """The predictions are not those of the fold's test rows, each once."""

    def __init__(self, message: str) -> None:
        super().__init__(message, remedy="write exactly one line for each row to predict")


def align_predictions(
    row_ids: pd.Series, predictions: pd.Series, expected: pd.Index, *, probabilities: bool
) -> Floats:
    """The prediction of each expected row, `(len(expected),)`, rounded.

    Args:
        row_ids: the row that each prediction is for.
        predictions: the predictions, in the same order.
        expected: the rows to predict, each once.
        probabilities: whether predictions must be from 0 to 1.

    Raises:
        RowsMismatch: a row is missing, predicted twice, or not one of the expected rows.
        RunError: a prediction is not a finite number, or not a probability.
    """
    check_rows(row_ids, expected)
    aligned = pd.Series(predictions.to_numpy(), index=pd.Index(row_ids)).reindex(expected)
    scores = np.asarray(pd.to_numeric(aligned, errors="coerce"), dtype=np.float64)
    if not (finite := np.isfinite(scores)).all():
        example = f"{aligned[~finite].iloc[0]} for row {expected[~finite][0]}"
        message = f"{(~finite).sum():,} of {len(expected):,} predictions are not numbers, such as {example}"
        raise RunError(message, remedy="write a finite number for every row")
    if probabilities and ((scores < 0) | (scores > 1)).any():
        message = "some predictions are outside 0 to 1, and the KPI's threshold needs probabilities"
        raise RunError(message, remedy="write probabilities, or decisions as 0 and 1")
    return rounded(scores)


def check_rows(row_ids: pd.Series, expected: pd.Index) -> None:
    """Make sure that each expected row occurs once, and no other.

    Raises:
        RowsMismatch: a row is missing, predicted twice, or not one of the expected rows.
    """
    is_expected = row_ids.isin(expected)
    if not is_expected.all():
        count, example = (~is_expected).sum(), row_ids[~is_expected].iloc[0]
        raise RowsMismatch(
            f"{count:,} of {len(row_ids):,} predictions are for rows outside this fold, such as row {example}"
        )
    duplicates = row_ids[row_ids.duplicated()]
    if duplicates.size:
        count, example = duplicates.nunique(), duplicates.iloc[0]
        raise RowsMismatch(f"{count:,} of {len(expected):,} rows are predicted twice, such as row {example}")
    missing = expected.difference(pd.Index(row_ids))
    if missing.size:
        message = f"{len(missing):,} of {len(expected):,} rows have no prediction, such as row {missing[0]}"
        raise RowsMismatch(message)
