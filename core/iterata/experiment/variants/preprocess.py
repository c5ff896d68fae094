"""Turns columns of any kind into numbers that an estimator accepts; it is fitted on each training fold.

Numbers: an estimator that accepts missing values gets them unchanged. For any other, the median replaces a
missing number, and columns are standardized, unless the estimator accepts positive numbers only, such as
naive Bayes over counts. A column of text becomes TF-IDF, which stays sparse if the estimator accepts that.
Every other column is a category: one-hot encoded, one column for each of its most frequent values, all zeros
for a value that is not among the training rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import get_tags

from iterata.documents.models.text import TextSettings
from iterata.errors import DataError
from iterata.experiment.variants.text_features import TextColumns

if TYPE_CHECKING:
    from collections.abc import Collection

    from sklearn.base import BaseEstimator

    from iterata.experiment.variants.shared_matrices import SharedMatrices

MODEL_STEP = "model"
"""The estimator's step in the pipeline; parameters to tune have it as a prefix."""

COLUMNS_STEP = "columns"
TEXT_STEP = "text"
"""The steps before it: all columns, and within it those of text."""

MAX_CATEGORIES = 50
"""Columns per category; its less frequent values share the last one."""

MAX_SHARE_OF_TEXTS = 0.1
"""Up to this share of texts, a column counts as numbers with errors in them."""

MISSING = "(missing)"
"""The category of a missing value."""


def numbers_and_categories(table: pd.DataFrame, where: str, texts: Collection[str] = ()) -> pd.DataFrame:
    """The columns as 64-bit floats or as categories of texts.

    Each cell is converted by itself, so that nothing leaks from test rows. Dates stay as they are: only an
    estimator with a pipeline of its own gets them. So do the columns of `texts`; a missing text is empty.

    Raises:
        DataError: a column holds infinite numbers, durations, or a few texts among numbers; `where` is the
            source of the table.
    """
    columns = {
        name: table[name].astype("str").fillna("") if name in texts else _converted(table[name], where)
        for name in table
    }
    return pd.DataFrame(columns, index=table.index)


def text_columns(features: pd.DataFrame) -> list[str]:
    """The columns of text of a table that `numbers_and_categories` made."""
    return [str(name) for name in features if is_text(features[name])]


def is_text(column: pd.Series) -> bool:
    """Whether a column of such a table is text."""
    return isinstance(column.dtype, pd.StringDtype)


def model_pipeline(
    estimator: BaseEstimator,
    features: pd.DataFrame,
    *,
    preprocess: bool = True,
    text: TextSettings | None = None,
    shared: SharedMatrices | None = None,
) -> Pipeline:
    """An unfitted pipeline from numbers, categories and texts to the estimator.

    Args:
        estimator: the last step.
        features: the columns.
        preprocess: without it, the estimator gets the columns unchanged.
        text: how columns of text become numbers; None for TF-IDF of words.
        shared: where matrices of text are kept for other fits.
    """
    if not preprocess:
        return Pipeline([(MODEL_STEP, estimator)])
    texts = text_columns(features)
    numeric = [str(name) for name in features if is_numeric_dtype(features[name])]
    categories = [str(name) for name in features if name not in {*numeric, *texts}]
    is_sparse = bool(texts) and get_tags(estimator).input_tags.sparse
    steps: list[tuple[str, object, list[str]]] = [
        ("numbers", _number_steps(estimator, is_sparse=is_sparse), numeric),
        ("categories", _category_encoder(), categories),
    ]
    if texts:
        settings = (text or TextSettings()).model_dump()
        steps.append((TEXT_STEP, TextColumns(**settings, dense=not is_sparse, shared=shared), texts))
    columns = ColumnTransformer(
        steps, verbose_feature_names_out=False, sparse_threshold=1.0 if is_sparse else 0.0
    )
    return Pipeline([(COLUMNS_STEP, columns), (MODEL_STEP, estimator)])


def _number_steps(estimator: BaseEstimator, *, is_sparse: bool) -> Pipeline | str:
    """Trees accept missing numbers, though not in a sparse matrix; scaling changes nothing for them."""
    tags = get_tags(estimator).input_tags
    if tags.allow_nan and not is_sparse:
        return "passthrough"
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    unscaled = tags.positive_only or tags.allow_nan
    return make_pipeline(imputer) if unscaled else make_pipeline(imputer, StandardScaler())


def _category_encoder() -> OneHotEncoder:
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MAX_CATEGORIES, sparse_output=False
    )


def _converted(column: pd.Series, where: str) -> pd.Series:
    if is_bool_dtype(column) or is_numeric_dtype(column):
        return _numbers(column, where)
    if is_datetime64_any_dtype(column):
        return column
    if column.dtype.kind == "m":
        message = f"the column {column.name} holds durations, which estimators do not accept"
        remedy = "convert it to a number of days in the data"
        raise DataError(message, remedy=remedy, where=where)
    _check_texts(column, where)
    return column.astype(object).where(column.notna(), MISSING).astype(str).astype("category")


def _numbers(column: pd.Series, where: str) -> pd.Series:
    numbers = column.astype("Float64").to_numpy(np.float64, na_value=np.nan)
    if np.isinf(numbers).any():
        remedy = "replace them in the data; an empty cell means a missing number"
        raise DataError(f"the column {column.name} holds infinite numbers", remedy=remedy, where=where)
    return pd.Series(numbers, index=column.index)


def _check_texts(column: pd.Series, where: str) -> None:
    """Refuse a few texts among numbers: a single `n/a` would make every number a category."""
    present = column.dropna()
    numbers = pd.to_numeric(present, errors="coerce")
    texts = present[numbers.isna()]
    if 0 < len(texts) <= MAX_SHARE_OF_TEXTS * len(present) and numbers.nunique() > MAX_CATEGORIES:
        message = (
            f"the column {column.name} holds numbers, but text in {len(texts):,} of {len(column):,} rows, "
            f"such as {texts.iloc[0]}"
        )
        remedy = "empty those cells in the data; or, if all values are names, start each with a letter"
        raise DataError(message, remedy=remedy, where=where)
