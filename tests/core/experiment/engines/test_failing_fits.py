"""Fits that fail in ways of their own: each is told of its variant, and the others are kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from iterata.errors import RunError
from iterata.experiment.engines.failures import MAX_MESSAGES

from ..shop import HELD_OUT, LOGISTIC, Shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan

OURS = {"name": "ours", "factory": "model:deadly", "features": "income"}

DEADLY = """
import os
from sklearn.linear_model import LogisticRegression
class Deadly(LogisticRegression):
    def fit(self, x, y):
        ENDING
def deadly(): return Deadly()
"""


@pytest.fixture
def shop(tmp_path: Path, customers: pd.DataFrame, plan: Callable[..., Plan], sales: TargetingSpec) -> Shop:
    return Shop(tmp_path, customers, plan, sales)


def test_a_fit_that_takes_its_process_with_it_is_named_and_the_others_are_kept(shop: Shop) -> None:
    shop.write("model.py", DEADLY.replace("ENDING", "os.kill(os.getpid(), 9)"))
    refused = shop.refused(OURS, LOGISTIC, jobs=2, split={**HELD_OUT})
    assert refused.where == "variant ours, fold 1 of repeat 1"
    assert "its process died" in refused.message
    assert shop.cached == 1


def test_whatever_a_fit_raises_is_told_of_its_variant(shop: Shop) -> None:
    """Libraries in Rust raise what is no `Exception` when they panic."""
    shop.write("model.py", DEADLY.replace("ENDING", "raise type('Panic', (BaseException,), {})('unwrapped')"))
    refused = shop.refused(OURS, LOGISTIC, jobs=2, split={**HELD_OUT})
    assert refused.where == "variant ours, fold 1 of repeat 1"
    assert "Panic: unwrapped (model.py:6)" in refused.message
    assert shop.cached == 1


def test_ways_to_fail_are_told_apart_and_only_a_few_of_them(shop: Shop) -> None:
    letters = "''.join(chr(97 + int(digit)) for digit in str(len(x) + int(1e6 * abs(x[0][0]))))"
    folds = {"kind": "stratified_folds", "folds": 10, "repeats": 2, "seed": 1}
    shop.write("model.py", DEADLY.replace("ENDING", f"raise ValueError({letters})"))
    refused = shop.refused(OURS, split=folds)
    assert isinstance(refused, RunError)
    told = [refused, *refused.also]
    assert len({each.message for each in told}) == len(told) == MAX_MESSAGES
    others = [int(found[1]) for each in told if (found := re.search(r"in (\d+) more", each.message))]
    assert len(told) + sum(others) == 20
    assert [each.remedy.endswith("what was finished is kept") for each in told] == [False, False, True]


def test_what_differs_by_a_number_alone_is_one_way_to_fail(shop: Shop) -> None:
    shop.write("model.py", DEADLY.replace("ENDING", "raise ValueError(f'row {int(1e6 * abs(x[0][0]))}')"))
    refused = shop.refused(OURS, split={"kind": "stratified_folds", "folds": 10, "seed": 1})
    assert isinstance(refused, RunError)
    assert (refused.also, "(and in 9 more of its folds)" in refused.message) == ((), True)


def test_gaps_an_estimator_refuses_are_filled_by_preprocessing(shop: Shop) -> None:
    raw = {**LOGISTIC, "name": "raw", "preprocess": False, "features": "gaps"}
    refused = shop.refused(raw, features={"gaps": ["age"]}, split=HELD_OUT)
    assert "NaN" in refused.message
    assert "`preprocess: true`" in refused.remedy


def test_a_fit_that_leaves_or_prints_disturbs_nobody(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    shop.write(
        "model.py", DEADLY.replace("ENDING", "print('chatter'); os.write(1, b'more'); raise SystemExit(4)")
    )
    refused = shop.refused(OURS, LOGISTIC, split=HELD_OUT)
    assert (refused.message, shop.cached) == ("SystemExit: 4 (model.py:6)", 1)
    said = capfd.readouterr()
    assert said.out == ""
    assert "chatter" in said.err
    assert "more" in said.err
