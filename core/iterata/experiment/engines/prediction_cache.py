"""Cached predictions: an interrupted run continues, and a changed metric trains nothing again.

One small file per variant and fold, named by a digest of everything that the predictions depend on. An entry
that is not exactly what `put` writes is not used; the fold is predicted again and replaces it. The folder may
be deleted at any time.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from iterata.documents.models.variants import Parameter
from iterata.experiment.variants.base import Prediction
from iterata.measure.predictions import PredictionKind

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.experiment.engines.stores import Store


class PredictionCache:
    """Predictions of folds, by key."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str, n_rows: int) -> Prediction | None:
        """The prediction cached under `key`; None if there is none, or not a valid one of so many rows.

        Raises:
            IterataError: the store cannot be reached.
        """
        content = self._store.read(_file_name(key))
        return None if content is None else _decode(content, n_rows)

    def put(self, key: str, prediction: Prediction) -> None:
        """Cache a prediction.

        Raises:
            IterataError: the store cannot be written.
        """
        self._store.write(_file_name(key), _encode(prediction))


class _Metadata(BaseModel):
    """What an entry holds besides the scores; the aliases are the keys in the file."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    kind: PredictionKind | None = Field(alias="sort")
    best_params: dict[str, Parameter] = Field(alias="tuned")
    warnings: tuple[str, ...]
    seconds: float = Field(ge=0, allow_inf_nan=False)


def _encode(prediction: Prediction) -> bytes:
    metadata = _Metadata(
        kind=prediction.kind,
        best_params=prediction.best_params,
        warnings=prediction.warnings,
        seconds=prediction.seconds,
    )
    text = metadata.model_dump_json(by_alias=True).encode()
    content = io.BytesIO()
    np.savez(content, scores=prediction.scores, about=np.frombuffer(text, np.uint8))
    return content.getvalue()


def _decode(content: bytes, n_rows: int) -> Prediction | None:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            scores, text = archive["scores"], archive["about"].tobytes()
        metadata = _Metadata.model_validate_json(text)
    except Exception:  # numpy, zipfile and zlib raise exceptions of many kinds for damaged content
        return None
    if not _is_valid(scores, metadata.kind, n_rows):
        return None
    return Prediction(scores, metadata.kind, metadata.best_params, metadata.warnings, metadata.seconds)


def _is_valid(scores: Floats, kind: PredictionKind | None, n_rows: int) -> bool:
    """Whether scores are what a producer returns: one finite 64-bit float per row, in the kind's range."""
    if scores.shape != (n_rows,) or scores.dtype != np.float64 or not np.isfinite(scores).all():
        return False
    return kind is not PredictionKind.PROBABILITY or bool(((scores >= 0) & (scores <= 1)).all())


def _file_name(key: str) -> str:
    name = key.removeprefix("sha256:")
    return f"predictions/{name[:2]}/{name}.npz"
