"""Makes columns of any kind into numbers an estimator can take, learning what it needs inside each fold.

Numbers: an estimator that takes missing values gets them as they are; every other one gets the median in
the place of a missing number, and columns of mean 0 and deviation 1, unless it counts and cannot take a
negative number, as naive Bayes over categories. Everything else is a category: a 0/1
column for each of its most frequent values, all zeros for one that the training rows never held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import get_tags

from iterata.errors import DataError

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

MODEL = "model"
"""The estimator's step in the pipeline; parameters to tune carry it as a prefix."""

MOST_CATEGORIES = 50
"""Values of a category beyond the most frequent so many share one column."""

MOST_TEXTS = 0.1
"""The share of texts up to which a column is one of numbers that were written badly."""

MISSING = "(missing)"
"""The category of a missing value."""


def plain(table: pd.DataFrame, where: str) -> pd.DataFrame:
    """The columns as 64-bit numbers or as categories of texts. Looks at one cell at a time, so nothing leaks.

    Raises:
        DataError: a column holds infinite numbers, times, or a few texts among numbers.
    """
    return pd.DataFrame({column: _plain(table[column], where) for column in table}, index=table.index)


def pipeline(estimator: BaseEstimator, features: pd.DataFrame, *, preprocess: bool = True) -> Pipeline:
    """An unfitted pipeline from plain columns to the estimator's scores.

    Without `preprocess` the estimator gets the plain columns as they are.
    """
    if not preprocess:
        return Pipeline([(MODEL, estimator)])
    numeric = [column for column in features if is_numeric_dtype(features[column])]
    categories = [column for column in features if column not in set(numeric)]
    columns = ColumnTransformer(
        [
            ("numbers", _numbers(estimator), numeric),
            ("categories", _categories(), categories),
        ],
        verbose_feature_names_out=False,
    )
    return Pipeline([("columns", columns), (MODEL, estimator)])


def _numbers(estimator: BaseEstimator) -> Pipeline | str:
    takes = get_tags(estimator).input_tags
    if takes.allow_nan:  # trees, in practice; scaling would change nothing for them
        return "passthrough"
    filled = SimpleImputer(strategy="median", keep_empty_features=True)
    return make_pipeline(filled) if takes.positive_only else make_pipeline(filled, StandardScaler())


def _categories() -> OneHotEncoder:
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MOST_CATEGORIES, sparse_output=False
    )


def _plain(column: pd.Series, where: str) -> pd.Series:
    if is_bool_dtype(column) or is_numeric_dtype(column):
        numbers = column.astype("Float64").to_numpy(np.float64, na_value=np.nan)
        if np.isinf(numbers).any():
            remedy = "replace them where the data are made; an empty cell stands for an unknown number"
            raise DataError(f"the column {column.name} holds infinite numbers", remedy=remedy, where=where)
        return pd.Series(numbers, index=column.index)
    if column.dtype.kind in "mM":
        remedy = "make numbers of it where the data are made, such as days since an event"
        raise DataError(
            f"the column {column.name} holds times, which no model can weigh", remedy=remedy, where=where
        )
    _is_no_number(column, where)
    return column.astype(object).where(column.notna(), MISSING).astype(str).astype("category")


def _is_no_number(column: pd.Series, where: str) -> None:
    """Refuse numbers among which a few texts stand: one `n/a` would make a category of each number."""
    known = column.dropna()
    numbers = pd.to_numeric(known, errors="coerce")
    texts = known[numbers.isna()]
    if 0 < len(texts) <= MOST_TEXTS * len(known) and numbers.nunique() > MOST_CATEGORIES:
        found = f"text, such as {texts.iloc[0]}, in {len(texts):,} of {len(column):,} rows"
        message = f"the column {column.name} holds numbers, and {found}"
        remedy = "empty those cells where the data are made; or, if all are names, begin each with a letter"
        raise DataError(message, remedy=remedy, where=where)
