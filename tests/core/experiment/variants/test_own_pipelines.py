"""A pipeline of its own gets text as it is, and dates that the feature set writes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from iterata.experiment.feature_sets import UnusableFeature

from ..shop import Shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan

MODEL = """
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def days(table):
    return table.apply(lambda column: column.dt.dayofyear)


def text():
    parts = [("words", TfidfVectorizer(), "note"), ("days", FunctionTransformer(days), ["since"])]
    return make_pipeline(ColumnTransformer(parts), LogisticRegression())
"""
DATA: dict[str, Any] = {"data": [{"source": "data/customers.csv", "columns": {"note": "text"}}]}


@pytest.fixture
def shop(tmp_path: Path, customers: pd.DataFrame, plan: Callable[..., Plan], sales: TargetingSpec) -> Shop:
    rng = np.random.default_rng(3)
    noted = np.where(customers["buys"] == "yes", "likes it", "no answer")
    table = customers.assign(
        note=[f"{note} {number}" for note, number in zip(noted, rng.integers(0, 99, 300), strict=True)],
        since=pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 300, 300), "D"),
    )
    shop = Shop(tmp_path, table, plan, sales)
    shop.write("model.py", MODEL)
    return shop


def variant(**described: Any) -> dict[str, Any]:
    return {"name": "v", "features": "chosen", **described}


def test_pipeline_gets_texts_and_dates(shop: Shop) -> None:
    own = variant(factory="model:text", preprocess=False)
    result = shop.run(own, features={"chosen": ["note", "since"]}, **DATA)
    assert result.features == {"chosen": ["note", "since"]}
    assert result.variants[0].kpi.value == result.scale.perfect.value


def test_preprocessed_estimator_is_refused_dates(shop: Shop) -> None:
    logistic = variant(estimator="sklearn.linear_model.LogisticRegression")
    error = shop.refused(logistic, features={"chosen": ["income", "since"]}, **DATA)
    assert type(error) is UnusableFeature
    assert error.location.field == ("plan", "features", "chosen", 1)


def test_pattern_leaves_dates_out_and_the_result_says_so(shop: Shop) -> None:
    logistic = variant(estimator="sklearn.linear_model.LogisticRegression")
    result = shop.run(logistic, features={"chosen": ["*", "!age"]}, **DATA)
    assert result.features == {"chosen": ["household", "income", "town", "wealth", "note"]}
    assert set(result.left_out) == {"customer", "since"}
