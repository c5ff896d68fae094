"""Fits that fail: each error names its variant, and the folds of other variants are cached."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from iterata.errors import Location, RunError
from iterata.experiment.engines.failures import MAX_MESSAGES
from iterata.experiment.engines.refusals import WorkerKilled

from ..shop import HELD_OUT, LOGISTIC, Shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan

OURS = {"name": "ours", "factory": "model:failing", "features": "income"}

MODEL = """
import os
from sklearn.linear_model import LogisticRegression
class Failing(LogisticRegression):
    def fit(self, x, y):
        FAIL
def failing(): return Failing()
"""


@pytest.fixture
def shop(tmp_path: Path, customers: pd.DataFrame, plan: Callable[..., Plan], sales: TargetingSpec) -> Shop:
    return Shop(tmp_path, customers, plan, sales)


FIRST_FOLD = Location(variant="ours", fold=1, repeat=1)


def failing(shop: Shop, statement: str) -> None:
    """Write a model whose fit executes a statement."""
    shop.write("model.py", MODEL.replace("FAIL", statement))


def test_fit_that_kills_its_process_is_named_and_other_variants_are_cached(shop: Shop) -> None:
    failing(shop, "os.kill(os.getpid(), 9)")
    error = shop.refused(OURS, LOGISTIC, jobs=2, split=HELD_OUT)
    assert type(error) is WorkerKilled
    assert (error.location, shop.cached) == (FIRST_FOLD, 1)


def test_exception_of_any_kind_is_reported_at_its_variant(shop: Shop) -> None:
    """A panic in a library written in Rust is not an `Exception`."""
    failing(shop, "raise type('Panic', (BaseException,), {})('unwrapped')")
    error = shop.refused(OURS, LOGISTIC, jobs=2, split=HELD_OUT)
    assert "Panic: unwrapped (model.py:6)" in error.message
    assert (error.location, shop.cached) == (FIRST_FOLD, 1)


def test_different_messages_are_shown_up_to_a_limit(shop: Shop) -> None:
    letters = "''.join(chr(97 + int(digit)) for digit in str(len(x) + int(1e6 * abs(x[0][0]))))"
    failing(shop, f"raise ValueError({letters})")
    error = shop.refused(OURS, split={"kind": "stratified_folds", "folds": 10, "repeats": 2, "seed": 1})
    assert isinstance(error, RunError)
    errors = [error, *error.also]
    assert len({failure.message for failure in errors}) == len(errors) == MAX_MESSAGES
    counts = [int(match[1]) for failure in errors if (match := re.search(r"in (\d+) more", failure.message))]
    assert len(errors) + sum(counts) == 20
    assert len({failure.remedy for failure in errors}) == 2  # the last one adds what to do for all


def test_messages_that_differ_in_numbers_only_are_shown_once(shop: Shop) -> None:
    failing(shop, "raise ValueError(f'row {int(1e6 * abs(x[0][0]))}')")
    error = shop.refused(OURS, split={"kind": "stratified_folds", "folds": 10, "seed": 1})
    assert isinstance(error, RunError)
    assert (error.also, "9 more" in error.message) == ((), True)


def test_remedy_for_missing_values_is_preprocessing(shop: Shop) -> None:
    raw = {**LOGISTIC, "name": "raw", "preprocess": False, "features": "gaps"}
    error = shop.refused(raw, features={"gaps": ["age"]}, split=HELD_OUT)
    assert "`preprocess: true`" in error.remedy


def test_output_of_a_fit_goes_to_stderr_and_exit_is_an_error(
    shop: Shop, capfd: pytest.CaptureFixture[str]
) -> None:
    failing(shop, "print('from Python'); os.write(1, b'from C'); raise SystemExit(4)")
    error = shop.refused(OURS, LOGISTIC, split=HELD_OUT)
    assert (error.message, shop.cached) == ("SystemExit: 4 (model.py:6)", 1)
    output = capfd.readouterr()
    assert output.out == ""
    assert "from Python" in output.err
    assert "from C" in output.err
