"""TF-IDF of columns of text, learned from the rows that a fit gets.

The same texts with the same settings give the same matrix, whichever variant asks: it is computed once for
each fold, also where tuning fits many candidates (see `shared_matrices`).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer

from iterata.documents.fingerprint import digest
from iterata.documents.models.text import TextSettings
from iterata.errors import RunError
from iterata.experiment.variants.shared_matrices import SharedMatrices

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from iterata.experiment.variants.shared_matrices import Arrays

MAX_DENSE = 20_000_000
"""Cells of TF-IDF that an estimator gets if it accepts no sparse matrix; 160 MB."""

CHARACTERS = {"analyzer": "char_wb", "ngram_range": (3, 5), "min_df": 3}
"""What differs for characters, where the settings say nothing; sequences stay within words."""


class NoWords(RunError):
    """A column has no words in the rows that a fit learns from."""

    def __init__(self, column: str, settings: TextSettings) -> None:
        limits = {"stop_words": settings.stop_words, "min_df": settings.min_df}
        named = [f"`{name}`" for name, value in limits.items() if value is not None]
        kept = f" that {' and '.join(named)} keep" if named else ""
        what = "characters" if settings.analyzer == "characters" else "words"
        remedy = "remove it from the feature set"
        remedy += f", or change {' or '.join(named)}" if named else ""
        remedy += ", or count characters with `text: {analyzer: characters}`" if what == "words" else ""
        super().__init__(f"the training rows of column {column} hold no {what}{kept}", remedy=remedy)


class TooManyWords(RunError):
    """An estimator needs a dense table, and the words would make it too large."""

    def __init__(self, rows: int, words: int) -> None:
        size = f"{rows * words * 8 / 2**30:.1f} GB"
        most = MAX_DENSE // rows
        fewer = f"write `text: {{max_features: {_round_down(most)}}}`, or " if most >= 1 else ""
        super().__init__(
            f"the estimator accepts no sparse matrix, and {rows:,} rows of {words:,} words would take {size}",
            remedy=f"{fewer}name an estimator for sparse matrices, such as LogisticRegression or "
            "RandomForestClassifier",
        )


class TextColumns(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """TF-IDF of each column of a data frame of texts, side by side; parameters as in `TextSettings`."""

    def __init__(  # as those of TfidfVectorizer
        self,
        *,
        analyzer: str = "words",
        ngram_range: Sequence[int] | None = None,
        min_df: int | None = None,
        max_features: int | None = None,
        stop_words: str | list[str] | None = None,
        sublinear_tf: bool = False,
        dense: bool = False,
        shared: SharedMatrices | None = None,
    ) -> None:
        self.analyzer, self.ngram_range, self.min_df = analyzer, ngram_range, min_df
        self.max_features, self.stop_words, self.sublinear_tf = max_features, stop_words, sublinear_tf
        self.dense, self.shared = dense, shared

    def fit(self, features: pd.DataFrame, target: object = None) -> TextColumns:
        """Learn the words of each column."""
        self.fit_transform(features, target)
        return self

    def fit_transform(self, features: pd.DataFrame, target: object = None) -> sparse.csr_matrix:
        """Learn the words of each column; the matrix `(n, words)` of the same rows.

        Raises:
            NoWords: a column has none.
            TooManyWords: the matrix must be dense, and would be too large.
        """
        self.learned_ = [tfidf for name in features for tfidf in self._columns(str(name))]
        matrices = [tfidf.learn(features[tfidf.column], self._shared) for tfidf in self.learned_]
        words = sum(matrix.shape[1] for matrix in matrices)
        if self.dense and len(features) * words > MAX_DENSE:
            raise TooManyWords(len(features), words)
        return _side_by_side(matrices)

    def transform(self, features: pd.DataFrame) -> sparse.csr_matrix:
        """The matrix `(n, words)` of other rows; words that were not learned count for nothing."""
        return _side_by_side(
            [tfidf.transform(features[tfidf.column], self._shared) for tfidf in self.learned_]
        )

    @property
    def _shared(self) -> SharedMatrices:
        return self.shared or SharedMatrices()

    def _columns(self, column: str) -> Iterator[_Tfidf]:
        """What is learned of a column: its words, its characters, or both."""
        names = {name: getattr(self, name) for name in TextSettings.model_fields}
        settings = TextSettings.model_validate(names)
        for analyzer in settings.analyzer.split("_and_"):
            yield _Tfidf(column, settings, tfidf_parameters(settings, analyzer))


def has_words(texts: pd.Series) -> bool:
    """Whether any text has a word, as TF-IDF counts them."""
    word = re.compile(TfidfVectorizer().token_pattern)
    return any(word.search(text) for text in texts.dropna().astype("str"))


def tfidf_parameters(settings: TextSettings, analyzer: str) -> dict[str, object]:
    """The parameters of `TfidfVectorizer` for words or characters."""
    stop_words = settings.stop_words if analyzer == "words" else None
    if isinstance(stop_words, list):
        stop_words = [word.lower() for word in stop_words]
    given = {
        "ngram_range": settings.ngram_range and tuple(settings.ngram_range),
        "min_df": settings.min_df,
        "max_features": settings.max_features,
        "stop_words": stop_words,
        "sublinear_tf": settings.sublinear_tf or None,
    }
    defaults = CHARACTERS if analyzer == "characters" else {}
    return defaults | {name: value for name, value in given.items() if value is not None}


@dataclass(slots=True)
class _Tfidf:
    """The words, or the characters, of one column."""

    column: str
    settings: TextSettings
    parameters: dict[str, object]
    key: str = ""
    """A digest of the parameters and of the texts that it learned from."""
    words: Arrays = field(default_factory=dict)
    """What it learned: the words, and the weight of each."""

    def learn(self, texts: pd.Series, shared: SharedMatrices) -> sparse.csr_matrix:
        """Learn from texts; their matrix."""
        self.key = digest(["tfidf", self.parameters, _digest(texts)])
        arrays = shared.get(self.key, lambda: self._learned(texts))
        self.words = {name: arrays[name] for name in ("words", "idf")}
        return _matrix(arrays)

    def transform(self, texts: pd.Series, shared: SharedMatrices) -> sparse.csr_matrix:
        """The matrix of other texts."""
        key = digest([self.key, _digest(texts)])
        return _matrix(shared.get(key, lambda: _arrays(self._vectorizer().transform(texts))))

    def _learned(self, texts: pd.Series) -> Arrays:
        vectorizer = TfidfVectorizer(**self.parameters)
        try:
            matrix = vectorizer.fit_transform(texts)
        except ValueError:  # scikit-learn's, if no word is left
            raise NoWords(self.column, self.settings) from None
        words = json.dumps(vectorizer.get_feature_names_out().tolist()).encode()
        return {**_arrays(matrix), "words": np.frombuffer(words, np.uint8), "idf": vectorizer.idf_}

    def _vectorizer(self) -> TfidfVectorizer:
        """A vectorizer that knows the words, as the one that learned them."""
        vocabulary = json.loads(self.words["words"].tobytes())
        vectorizer = TfidfVectorizer(**{**self.parameters, "vocabulary": vocabulary})
        vectorizer.idf_ = self.words["idf"]
        return vectorizer


def _digest(texts: pd.Series) -> str:
    """A digest of texts in their order."""
    hashes = pd.util.hash_array(texts.to_numpy(dtype=object), categorize=False)
    return hashlib.sha256(hashes.tobytes()).hexdigest()


def _arrays(matrix: sparse.csr_matrix) -> dict[str, NDArray[np.generic]]:
    return {
        "data": matrix.data,
        "indices": matrix.indices,
        "indptr": matrix.indptr,
        "shape": np.array(matrix.shape),
    }


def _matrix(arrays: Arrays) -> sparse.csr_matrix:
    """A matrix of its own, which an estimator may change."""
    parts = (arrays["data"], arrays["indices"], arrays["indptr"])
    return sparse.csr_matrix(parts, shape=tuple(arrays["shape"]), copy=True)


def _side_by_side(matrices: Sequence[sparse.csr_matrix]) -> sparse.csr_matrix:
    return matrices[0] if len(matrices) == 1 else sparse.hstack(matrices, format="csr")


def _round_down(number: int) -> int:
    """To one digit: 5,263 becomes 5,000."""
    digits = str(number)
    return int(digits[0].ljust(len(digits), "0"))
