"""Cached predictions: an interrupted run continues, and a changed metric trains nothing again.

One small entry per fit, named by a digest of everything that the predictions depend on. An entry that is not
exactly what `put` writes is not used; the fold is predicted again and replaces it. The folder may be deleted
at any time.
"""

from __future__ import annotations

import io
from math import prod
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

_SCORES, _METADATA, _PROBABILITIES = "scores.npy", "about.npy", "probabilities.npy"
"""The parts of an entry: arrays, as in the archives that NumPy writes."""

ROUNDED_SUM = 1e-6
"""How far from 1 the rounded probabilities of a row may sum to."""


class PredictionCache:
    """Predictions of folds, by key."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def get(self, key: str, n_rows: int, n_classes: int | None = None) -> Prediction | None:
        """The prediction cached under `key`; None if there is none, or not a valid one.

        Args:
            key: a digest of everything that it depends on.
            n_rows: how many rows it is for.
            n_classes: how many classes the target has; None if it has none.
        """
        return self._cache.get(_name(key), lambda parts: _decode(parts, n_rows, n_classes))

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
    parts = {_SCORES: _array(prediction.scores), _METADATA: _array(np.frombuffer(text, np.uint8))}
    if prediction.probabilities is not None:
        parts[_PROBABILITIES] = _array(prediction.probabilities)
    return parts


def _array(values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> bytes:
    content = io.BytesIO()
    np.save(content, values, allow_pickle=False)
    return content.getvalue()


def _decode(parts: Mapping[str, bytes], n_rows: int, n_classes: int | None) -> Prediction:
    try:
        scores, text = (_loaded(parts[name]) for name in (_SCORES, _METADATA))
        metadata = _Metadata.model_validate_json(text.tobytes())
        probabilities = _loaded(parts[_PROBABILITIES]) if _PROBABILITIES in parts else None
    except Exception:  # numpy raises exceptions of many kinds for damaged content
        raise DamagedEntry("it holds no predictions") from None
    kind = metadata.kind
    valid = (
        probabilities is None and kind is not PredictionKind.CLASS and _is_valid(scores, kind, n_rows)
        if n_classes is None
        else _has_codes(scores, n_rows, n_classes) and _has_probabilities(probabilities, n_rows, n_classes)
    )
    if not valid:
        raise DamagedEntry("its predictions are not those of this fold")
    return Prediction(scores, kind, metadata.best_params, metadata.warnings, metadata.seconds, probabilities)


def _loaded(content: bytes) -> Floats:
    """An array of an entry. One that claims to be larger than its part is damaged."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    shape, _, dtype = read_header(stream)
    if prod(shape) * dtype.itemsize > len(content):
        raise DamagedEntry("an array is larger than its part")
    array: Floats = np.load(io.BytesIO(content), allow_pickle=False)
    return array


def _is_valid(scores: Floats, kind: PredictionKind | None, n_rows: int) -> bool:
    """Whether scores are what a producer returns: one finite 64-bit float per row, in the kind's range."""
    if scores.shape != (n_rows,) or scores.dtype != np.float64 or not np.isfinite(scores).all():
        return False
    return kind is not PredictionKind.PROBABILITY or bool(((scores >= 0) & (scores <= 1)).all())


def _has_codes(scores: Floats, n_rows: int, n_classes: int) -> bool:
    """Whether scores are codes of classes; the number of classes stands for a person."""
    if not _is_valid(scores, None, n_rows):
        return False
    return bool(((scores >= 0) & (scores <= n_classes) & (scores == np.floor(scores))).all())


def _has_probabilities(values: Floats | None, n_rows: int, n_classes: int) -> bool:
    """Whether each row has a probability of each class, which sum to 1; or no row has any."""
    if values is None:
        return True
    if values.shape != (n_rows, n_classes) or values.dtype != np.float64 or not np.isfinite(values).all():
        return False
    return bool(
        ((values >= 0) & (values <= 1)).all() and (np.abs(values.sum(axis=1) - 1) < ROUNDED_SUM).all()
    )


def _name(key: str) -> EntryName:
    return EntryName(EntryKind.PREDICTIONS, key)
