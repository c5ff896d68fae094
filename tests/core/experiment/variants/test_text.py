"""Columns of text become TF-IDF, learned once from the training rows of each fold, whichever variants ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from iterata.experiment.prepare import prepare
from iterata.experiment.variants import shared_matrices
from iterata.experiment.variants.build import ProducerContext, build_producers
from iterata.experiment.variants.refusals import NoTextColumn
from iterata.experiment.variants.text_features import NoWords, TextColumns, TooManyWords

from ..shop import ONCE, Shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan

N = 240
TEXT: dict[str, Any] = {"data": [{"source": "data/customers.csv", "columns": {"comment": "text"}}]}
FEATURES = {"all": ["comment", "income"], "words": ["comment"], "income": ["income"]}
GOOD = ["thanks", "quick", "friendly", "delivery", "great"]
BAD = ["refund", "late", "broken", "money", "terrible"]
FIT = TfidfVectorizer.fit_transform


def comments(seed: int = 5) -> pd.DataFrame:
    """Rows with a comment whose words tell the outcome, some of them empty or missing."""
    rng = np.random.default_rng(seed)
    buys = rng.random(N) < 0.4
    texts: list[str | None] = [
        " ".join([*rng.choice(GOOD if good else BAD, 2), *rng.choice([*GOOD, *BAD], 3)]) for good in buys
    ]
    texts[3], texts[7], texts[11] = "", None, "!!! \N{THUMBS UP SIGN} 12"
    income = np.where(rng.random(N) < 0.1, np.nan, rng.normal(buys, 2))
    return pd.DataFrame({"comment": texts, "income": income, "buys": np.where(buys, "yes", "no")})


@pytest.fixture(autouse=True)
def nothing_in_memory() -> Iterator[None]:
    """Each test begins in a process that has computed no matrix."""
    shared_matrices._memory.clear()
    yield
    shared_matrices._memory.clear()


@pytest.fixture
def shop(tmp_path: Path, plan: Callable[..., Plan], sales: TargetingSpec) -> Shop:
    table = comments().assign(wealth=np.arange(N) % 7)
    return Shop(tmp_path, table, plan, sales)


def variant(name: str = "v", **described: Any) -> dict[str, Any]:
    described = {"estimator": "sklearn.linear_model.LogisticRegression", "features": "all", **described}
    return {"name": name, **described}


def run(shop: Shop, *variants: dict[str, Any], **changes: Any) -> Any:
    return shop.run(*variants, **{"features": FEATURES, "split": ONCE, **TEXT, **changes})


def refused(shop: Shop, *variants: dict[str, Any], **changes: Any) -> Any:
    return shop.refused(*variants, **{"features": FEATURES, "split": ONCE, **TEXT, **changes})


def counted(fits: list[int]) -> Any:
    """Note the number of texts of each fit of TF-IDF."""

    def fit(vectorizer: TfidfVectorizer, texts: Any, y: Any = None) -> Any:
        fits.append(len(texts))
        return FIT(vectorizer, texts, y)

    return mock.patch.object(TfidfVectorizer, "fit_transform", fit)


def test_scores_are_those_of_a_pipeline_by_hand(shop: Shop) -> None:
    producers = build_producers(context(shop, variant()))
    (producer,) = producers.values()
    table = comments()
    by_hand = make_pipeline(
        make_column_transformer(
            (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["income"]),
            (TfidfVectorizer(), "comment"),
            sparse_threshold=1.0,
        ),
        LogisticRegression(),
    )
    features, target = table.fillna({"comment": ""}), (table["buys"] == "yes").astype(int)
    for fold in producer_folds(shop):
        by_hand.fit(features.iloc[fold.train], target.iloc[fold.train])
        expected = by_hand.predict_proba(features.iloc[fold.test])[:, 1]
        assert producer(fold).scores == pytest.approx(expected, rel=1e-8)


def context(shop: Shop, *variants: dict[str, Any]) -> ProducerContext:
    plan = shop.plan(*variants, **{"features": FEATURES, "split": ONCE, **TEXT})
    inputs = prepare(plan, shop.kpi, shop.project, shop.root, "p.md")
    return ProducerContext(plan, shop.kpi, inputs, shop.project, shop.root, "p.md")


def producer_folds(shop: Shop) -> Any:
    return context(shop, variant()).inputs.folds


def test_each_fold_is_learned_once_for_all_variants(shop: Shop) -> None:
    fits: list[int] = []
    others = [
        variant("weak", params={"C": 0.1}),
        variant("words only", features="words"),
        variant("bayes", estimator="sklearn.naive_bayes.MultinomialNB", features="words"),
        variant("trees", estimator="sklearn.ensemble.RandomForestClassifier", params={"n_estimators": 5}),
    ]
    with counted(fits):
        together = run(shop, variant(), *others)
    assert fits == [160] * 3
    alone = run(shop, variant())
    assert together.variants[0].model_dump() == alone.variants[0].model_dump()
    assert together.texts == ["comment"]
    assert not list((shop.root / ".iterata" / "matrices").rglob("*.npz"))


def test_other_settings_are_learned_once_more(shop: Shop) -> None:
    fits: list[int] = []
    with counted(fits):
        result = run(shop, variant(), variant("rare", text={"min_df": 2}), variant("same", text={}))
    assert len(fits) == 2 * 3
    assert [found.text for found in result.variants] == [{}, {"min_df": 2}, {}]


def test_tuning_learns_each_inner_fold_once_for_each_setting(shop: Shop) -> None:
    fits: list[int] = []
    tune = {"C": [0.1, 1, 10], "text__ngram_range": [[1, 1], [1, 2]]}
    with counted(fits):
        result = run(shop, variant(tune=tune))
    assert sorted(set(fits)) == [128, 160]
    assert fits.count(128) == 3 * 5 * 2
    assert fits.count(160) == 3
    assert all(chosen.keys() == tune.keys() for chosen in result.variants[0].tuned)


def test_processes_share_what_one_of_them_learned(shop: Shop) -> None:
    variants = [variant(), variant("weak", params={"C": 0.1})]
    in_one = run(shop, *variants)
    shop.root.joinpath(".iterata").rename(shop.root / "first")
    in_two = run(shop, *variants, jobs=2)
    assert [one.kpi for one in in_one.variants] == [two.kpi for two in in_two.variants]


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        ({}, {}),
        ({"min_df": 2, "sublinear_tf": True}, {"min_df": 2, "sublinear_tf": True}),
        ({"ngram_range": [1, 2]}, {"ngram_range": (1, 2)}),
        ({"max_features": 4}, {"max_features": 4}),
        ({"stop_words": ["Money", "great"]}, {"stop_words": ["money", "great"]}),
        ({"analyzer": "characters"}, {"analyzer": "char_wb", "ngram_range": (3, 5), "min_df": 3}),
    ],
)  # fmt: skip
def test_settings_are_those_of_scikit_learn(settings: dict[str, Any], parameters: dict[str, Any]) -> None:
    texts = comments()[["comment"]].fillna("")
    ours = TextColumns(**settings)
    theirs = TfidfVectorizer(**parameters)
    train, test = texts.iloc[:150], texts.iloc[150:]
    assert (ours.fit_transform(train) != theirs.fit_transform(train["comment"])).nnz == 0
    assert (ours.transform(test) != theirs.transform(test["comment"])).nnz == 0


def test_words_and_characters_stand_side_by_side() -> None:
    texts = comments()[["comment"]].fillna("")
    widths = [
        TextColumns(analyzer=analyzer).fit_transform(texts).shape[1]
        for analyzer in ("words", "characters", "words_and_characters")
    ]
    assert widths[2] == widths[0] + widths[1]


def test_several_columns_have_words_of_their_own() -> None:
    texts = pd.DataFrame({"a": ["one two", "two"], "b": ["two", "three four"]})
    assert TextColumns().fit_transform(texts).shape == (2, 5)


def test_estimator_for_dense_tables_gets_one(shop: Shop) -> None:
    forest = "sklearn.ensemble.HistGradientBoostingClassifier"
    result = run(
        shop, variant(estimator=forest, params={"max_iter": 5}), variant("words only", features="words")
    )
    assert result.variants[0].captured_share.value > 0


def test_too_many_words_for_a_dense_table_are_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iterata.experiment.variants.text_features.MAX_DENSE", 1_600)
    dense = variant(estimator="sklearn.discriminant_analysis.LinearDiscriminantAnalysis")
    error = refused(shop, variant(), dense | {"name": "dense"})
    assert error.location.variant == "dense"
    assert "max_features: 10" in error.remedy
    assert TooManyWords(10, 3).remedy
    dense["text"] = {"max_features": 10}
    assert run(shop, dense).variants


def test_column_without_a_word_is_refused_before_training(shop: Shop) -> None:
    table = comments().assign(comment=["", "?", "7"] * (N // 3), wealth=0)
    table.to_csv(shop.project / "data" / "customers.csv", index=False)
    error = refused(shop, variant())
    assert type(error) is NoWords
    assert (error.location.variant, error.location.fold) == ("v", None)
    characters = {"analyzer": "characters", "ngram_range": [1, 1], "min_df": 1}
    assert run(shop, variant(text=characters)).variants


@pytest.mark.parametrize("settings", [{"min_df": 200}, {"stop_words": [*GOOD, *BAD, "12"]}])
def test_settings_that_leave_no_word_are_refused_with_the_fold(shop: Shop, settings: dict[str, Any]) -> None:
    error = refused(shop, variant(text=settings))
    assert (error.location.variant, error.location.fold) == ("v", 1)
    assert next(iter(settings)) in error.message


def test_estimator_that_gets_text_as_it_is_and_cannot_read_it_is_told(shop: Shop) -> None:
    error = refused(shop, variant(preprocess=False))
    assert error.location.variant == "v"
    assert "preprocess: true" in error.remedy


def test_settings_without_text_are_refused(shop: Shop) -> None:
    for described in ({"text": {"min_df": 2}}, {"tune": {"text__min_df": [1, 2]}}):
        error = refused(shop, variant(features="income", **described))
        assert type(error) is NoTextColumn


@pytest.mark.parametrize(
    "described",
    [
        {"text": {"analyzer": "sentences"}},
        {"text": {"ngram_range": [2, 1]}},
        {"text": {"ngram_range": [1, 99]}},
        {"text": {"analyzer": "words_and_characters", "ngram_range": [1, 2]}},
        {"text": {"analyzer": "characters", "stop_words": "english"}},
        {"text": {"min_df": 2}, "preprocess": False},
        {"text": {"min_df": 2}, "tune": {"text__min_df": [1, 3]}},
        {"tune": {"text__min_df": [0]}},
        {"tune": {"text__analyzer": ["letters"]}},
    ],
)
def test_settings_that_make_no_sense_are_refused_in_the_document(
    shop: Shop, described: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"text|ngram_range|stop_words|min_df|analyzer"):
        shop.plan(variant(**described))


def test_text_is_inferred_from_sentences(shop: Shop) -> None:
    rng = np.random.default_rng(1)
    table = comments().assign(
        comment=[" ".join(rng.choice([*GOOD, *BAD], 6)) + f" {row}" for row in range(N)]
    )
    table.assign(wealth=0).to_csv(shop.project / "data" / "customers.csv", index=False)
    undeclared = {"data": [{"source": "data/customers.csv"}], "features": {"all": ["*", "!wealth"]}}
    result = run(shop, variant(), **undeclared)
    assert result.texts == ["comment"]
    assert result.left_out == {}


@pytest.mark.parametrize(
    "text",
    [
        "деньги назад пожалуйста",
        "返金してください。遅いです",
        "a\0b\0 c",
        "x " * 500_000,
        "é" * 1000,
        "(a+)+$ " * 1000,
    ],
    ids=["cyrillic", "japanese", "nul", "a megabyte", "one long word", "pattern"],
)
def test_any_text_is_learned(text: str) -> None:
    texts = pd.DataFrame({"comment": [f"{text} fine", "late", ""]})
    ours = TextColumns()
    assert ours.fit_transform(texts).shape[0] == 3
    assert ours.transform(texts).nnz > 0
    assert TextColumns(analyzer="characters", min_df=1).fit_transform(texts.iloc[1:]).nnz > 0


class TestSharedMatrices:
    def test_folder_gives_what_another_process_computed(self, tmp_path: Path) -> None:
        shared = shared_matrices.SharedMatrices(tmp_path)
        shared.get("sha256:a", lambda: {"data": np.arange(3)})
        shared_matrices._memory.clear()
        assert shared.get("sha256:a", broken)["data"].tolist() == [0, 1, 2]

    def test_damaged_file_is_computed_again(self, tmp_path: Path) -> None:
        (tmp_path / "a.npz").write_bytes(b"half of it")
        shared = shared_matrices.SharedMatrices(tmp_path)
        assert shared.get("sha256:a", lambda: {"data": np.arange(3)})["data"].tolist() == [0, 1, 2]

    def test_absent_or_full_folder_costs_no_figure(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shared_matrices, "DISK", 1)
        for folder in (None, tmp_path / "absent", tmp_path):
            shared_matrices._memory.clear()
            shared = shared_matrices.SharedMatrices(folder)
            assert shared.get("sha256:a", lambda: {"data": np.arange(3)})["data"].tolist() == [0, 1, 2]
        assert not list(tmp_path.rglob("*.npz"))

    def test_memory_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shared_matrices, "MEMORY", 3 * 8 * 10)
        for number in range(9):
            shared_matrices.SharedMatrices().get(str(number), lambda: {"data": np.arange(10)})
        assert list(shared_matrices._memory) == ["6", "7", "8"]


def broken() -> Any:
    raise AssertionError
