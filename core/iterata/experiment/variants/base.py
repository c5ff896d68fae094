"""What makes predictions: one small protocol, so that whatever trains a model is judged by the same code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.experiment.folds import Fold
    from iterata.measure.metrics import PredictionKind

MANTISSA_BITS = 30
"""How much of a score is kept: nine significant digits. The rest differs from processor to processor, and
must not decide which of two rows stands higher."""


class Prediction(NamedTuple):
    """The scores of one fold's test rows, and how they came about."""

    scores: Floats
    """One per test row, in the fold's order; rounded, finite, more is likelier to be positive."""
    sort: PredictionKind | None
    """None where nobody said, so that the values have to tell."""
    tuned: dict[str, Any]
    """The parameters chosen inside the fold."""
    warnings: tuple[str, ...]
    """What the estimator warned of, each in one line and once."""
    seconds: float


class Producer(Protocol):
    """Makes predictions for a fold's test rows from its training rows alone."""

    @property
    def alone(self) -> bool:
        """Whether its folds are predicted in this process and one after the other, because they use the
        machine in ways of their own, or nearly no time."""
        ...

    @property
    def identity(self) -> dict[str, Any]:
        """Plain data that decides what comes out, apart from the data set and the fold: the cache's key."""
        ...

    def __call__(self, fold: Fold) -> Prediction:
        """Learn from the training rows and predict the test rows.

        Raises:
            RunError: it cannot be done; the message alone, since the caller knows the variant and the fold.
        """
        ...


def rounded(scores: Floats) -> Floats:
    """Scores with a mantissa of `MANTISSA_BITS` bits. Keeps the order, but for ties."""
    mantissa, exponent = np.frexp(scores)
    kept: Floats = np.ldexp(np.round(np.ldexp(mantissa, MANTISSA_BITS)), exponent - MANTISSA_BITS)
    return kept
