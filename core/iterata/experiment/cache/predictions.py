"""Cached predictions: an interrupted run continues, and a changed metric trains nothing again.

One small entry per fit, named by a digest of everything that the predictions depend on. An entry that is not
exactly what `put` writes is not used; the fold is predicted again and replaces it. The folder may be deleted
at any time.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from iterata.documents.models.variants import Parameter
from iterata.experiment.cache.entry import DamagedEntry, EntryKind, EntryName
from iterata.experiment.variants.base import Prediction
from iterata.measure.predictions import PredictionKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from iterata.arrays import Floats
    from iterata.experiment.cache.layers import Cache

_SCORES, _METADATA = "scores.npy", "about.npy"
"""The parts of an entry: arrays, as in the archives that NumPy writes."""


class PredictionCache:
    """Predictions of folds, by key."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def get(self, key: str, n_rows: int) -> Prediction | None:
        """The prediction cached under `key`; None if there is none, or not a valid one of so many rows."""
        return self._cache.get(_name(key), lambda parts: _decode(parts, n_rows))

    def put(self, key: str, prediction: Prediction) -> None:
        """Cache a prediction."""
        self._cache.put(_name(key), _encode(prediction))

    def protect(self, keys: Iterable[str]) -> None:
        """Keep `iterata cache prune` from deleting predictions until this run ends."""
        self._cache.protect(map(_name, keys))


class _Metadata(BaseModel):
    """What an entry holds besides the scores; the aliases are the keys in the file."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    kind: PredictionKind | None = Field(alias="sort")
    best_params: dict[str, Parameter] = Field(alias="tuned")
    warnings: tuple[str, ...]
    seconds: float = Field(ge=0, allow_inf_nan=False)


def _encode(prediction: Prediction) -> dict[str, bytes]:
    metadata = _Metadata(
        kind=prediction.kind,
        best_params=prediction.best_params,
        warnings=prediction.warnings,
        seconds=prediction.seconds,
    )
    text = metadata.model_dump_json(by_alias=True).encode()
    return {_SCORES: _array(prediction.scores), _METADATA: _array(np.frombuffer(text, np.uint8))}


def _array(values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> bytes:
    content = io.BytesIO()
    np.save(content, values, allow_pickle=False)
    return content.getvalue()


def _decode(parts: Mapping[str, bytes], n_rows: int) -> Prediction:
    try:
        scores, text = (np.load(io.BytesIO(parts[name]), allow_pickle=False) for name in (_SCORES, _METADATA))
        metadata = _Metadata.model_validate_json(text.tobytes())
    except Exception:  # numpy raises exceptions of many kinds for damaged content
        raise DamagedEntry("it holds no predictions") from None
    if not _is_valid(scores, metadata.kind, n_rows):
        raise DamagedEntry("its predictions are not those of this fold")
    return Prediction(scores, metadata.kind, metadata.best_params, metadata.warnings, metadata.seconds)


def _is_valid(scores: Floats, kind: PredictionKind | None, n_rows: int) -> bool:
    """Whether scores are what a producer returns: one finite 64-bit float per row, in the kind's range."""
    if scores.shape != (n_rows,) or scores.dtype != np.float64 or not np.isfinite(scores).all():
        return False
    return kind is not PredictionKind.PROBABILITY or bool(((scores >= 0) & (scores <= 1)).all())


def _name(key: str) -> EntryName:
    return EntryName(EntryKind.PREDICTIONS, key)
