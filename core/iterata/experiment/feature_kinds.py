"""What a column holds that an estimator cannot use as a feature: dates, ids, or always the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pandas.api import types

from iterata.data.column_proposals import proposed_columns
from iterata.data.times import are_days
from iterata.documents.models.columns import ColumnKind
from iterata.experiment.features import REASONS

if TYPE_CHECKING:
    import pandas as pd

    from iterata.arrays import Floats

MIN_ROWS = 50
"""With fewer rows, values do not show whether they are ids."""

MIN_VALUES = 20
"""A column named like an id is one if it has more different values than this."""

NEARLY_ALL = 0.5
"""A text that differs in more than this share of the rows is not one of a few values."""

SENTENCE = 5
"""Texts of at least this many words, in the median, are sentences and no names or addresses."""

SAMPLE = 1_000
"""How many texts are looked at."""

DENSE = 2
"""Different whole numbers in a range of at most this many times their count number the rows."""

MANY_TEXTS = "a different text in most rows"
NUMBER_DAYS = "dates written as numbers"

OF_OWN_PIPELINES = frozenset((REASONS[ColumnKind.DATE], MANY_TEXTS, NUMBER_DAYS))
"""What an estimator with a pipeline of its own can use, where the feature set writes out the column."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_NAMED_AS_ID = re.compile(r"(?:^|_)(?:id|ID|Id|uuid|guid)$|(?<=[a-z])(?:Id|ID)$")


class Unusable(NamedTuple):
    """Why a column is no feature."""

    reason: str
    """In a few words, for the page."""
    sample: str
    """One of its values."""
    remedy: str

    @property
    def message(self) -> str:
        """What the column holds, for a refusal."""
        return f"{self.reason}, such as {self.sample}"


def unusable(column: pd.Series, kind: ColumnKind | None, source: str | None = None) -> Unusable | None:
    """Why the column is no feature of an estimator; None if it can be one.

    Args:
        column: its values in all rows.
        kind: what the data's description declares; None if it says nothing.
        source: the file of the rows, for remedies; None if they come from a query.
    """
    name, present = str(column.name), column.dropna()
    if present.empty:
        return Unusable("no values", "an empty cell", "remove it from the feature set")
    sample = str(present.iloc[0])
    if (present == present.iloc[0]).all() and len(present) == len(column):
        return Unusable("the same value in every row", sample, "remove it from the feature set")
    if kind is ColumnKind.ID:
        line = proposed_columns({name: ColumnKind.CATEGORY})
        remedy = f"remove it from the feature set, or declare `{line}`"
        return Unusable(REASONS[kind], sample, remedy)
    if kind is ColumnKind.DATE or types.is_datetime64_any_dtype(column):
        return Unusable(REASONS[ColumnKind.DATE], sample.removesuffix(" 00:00:00"), _days_since(name, source))
    if kind is None and (what := _undeclared(name, column, present)):
        return Unusable(what, sample, _declare(name, what))
    return None


def is_text(column: pd.Series, kind: ColumnKind | None) -> bool:
    """Whether a column is text rather than a category: declared, or a different sentence in most rows.

    Args:
        column: its values in all rows.
        kind: what the data's description declares; None if it says nothing.
    """
    return kind is ColumnKind.TEXT or (kind is None and _are_sentences(column.dropna()))


def _are_sentences(present: pd.Series) -> bool:
    if types.is_numeric_dtype(present) or types.is_datetime64_any_dtype(present) or not _differ(present):
        return False
    words = [len(_WORD.findall(str(text))) for text in present.iloc[:: max(1, len(present) // SAMPLE)]]
    return float(np.median(words)) >= SENTENCE


def _differ(present: pd.Series) -> bool:
    """Whether most rows have a text of their own."""
    return len(present) >= MIN_ROWS and present.nunique() > NEARLY_ALL * len(present)


def _undeclared(name: str, column: pd.Series, present: pd.Series) -> str | None:
    """What the values of a column that nobody declared show."""
    if types.is_bool_dtype(column):
        return None
    if not types.is_numeric_dtype(column):
        return MANY_TEXTS if _differ(present) and not _are_sentences(present) else None
    numbers = present.to_numpy(np.float64)
    if len(numbers) < MIN_ROWS or not (numbers == np.floor(numbers)).all():
        return None
    if are_days(numbers):
        return NUMBER_DAYS
    return REASONS[ColumnKind.ID] if _number_the_rows(numbers) or _named_as_id(name, present) else None


def _number_the_rows(numbers: Floats) -> bool:
    """Whether whole numbers differ in all rows, and follow each other."""
    steps = np.diff(numbers)
    follow = bool((steps > 0).all() or (steps < 0).all())
    dense = bool(np.ptp(numbers) < DENSE * len(numbers))
    return (follow or dense) and len(np.unique(numbers)) == len(numbers)


def _named_as_id(name: str, present: pd.Series) -> bool:
    return bool(_NAMED_AS_ID.search(name)) and present.nunique() > MIN_VALUES


def _declare(name: str, what: str) -> str:
    if what == MANY_TEXTS:
        kinds = [ColumnKind.CATEGORY, ColumnKind.ID, ColumnKind.TEXT]
    else:
        kinds = [ColumnKind.NUMBER] if what == NUMBER_DAYS else [ColumnKind.NUMBER, ColumnKind.ID]
    lines = " or ".join(f"`{proposed_columns({name: kind})}`" for kind in kinds)
    return f"remove it from the feature set, or say what it is: {lines}"


def _days_since(name: str, source: str | None) -> str:
    """How to make a number of a date, with a query that can be pasted."""
    column = name if name.isidentifier() else f'"{name}"'
    sql = f"SELECT *, date_diff('day', DATE '2020-01-01', CAST({column} AS DATE)) AS days"
    table = f"instead of `source: {source}` " if source else ""
    query = f"`query: {sql} FROM '{source}'`" if source else f"`{sql}`"
    return f"remove it from the feature set, or use a number, `days`: {table}write {query}"
