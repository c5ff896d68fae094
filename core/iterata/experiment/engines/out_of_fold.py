"""Out-of-fold predictions of every variant, from the cache or from an engine."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.errors import IterataError
from iterata.experiment.engines.base import LOCAL, KeptFold
from iterata.experiment.engines.execute import execute_runs
from iterata.experiment.engines.failures import Failure, combine
from iterata.experiment.engines.fold_runs import fold_runs
from iterata.measure.predictions import column, stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.variants import Parameter
    from iterata.experiment.engines.base import Engine
    from iterata.experiment.engines.fold_runs import FoldRun, Outcome
    from iterata.experiment.engines.prediction_cache import PredictionCache
    from iterata.experiment.folds import Fold
    from iterata.experiment.variants.base import Prediction, Producer
    from iterata.measure.predictions import PredictionColumn, PredictionKind

    Progress = Callable[[str, int, int], None]
    """Called after each fold with the variant's name, the number of finished folds of all variants, and their
    total. The name is a `KeptFold` if the prediction was cached."""


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

    def stopping(self, stop_below: float | None) -> OutOfFold:
        """The predictions of a variant that acts on no row below a score."""
        if stop_below is None:
            return self
        return self._replace(scores=stopped(self.scores, stop_below), unstopped=self.scores)

    def columns(self, rows: Bools | None = None) -> list[PredictionColumn]:
        """The predictions of each repeat, for the rows that are predicted; None means all rows."""
        some = slice(None) if rows is None else rows
        scores = self.scores[:, some]
        all_scores = scores if self.unstopped is None else self.unstopped[:, some]
        of_kind = column(all_scores.ravel(), self.kind)  # all repeats are of the same kind
        columns = [of_kind._replace(values=repeat) for repeat in scores]
        if self.unstopped is None:
            return columns
        return [part._replace(unstopped=repeat) for part, repeat in zip(columns, all_scores, strict=True)]


def out_of_fold(
    producers: Mapping[str, Producer],
    folds: Sequence[Fold],
    *,
    n_rows: int,
    data: object,
    cache: PredictionCache,
    jobs: int,
    progress: Progress,
    engine: Engine = LOCAL,
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

    Raises:
        RunError: variants failed; the error is located at the first fold of the first of them, and all other
            folds are cached. Or the engine cannot be reached.
    """
    runs = fold_runs(producers, folds, data)
    outcomes: dict[int, Prediction] = {}
    failures: dict[int, Failure] = {}
    with closing(_outcomes(runs, cache, engine, jobs)) as finished:
        for number, outcome, kept in finished:
            if isinstance(outcome, IterataError):
                failures[number] = Failure(runs[number], outcome)
            else:
                outcomes[number] = outcome
            name = KeptFold(runs[number].variant) if kept else runs[number].variant
            progress(name, len(outcomes) + len(failures), len(runs))
    if failures:
        raise combine(failures[number] for number in sorted(failures))
    predictions = iter([outcomes[number] for number in range(len(runs))])
    return {name: _joined([next(predictions) for _ in folds], folds, n_rows) for name in producers}


def _outcomes(
    runs: Sequence[FoldRun], cache: PredictionCache, engine: Engine, jobs: int
) -> Generator[tuple[int, Outcome, bool]]:
    """The outcome of every run, and whether it was cached: first those that were, then the others."""
    missing = {}
    for number, run in enumerate(runs):
        cached = cache.get(run.key, len(run.fold.test))
        if cached is None:
            missing[number] = run
        else:
            yield number, cached, True
    for number, outcome in execute_runs(missing, engine, jobs):
        if not isinstance(outcome, IterataError):
            cache.put(runs[number].key, outcome)
        yield number, outcome, False


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
    )
