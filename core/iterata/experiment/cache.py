"""What is kept between runs, so that an interrupted run goes on and a changed metric only scores again.

Predictions, one small file a variant and fold, and what came of comparing them. Each is named by the digest
of everything it depends on, and written whole or not at all. Whatever cannot be read back counts as absent.
Git ignores the folder, and it may be deleted at any time.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from iterata.errors import IterataError
from iterata.experiment.producer import Prediction
from iterata.files import state_dir
from iterata.metrics import Sort

if TYPE_CHECKING:
    from typing import Any

_UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)


class Cache:
    """The predictions and comparisons of a knowledge base, by key."""

    def __init__(self, root: Path) -> None:
        self._folder = state_dir(root) / "cache" / "predictions"
        self._comparisons = self._folder.with_name("comparisons")

    def get(self, key: str, rows: int) -> Prediction | None:
        """The prediction kept under `key` if it is there, whole and for so many rows."""
        try:
            with np.load(
                io.BytesIO(_place(self._folder, key, "npz").read_bytes()), allow_pickle=False
            ) as kept:
                scores, about = kept["scores"], json.loads(kept["about"].tobytes())
            if scores.shape != (rows,) or scores.dtype != np.float64 or not np.isfinite(scores).all():
                return None
            sort = Sort(about["sort"]) if about["sort"] else None
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
        _keep(_place(self._folder, key, "npz"), content.getvalue())

    def comparison(self, key: str) -> str | None:
        """The text of the comparison kept under `key`, if it is there."""
        try:
            return _place(self._comparisons, key, "json").read_text("utf-8")
        except _UNREADABLE:
            return None

    def put_comparison(self, key: str, text: str) -> None:
        """Keep a comparison.

        Raises:
            IterataError: it cannot be written.
        """
        _keep(_place(self._comparisons, key, "json"), text.encode())


def _place(folder: Path, key: str, suffix: str) -> Path:
    name = key.removeprefix("sha256:")
    return folder / name[:2] / f"{name}.{suffix}"


def _keep(path: Path, content: bytes) -> None:
    try:
        _write(path, content)
    except OSError as error:
        remedy = "check the folder's rights and the space left on the disk; what was finished is kept"
        where = str(path.parent.parent)
        raise IterataError(f"cannot be written: {error.strerror}", remedy=remedy, where=where) from None


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
