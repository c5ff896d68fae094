"""Runs of one variant on one fold: the unit of work, of the cache and of failures."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.fingerprint import digest
from iterata.errors import IterataError, Location
from iterata.execution.stdout import stdout_to_stderr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iterata.experiment.folds import Fold
    from iterata.experiment.variants.base import Prediction, Producer

    Outcome = Prediction | IterataError
    """What a run returns: an error is a value, so that it travels between processes and other runs go on."""

CACHE_VERSION = 1
"""Part of every key; raised when equal inputs no longer give equal predictions."""


class FoldRun(NamedTuple):
    """One variant on one fold."""

    variant: str
    """The variant's name."""
    producer: Producer
    fold: Fold
    key: str
    """A digest of everything that the prediction depends on."""

    @property
    def location(self) -> Location:
        """Where an error of this run is."""
        return Location(variant=self.variant, fold=self.fold.number, repeat=self.fold.repeat)


def fold_runs(producers: Mapping[str, Producer], folds: Sequence[Fold], data: object) -> list[FoldRun]:
    """Every variant on every fold; `data` is plain data that identifies the data set."""
    return [
        FoldRun(name, producer, fold, digest([CACHE_VERSION, data, producer.identity, *_row_digests(fold)]))
        for name, producer in producers.items()
        for fold in folds
    ]


def _row_digests(fold: Fold) -> tuple[str, str]:
    return hashlib.sha256(fold.train.tobytes()).hexdigest(), hashlib.sha256(fold.test.tobytes()).hexdigest()


def predict_fold(producer: Producer, fold: Fold) -> Outcome:
    """The prediction of one run, or its error, in whichever process this is."""
    try:
        with stdout_to_stderr():
            return producer(fold)
    except IterataError as error:
        return error.with_traceback(None)
