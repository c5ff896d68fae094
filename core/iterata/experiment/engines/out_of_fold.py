"""Out-of-fold predictions of every variant, from the cache or from an engine."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.errors import IterataError
from iterata.execution.signals import raise_if_interrupted
from iterata.experiment.engines.base import LOCAL, FitProgress
from iterata.experiment.engines.execute import execute_runs, under_way
from iterata.experiment.engines.failures import Failure, combine
from iterata.experiment.engines.fold_runs import fold_runs
from iterata.measure.predictions import PredictionColumn, PredictionKind, column, stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.variants import Parameter
    from iterata.experiment.cache.predictions import PredictionCache
    from iterata.experiment.engines.base import Engine
    from iterata.experiment.engines.fold_runs import FoldRun, Outcome
    from iterata.experiment.folds import Fold
    from iterata.experiment.variants.answers import AnswerRule
    from iterata.experiment.variants.base import Prediction, Producer

    Progress = Callable[[FitProgress], None]
    """Called before the first fit that must be computed, and after each fit."""

LOGGER = logging.getLogger(__name__)


class OutOfFold(NamedTuple):
    """A variant's predictions for rows that it was not trained on."""

    scores: Floats
    """`(repeats, n)`; NaN in rows that no fold predicts."""
    kind: PredictionKind | None
    """None if unknown; the values then decide."""
    best_params: list[dict[str, Parameter]]
    """The tuned parameters of each fold, in the order of the folds."""
    warnings: dict[str, int]
    """The number of folds in which the estimator gave a warning, by its text."""
    seconds: float
    """Time spent fitting and scoring, summed over folds."""
    unstopped: Floats | None = None
    """`(repeats, n)`, the scores before those below `stop_below` were set to minus infinity; None if none
    were."""
    probabilities: Floats | None = None
    """`(repeats, n, K)`, of each class; NaN in rows that no fold predicts. None if the target has no classes,
    or the variant gives no probabilities."""

    def stopping(self, stop_below: float | None) -> OutOfFold:
        """The predictions of a variant that acts on no row below a score."""
        if stop_below is None:
            return self
        return self._replace(scores=stopped(self.scores, stop_below), unstopped=self.scores)

    def answering(self, rule: AnswerRule, *, keep: bool) -> OutOfFold:
        """The predictions of a variant whose scores are answers: codes of classes, or of a person.

        Probabilities are large, so they are kept only if a metric evaluates them.
        """
        if self.probabilities is None:
            return self
        answers = [
            rule.answers(codes, probabilities)
            for codes, probabilities in zip(self.scores, self.probabilities, strict=True)
        ]
        scores = np.where(np.isnan(self.scores), np.nan, np.stack(answers))
        return self._replace(scores=scores, probabilities=self.probabilities if keep else None)

    def columns(self, rows: Bools | None = None) -> list[PredictionColumn]:
        """The predictions of each repeat, for the rows that are predicted; None means all rows."""
        some = slice(None) if rows is None else rows
        scores = self.scores[:, some]
        if self.kind is PredictionKind.CLASS:
            return self._class_columns(some)
        all_scores = scores if self.unstopped is None else self.unstopped[:, some]
        of_kind = column(all_scores.ravel(), self.kind)  # all repeats are of the same kind
        columns = [of_kind._replace(values=repeat) for repeat in scores]
        if self.unstopped is None:
            return columns
        return [part._replace(unstopped=repeat) for part, repeat in zip(columns, all_scores, strict=True)]

    def _class_columns(self, rows: Bools | slice) -> list[PredictionColumn]:
        probabilities = [None] * len(self.scores) if self.probabilities is None else self.probabilities
        return [
            PredictionColumn(
                codes[rows], PredictionKind.CLASS, None, probabilities=part if part is None else part[rows]
            )
            for codes, part in zip(self.scores, probabilities, strict=True)
        ]


def out_of_fold(  # noqa: PLR0913  # what a run knows
    producers: Mapping[str, Producer],
    folds: Sequence[Fold],
    *,
    n_rows: int,
    data: object,
    cache: PredictionCache,
    jobs: int,
    progress: Progress,
    engine: Engine = LOCAL,
    n_classes: int | None = None,
) -> dict[str, OutOfFold]:
    """Every variant's predictions for every row, once per repeat.

    Args:
        producers: by the variants' names.
        folds: of all repeats, in order.
        n_rows: the number of rows of the data set.
        data: plain data that identifies the data set.
        cache: receives each prediction as soon as it is finished.
        jobs: how many processes to use; -1 for one per core.
        progress: called in this process.
        engine: where the variants are fitted.
        n_classes: how many classes the target has; None if it has none.

    Raises:
        RunError: variants failed; the error is located at the first fold of the first of them, and all other
            folds are cached. Or the engine cannot be reached.
    """
    runs = fold_runs(producers, folds, data)
    outcomes: dict[int, Prediction] = {}
    failures: dict[int, Failure] = {}
    with closing(_outcomes(runs, cache, engine, jobs, progress, n_classes)) as finished:
        for number, outcome in finished:
            if isinstance(outcome, IterataError):
                failures[number] = Failure(runs[number], outcome)
            else:
                outcomes[number] = outcome
    if failures:
        raise combine(failures[number] for number in sorted(failures))
    numbers = iter(range(len(runs)))
    # each prediction is let go as soon as it is part of the whole: those of many classes are large
    return {name: _joined([outcomes.pop(next(numbers)) for _ in folds], folds, n_rows) for name in producers}


def _outcomes(  # what `out_of_fold` gets
    runs: Sequence[FoldRun],
    cache: PredictionCache,
    engine: Engine,
    jobs: int,
    progress: Progress,
    n_classes: int | None,
) -> Generator[tuple[int, Outcome]]:
    """The outcome of every run: first those that were cached, then the others.

    Runs with the same key are one fit: variants that differ in their name only share it.
    """
    total, done, missing = len(runs), 0, {}
    same = _numbers_by_key(runs)
    cache.protect(same)
    for key, numbers in same.items():
        cached = cache.get(key, len(runs[numbers[0]].fold.test), n_classes)
        if cached is None:
            missing[numbers[0]] = runs[numbers[0]]
            continue
        for number in numbers:
            done += 1
            progress(FitProgress(runs[number].variant, done, total, kept=True))
            yield number, cached
    LOGGER.info("fits: %d of an earlier run, %d to compute", done, len(missing))
    state = FitProgress("", done, total, under_way=under_way(missing, engine, jobs, 0), to_fit=len(missing))
    if missing:
        progress(state._replace(variant=next(iter(missing.values())).variant))
    for fitted, (first, outcome) in enumerate(execute_runs(missing, engine, jobs), 1):
        _keep(runs[first], outcome, cache)
        raise_if_interrupted()
        state = state._replace(fitted=fitted, under_way=under_way(missing, engine, jobs, fitted))
        for number in same[runs[first].key]:
            state = state._replace(variant=runs[number].variant, done=state.done + 1)
            progress(state)
            yield number, outcome


def _numbers_by_key(runs: Sequence[FoldRun]) -> dict[str, list[int]]:
    """The runs that are the same fit; those of variants that differ in their name only."""
    numbers: dict[str, list[int]] = {}
    for number, run in enumerate(runs):
        numbers.setdefault(run.key, []).append(number)
    return numbers


def _keep(run: FoldRun, outcome: Outcome, cache: PredictionCache) -> None:
    if isinstance(outcome, IterataError):
        LOGGER.info("%s: failed", run.location)
        return
    LOGGER.info("%s: %.2f s", run.location, outcome.seconds)
    cache.put(run.key, outcome)


def _joined(predictions: Sequence[Prediction], folds: Sequence[Fold], n_rows: int) -> OutOfFold:
    """The predictions of one variant for all folds, in one array."""
    scores = np.full((folds[-1].repeat, n_rows), np.nan)
    for prediction, fold in zip(predictions, folds, strict=True):
        scores[fold.repeat - 1, fold.test] = prediction.scores
    return OutOfFold(
        scores,
        predictions[0].kind,
        [prediction.best_params for prediction in predictions if prediction.best_params],
        dict(Counter(warning for prediction in predictions for warning in prediction.warnings)),
        sum(prediction.seconds for prediction in predictions),
        probabilities=_joined_probabilities(predictions, folds, n_rows),
    )


def _joined_probabilities(
    predictions: Sequence[Prediction], folds: Sequence[Fold], n_rows: int
) -> Floats | None:
    """The probabilities of the classes in one array; None unless all folds have them."""
    parts = [part for prediction in predictions if (part := prediction.probabilities) is not None]
    if len(parts) < len(predictions):
        return None
    probabilities = np.full((folds[-1].repeat, n_rows, parts[0].shape[1]), np.nan)
    for part, fold in zip(parts, folds, strict=True):
        probabilities[fold.repeat - 1, fold.test] = part
    return probabilities
