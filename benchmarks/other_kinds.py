"""The kinds of KPI for many classes, for effects and for text, each against what is done by hand."""

from __future__ import annotations

import time
from itertools import count
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import KFold

from benchmarks.bootstraps import PAIRS, RESAMPLES, compare
from benchmarks.pairs import Comparison
from iterata.experiment.variants.shared_matrices import SharedMatrices
from iterata.experiment.variants.text_features import TextColumns
from iterata.measure.assignment import Assignment
from iterata.measure.bootstrap import bootstrap
from iterata.measure.kpi.class_value import ClassValue
from iterata.measure.kpi.uplift import Uplift
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from iterata.arrays import Codes

ROWS = 1_000_000
CLASSES = 20
BUDGET = 0.2
TEXTS, WORDS_OF_A_TEXT, VOCABULARY = 4000, 80, 20_000
FOLDS, VARIANTS = 5, 8


def comparisons(root: Path, scratch: Path) -> Iterator[Comparison]:
    """Many classes, effects at a budget, and the words of texts."""
    yield _of_classes()
    yield _of_effects()
    yield _of_words()


def _of_classes() -> Comparison:
    """The value of answers of 20 classes against a confusion matrix of each resample."""
    rng = np.random.default_rng(4)
    truth = rng.integers(0, CLASSES, ROWS)
    answer = np.where(rng.random(ROWS) < 0.7, truth, rng.integers(0, CLASSES, ROWS))
    names = tuple(f"{code:02}" for code in range(CLASSES))
    worth = np.round(rng.normal(size=(CLASSES, CLASSES)), 1)
    listed = tuple((a, t, float(worth[i, j])) for i, a in enumerate(names) for j, t in enumerate(names))
    kpi = ClassValue(listed)

    def bootstrap_all() -> None:
        outcomes = Outcomes(truth.astype(np.float64), classes=names)
        measure = kpi.measure(outcomes, answer.astype(np.float64))
        bootstrap({"value": measure}, ROWS, RESAMPLES, np.random.default_rng(5))

    labels = np.arange(CLASSES)
    return compare(
        f"value of {CLASSES} classes",
        "sklearn's",
        bootstrap_all,
        lambda drawn: (confusion_matrix(truth[drawn], answer[drawn], labels=labels) * worth.T).sum(),
        rows=ROWS,
        times=1000,
        peer_resamples=3,
    )


def _of_effects() -> Comparison:
    """The gain of treating the best fifth against resamples by hand, within the arms."""
    rng = np.random.default_rng(6)
    treated, score = rng.random(ROWS) < 0.5, rng.normal(size=ROWS)
    outcome = rng.random(ROWS) < 0.1 + 0.02 * treated * (score > 0)
    kpi = Uplift(BUDGET, 1.0, 0.0, forced=True)

    def bootstrap_all() -> None:
        assignment = Assignment(treated, np.full(ROWS, 0.5), declared=True)
        outcomes = Outcomes(outcome.astype(np.float64), assignment=assignment)
        measure = kpi.measure(outcomes, score)
        bootstrap({"gain": measure}, ROWS, RESAMPLES, np.random.default_rng(7), outcomes=outcomes)

    arms = [np.flatnonzero(arm) for arm in (treated, ~treated)]

    def by_hand(drawn: Codes) -> float:
        rows = np.concatenate([arm[drawn[: len(arm)] % len(arm)] for arm in arms])
        best = rows[np.argpartition(-score[rows], int(BUDGET * ROWS))[: int(BUDGET * ROWS)]]
        in_arm = treated[best]
        return float(BUDGET * (outcome[best][in_arm].mean() - outcome[best][~in_arm].mean()))

    return compare(
        f"effect at a budget of {BUDGET:.0%}",
        "resamples by hand",
        bootstrap_all,
        by_hand,
        rows=ROWS,
        times=200,
        peer_resamples=3,
    )


def _of_words() -> Comparison:
    """The words of texts for several variants in folds: learned once for each fold."""
    rng = np.random.default_rng(8)
    ranks = rng.zipf(1.3, size=(TEXTS, WORDS_OF_A_TEXT)) % VOCABULARY
    texts = pd.DataFrame({"text": [" ".join(f"w{rank}" for rank in line) for line in ranks]})
    folds = list(KFold(FOLDS).split(texts))

    runs = count()

    def ours() -> None:
        shared, fresh = SharedMatrices(), texts.assign(text=texts["text"] + f" run{next(runs)}")
        for train, test in folds:
            for _ in range(VARIANTS):
                columns = TextColumns(shared=shared)
                columns.fit_transform(fresh.iloc[train])
                columns.transform(fresh.iloc[test])

    def by_hand() -> None:
        for train, test in folds:
            for _ in range(VARIANTS):
                words = TfidfVectorizer()
                words.fit_transform(texts["text"].iloc[train])
                words.transform(texts["text"].iloc[test])

    timed = [(_seconds(ours), _seconds(by_hand)) for _ in range(PAIRS)]
    return Comparison(
        f"words of {VARIANTS} variants, {FOLDS} folds",
        "a fit for each",
        0.35,
        ours=median(one for one, _ in timed),
        theirs=median(other for _, other in timed),
        ratio=median(one / other for one, other in timed),
    )


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
