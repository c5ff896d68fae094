"""The ledger of looks at the same rows, across projects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from iterata.knowledge.reuse import other_looks
from iterata.render.experiment.reuse_note import WARN_FROM, sentences
from iterata.results import ExperimentResult, Provenance


def result(variants: int, **digests: str) -> ExperimentResult:
    """A result of so many variants on these files."""
    made: Any = Provenance(commit=None, dirty=False, data=digests, packages={}, python="3")
    return ExperimentResult.model_construct(variants=[None] * variants, provenance=made)


KNOWN = [
    ("churn/01-setup", result(3, rows="sha256:a")),
    ("churn/02-trees", result(4, rows="sha256:a", predictions="sha256:p")),
    ("letters/01-setup", result(5, same_rows_by_another_name="sha256:a")),
    ("letters/02-more", result(9, rows="sha256:b")),
]


def test_looks_are_counted_across_projects_by_what_the_rows_are() -> None:
    looks = other_looks(KNOWN, KNOWN[1][1], but="churn/02-trees")
    assert looks.iterations == ("churn/01-setup", "letters/01-setup")
    assert looks.variants == 8


def test_rows_that_nobody_looked_at_need_no_words() -> None:
    looks = other_looks(KNOWN, KNOWN[3][1], but="letters/02-more")
    assert not list(sentences(looks.iterations, looks.variants, 9))


def test_many_variants_of_one_plan_are_warned_of_too() -> None:
    looks = other_looks(KNOWN, KNOWN[3][1], but="letters/02-more")
    (warned,) = sentences(looks.iterations, looks.variants, WARN_FROM)
    assert warned.startswith("The best of 20 is partly luck")


def test_many_looks_are_warned_of() -> None:
    looks = other_looks(KNOWN, KNOWN[1][1], but="churn/02-trees")
    (few,) = sentences(looks.iterations, looks.variants, WARN_FROM - looks.variants - 1)
    assert "8 variants in churn/01-setup, letters/01-setup" in few
    assert len(list(sentences(looks.iterations, looks.variants, WARN_FROM - looks.variants))) == 2


def test_the_line_is_where_luck_looks_like_skill() -> None:
    """The best of so many models that are all alike, in standard errors."""
    best = np.random.default_rng(1).normal(size=(20_000, WARN_FROM)).max(axis=1)
    assert best.mean() == pytest.approx(1.87, abs=0.02)
