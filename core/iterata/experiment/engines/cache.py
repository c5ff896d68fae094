"""What is kept between runs, so that an interrupted run goes on and a changed metric only scores again.

Predictions, one small file a variant and fold, and what came of comparing them. Each is named by the digest
of everything it depends on, and whatever cannot be read back counts as absent. Git ignores the folder, and it
may be deleted at any time.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

from iterata.experiment.engines.stores import Folder, elsewhere
from iterata.experiment.variants.base import Prediction
from iterata.measure.metrics import PredictionKind
from iterata.repository.files import state_dir

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from iterata.experiment.engines.stores import Store

_UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)


class Cache:
    """The predictions and comparisons of a knowledge base, by key."""

    def __init__(self, root: Path, url: str | None = None) -> None:
        """Keep them below `root`, or elsewhere.

        Raises:
            IterataError: that place cannot be reached.
        """
        self._store: Store = Folder(state_dir(root) / "cache") if url is None else elsewhere(url)

    def get(self, key: str, rows: int) -> Prediction | None:
        """The prediction kept under `key` if it is there, whole and for so many rows.

        Raises:
            IterataError: the place cannot be reached.
        """
        content = self._store.read(_name("predictions", key, "npz"))
        try:
            with np.load(io.BytesIO(content or b""), allow_pickle=False) as kept:
                scores, about = kept["scores"], json.loads(kept["about"].tobytes())
            if scores.shape != (rows,) or scores.dtype != np.float64 or not np.isfinite(scores).all():
                return None
            sort = PredictionKind(about["sort"]) if about["sort"] else None
            return Prediction(scores, sort, about["tuned"], tuple(about["warnings"]), about["seconds"])
        except _UNREADABLE:
            return None

    def put(self, key: str, prediction: Prediction) -> None:
        """Keep a prediction.

        Raises:
            IterataError: it cannot be written.
        """
        about: dict[str, Any] = {**prediction._asdict(), "sort": prediction.sort and prediction.sort.value}
        del about["scores"]
        content = io.BytesIO()
        np.savez(content, scores=prediction.scores, about=np.frombuffer(json.dumps(about).encode(), np.uint8))
        self._store.write(_name("predictions", key, "npz"), content.getvalue())

    def comparison(self, key: str) -> bytes | None:
        """The text of the comparison kept under `key`, if it is there.

        Raises:
            IterataError: the place cannot be reached.
        """
        return self._store.read(_name("comparisons", key, "json"))

    def put_comparison(self, key: str, text: str) -> None:
        """Keep a comparison.

        Raises:
            IterataError: it cannot be written.
        """
        self._store.write(_name("comparisons", key, "json"), text.encode())


def _name(kind: str, key: str, suffix: str) -> str:
    name = key.removeprefix("sha256:")
    return f"{kind}/{name[:2]}/{name}.{suffix}"
