"""Producers of predictions: one small protocol, so that the same code evaluates every kind of model."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from iterata.arrays import Floats
    from iterata.documents.models.variants import Parameter
    from iterata.experiment.folds import Fold
    from iterata.measure.predictions import PredictionKind

MANTISSA_BITS = 30
"""Precision of a score: nine significant digits. The digits after them differ between processors, and must
not decide which of two rows ranks higher."""


class Prediction(NamedTuple):
    """The scores of one fold's test rows, and how they were produced."""

    scores: Floats
    """`(len(fold.test),)`, in the fold's order; rounded and finite; a higher score is likelier positive."""
    kind: PredictionKind | None
    """None if unknown; the values then decide."""
    best_params: dict[str, Parameter]
    """The tuned parameters of this fold, as scikit-learn's `best_params_`."""
    warnings: tuple[str, ...]
    """The distinct warnings of the estimator, one line each."""
    seconds: float
    """Wall-clock time."""
    probabilities: Floats | None = None
    """`(len(fold.test), K)`, of each class of the whole table, in its order; rows sum to 1. None if the
    target has no classes, or the variant gives no probabilities. With classes, `scores` are the codes of the
    likeliest ones, or of the answers that a program chose itself; K stands for a person."""


class Producer(Protocol):
    """Predicts a fold's test rows from its training rows."""

    @property
    def runs_in_main_process(self) -> bool:
        """Whether folds are predicted in this process, one after the other.

        True for programs, which bring threads of their own or need the only GPU, and for predictions that
        are only read.
        """
        ...

    @property
    def project(self) -> Path:
        """The folder of the project, whose code it may execute."""
        ...

    @property
    def identity(self) -> Mapping[str, object]:
        """Plain data that, with data set and fold, determines the predictions: part of a cache key."""
        ...

    def __call__(self, fold: Fold) -> Prediction:
        """Learn from the training rows and predict the test rows.

        Raises:
            RunError: the variant failed. The caller adds variant and fold to its location.
        """
        ...


def rounded(scores: Floats) -> Floats:
    """Scores with a mantissa of `MANTISSA_BITS` bits; their order stays, except for new ties."""
    mantissa, exponent = np.frexp(scores)
    short: Floats = np.ldexp(np.round(np.ldexp(mantissa, MANTISSA_BITS)), exponent - MANTISSA_BITS)
    return short
