"""Reads the target: the outcome of each row."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api import types

from iterata.data.columns import finite_numbers, require_values
from iterata.data.refusals import in_column
from iterata.documents.models.enums import OutcomeKind
from iterata.errors import DataError
from iterata.measure.weightings import class_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.data.target_classes import TargetClasses


@dataclass(slots=True)
class TargetReader:
    """Reads the outcomes of a table, all rows at once or batch by batch."""

    column: str
    classes: TargetClasses
    outcome: OutcomeKind
    where: str
    """The table."""
    _counts: Counter[object] = field(default_factory=Counter)
    """How many rows have each value."""
    _all_zero: bool = True

    def read(self, series: pd.Series) -> Floats:
        """The outcome of each row, `(n,)`: 1 or 0, an amount, or a degree of relevance.

        Raises:
            DataError: outcomes are missing, or are not of this kind.
        """
        if self.outcome is OutcomeKind.NUMBER:
            return finite_numbers(series, self.where, "target")
        if self._has_degrees(series):
            degrees = finite_numbers(series, self.where, "target", minimum=0)
            self._all_zero = self._all_zero and not degrees.any()
            return degrees
        return self._positive(series).astype(np.float64)

    def check(self) -> None:
        """Make sure that outcomes differ, after all rows were read; amounts may all be the same.

        Raises:
            DataError: no row is relevant, a class is empty, or a value has no class or two.
        """
        if self._counts:
            self.classes.check(self.column, self._counts, self.where)
        elif self.outcome is OutcomeKind.RELEVANCE and self._all_zero:
            remedy = "choose a column that is above 0 if a row is relevant"
            message = f"target column `{self.column}` is 0 in every row"
            raise DataError(message, remedy=remedy, where=in_column(self.where, self.column))

    def _has_degrees(self, series: pd.Series) -> bool:
        numeric = types.is_numeric_dtype(series) or types.is_bool_dtype(series)
        return self.outcome is OutcomeKind.RELEVANCE and numeric

    def _positive(self, series: pd.Series) -> Bools:
        require_values(series, "target", self.where)
        values = series.to_numpy()
        if values.dtype.kind in "bi" and values.itemsize == 1:
            return self._positive_bytes(values)
        codes, distinct = pd.factorize(series)
        rows = np.bincount(codes, minlength=len(distinct)).tolist()
        self._counts.update(dict(zip(distinct, rows, strict=True)))
        return np.array(self.classes.is_positive(distinct), dtype=bool)[codes]

    def _positive_bytes(self, values: NDArray[np.bool_ | np.int8]) -> Bools:
        """The same for values of one byte each, without a hash table."""
        counts = class_counts(values.view(np.uint8), 256)
        occurring = np.flatnonzero(counts)
        distinct = occurring.astype(np.uint8).view(values.dtype)
        self._counts.update(dict(zip(distinct, counts[occurring].tolist(), strict=True)))
        positive = distinct[np.array(self.classes.is_positive(distinct), dtype=bool)]
        return np.isin(values, positive, kind="sort")  # few values are compared one by one


def has_two_classes(outcome: OutcomeKind, target: Floats) -> bool:
    """Whether outcomes are binary: relevance is if it is only 0 or 1, rather than in degrees."""
    if outcome is OutcomeKind.RELEVANCE:
        return bool(np.isin(target, (0, 1)).all())
    return outcome is OutcomeKind.YES_NO
