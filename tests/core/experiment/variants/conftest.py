"""A shop whose project has code of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..shop import Shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan

MODEL = """
from helpers import strength
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

class Own(ClassifierMixin, BaseEstimator):
    def __init__(self, C=1.0): self.C = C
    def fit(self, x, y):
        self.model_ = LogisticRegression(C=self.C).fit(x, y)
        self.classes_ = self.model_.classes_
        return self
    def predict_proba(self, x): return self.model_.predict_proba(x)

def own(C=None, random_state=None):
    return Own(C=C or strength)

def tree():
    from sklearn.ensemble import HistGradientBoostingClassifier
    return HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype")

def raises(): raise ValueError("no such luck\\nsecond line")
def nothing(): return 7
def leaves(): raise SystemExit(0)
def a_class(): return LogisticRegression
class Looks:
    _estimator_type = "classifier"
    def fit(self, x, y): return self
    def predict_proba(self, x): return x
    def get_params(self, deep=True): return {}
def looks(): return Looks()
class Forgets(ClassifierMixin, BaseEstimator):
    def __init__(self, depth=1): pass
    def fit(self, x, y): return self
    def predict_proba(self, x): return x
def forgets(): return Forgets()
class Stumbles(ClassifierMixin, BaseEstimator):
    def fit(self, x, y): raise KeyError("no such luck")
    def predict_proba(self, x): return x
def stumbles(): return Stumbles()
def number():
    from sklearn.linear_model import Ridge
    return Ridge()
VALUE = 3
"""


@pytest.fixture
def shop(tmp_path: Path, customers: pd.DataFrame, plan: Callable[..., Plan], sales: TargetingSpec) -> Shop:
    shop_with_model = Shop(tmp_path, customers, plan, sales)
    shop_with_model.write("model.py", MODEL)
    shop_with_model.write("helpers.py", "strength = 1.0\n")
    return shop_with_model
