"""Data reuse: other experiments on the same rows, across projects."""

from __future__ import annotations

import numpy as np
import pytest

from iterata.knowledge.reuse import count_reuse
from iterata.render.experiment.reuse_note import WARN_FROM, sentences
from iterata.results import ExperimentResult, Provenance


def result(variants: int, **digests: str) -> ExperimentResult:
    """A result with that many variants, on data files with these digests."""
    provenance = Provenance(commit=None, dirty=False, data=digests, packages={}, python="3")
    return ExperimentResult.model_construct(variants=[None] * variants, provenance=provenance)


EXPERIMENTS = [
    ("churn/01-setup", result(3, rows="sha256:a")),
    ("churn/02-trees", result(4, rows="sha256:a", predictions="sha256:p")),
    ("letters/01-setup", result(5, same_rows_by_another_name="sha256:a")),
    ("letters/02-more", result(9, rows="sha256:b")),
]


def test_reuse_is_counted_across_projects_by_digest() -> None:
    reuse = count_reuse(EXPERIMENTS, EXPERIMENTS[1][1], iteration="churn/02-trees")
    assert reuse.iterations == ("churn/01-setup", "letters/01-setup")
    assert reuse.variants == 8


def test_new_rows_need_no_note() -> None:
    reuse = count_reuse(EXPERIMENTS, EXPERIMENTS[3][1], iteration="letters/02-more")
    assert not list(sentences(reuse.iterations, reuse.variants, 9))


def test_many_variants_of_one_plan_are_noted() -> None:
    reuse = count_reuse(EXPERIMENTS, EXPERIMENTS[3][1], iteration="letters/02-more")
    assert len(list(sentences(reuse.iterations, reuse.variants, WARN_FROM))) == 1
    assert not list(sentences(reuse.iterations, reuse.variants, WARN_FROM - 1))


def test_note_names_other_iterations_and_warns_from_twenty_variants() -> None:
    reuse = count_reuse(EXPERIMENTS, EXPERIMENTS[1][1], iteration="churn/02-trees")
    (note,) = sentences(reuse.iterations, reuse.variants, WARN_FROM - reuse.variants - 1)
    assert all(name in note for name in reuse.iterations)
    assert len(list(sentences(reuse.iterations, reuse.variants, WARN_FROM - reuse.variants))) == 2


@pytest.mark.statistical
def test_best_of_twenty_equal_models_is_almost_two_standard_errors_above() -> None:
    """The expected maximum of standard normal draws."""
    best = np.random.default_rng(1).normal(size=(20_000, WARN_FROM)).max(axis=1)
    assert best.mean() == pytest.approx(1.87, abs=0.02)
