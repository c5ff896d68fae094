"""The prediction cache returns exactly what was put into it, or nothing."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iterata.experiment.cache.in_use import InUse
from iterata.experiment.cache.layers import Cache, Layer
from iterata.experiment.cache.predictions import PredictionCache
from iterata.experiment.cache.stores import FolderStore
from iterata.experiment.variants.base import Prediction
from iterata.measure.predictions import PredictionKind

KEY = f"sha256:{'ab' * 32}"
SCORES = np.array([0.25, 0.5, 1.0])
METADATA: dict[str, Any] = {
    "sort": "probability",
    "tuned": {"C": 1.0},
    "warnings": ["W: slow"],
    "seconds": 2.5,
}


class Touch:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def archive(**arrays: Any) -> bytes:
    """The content of an .npz file."""
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def entry(scores: Any = SCORES, **changes: Any) -> bytes:
    """An entry of the cache, as earlier versions wrote it."""
    text = json.dumps({**METADATA, **changes}).encode()
    return archive(scores=scores, about=np.frombuffer(text, np.uint8))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the entry `KEY`."""
    path = tmp_path / "predictions" / "ab" / f"{'ab' * 32}.npz"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def cache(tmp_path: Path) -> PredictionCache:
    return PredictionCache(Cache((Layer(FolderStore(tmp_path), shared=False),), InUse(tmp_path)))


def same(prediction: Prediction | None, expected: Prediction) -> bool:
    return (
        prediction is not None
        and np.array_equal(prediction.scores, expected.scores)
        and prediction.scores.dtype == np.float64
        and prediction[1:] == expected[1:]
    )


@pytest.mark.parametrize(
    "kind", [None, *(kind for kind in PredictionKind if kind is not PredictionKind.CLASS)]
)
def test_cached_prediction_is_returned_unchanged(cache: PredictionCache, kind: PredictionKind | None) -> None:
    best_params: dict[str, Any] = {"C": 1.0, "depth": 3, "balanced": True, "penalty": None, "sizes": [1, 2]}
    prediction = Prediction(SCORES, kind, best_params, ("W: slow", "W: late"), 0.125)
    assert cache.get(KEY, 3) is None
    cache.put(KEY, prediction)
    cached = cache.get(KEY, 3)
    assert same(cached, prediction)
    assert cached is not None
    assert [type(value) for value in cached.best_params.values()] == [float, int, bool, type(None), list]


def test_entry_of_an_earlier_version_is_read(cache: PredictionCache, path: Path) -> None:
    path.write_bytes(entry())
    expected = Prediction(SCORES, PredictionKind.PROBABILITY, {"C": 1.0}, ("W: slow",), 2.5)
    assert same(cache.get(KEY, 3), expected)


@pytest.mark.parametrize(
    "content",
    [
        entry(SCORES[:2]),
        entry(np.append(SCORES, 0.5)),
        entry(SCORES[:, None]),
        entry(np.float64(0.5)),
        entry(SCORES.astype(np.float32)),
        entry(SCORES.astype(">f8")),
        entry(SCORES.astype(np.complex128)),
        entry(SCORES.astype(str)),
        entry(np.array([0, 1, 1])),
        entry(np.array([0.25, np.nan, 1.0])),
        entry(np.array([0.25, np.nan, 1.0]), sort="score"),
        entry(np.array([0.25, np.inf, 1.0]), sort=None),
        entry(np.array([0.25, 0.5, 1.5])),
        entry(np.array([-0.25, 0.5, 1.0])),
        entry(sort="odds"),
        entry(tuned=["C"]),
        entry(tuned={"C": {"a": {"b": {"c": [1]}}}}),
        entry(warnings="W: slow"),
        entry(seconds=-1.0),
        entry(seconds="long"),
        archive(scores=SCORES),
        archive(about=np.frombuffer(json.dumps(METADATA).encode(), np.uint8)),
        archive(scores=SCORES, about=np.frombuffer(b"{", np.uint8)),
        archive(scores=SCORES, about=np.frombuffer(b'{"sort": null}', np.uint8)),
        b"",
        b"not a zip file",
    ],
)  # fmt: skip
def test_invalid_entry_is_not_used(cache: PredictionCache, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert cache.get(KEY, 3) is None


def test_array_without_archive_is_not_used(cache: PredictionCache, path: Path) -> None:
    content = io.BytesIO()
    np.save(content, SCORES)
    path.write_bytes(content.getvalue())
    assert cache.get(KEY, 3) is None


def test_pickled_entry_is_neither_used_nor_unpickled(
    cache: PredictionCache, path: Path, tmp_path: Path
) -> None:
    unpickled = tmp_path / "unpickled"
    path.write_bytes(entry(np.array([Touch(unpickled)] * 3, dtype=object)))
    assert cache.get(KEY, 3) is None
    path.write_bytes(entry(SCORES.astype(object)))
    assert cache.get(KEY, 3) is None
    assert not unpickled.exists()


def test_truncated_entry_is_not_used(cache: PredictionCache, path: Path) -> None:
    content = entry()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        assert cache.get(KEY, 3) is None


@pytest.mark.filterwarnings("ignore")  # of numpy, about damaged headers
def test_entry_with_one_wrong_byte_is_unchanged_or_not_used(cache: PredictionCache, path: Path) -> None:
    content = entry()
    path.write_bytes(content)
    expected = cache.get(KEY, 3)
    assert expected is not None
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 0xFF
        path.write_bytes(damaged)
        prediction = cache.get(KEY, 3)
        assert prediction is None or same(prediction, expected)


PROBABILITIES = np.array([[0.25, 0.5, 0.25], [0.0, 0.0, 1.0]])
CODES = np.array([1.0, 3.0])
"""Of a class, and of a person."""


def of_classes(scores: Any = CODES, probabilities: Any = PROBABILITIES) -> bytes:
    """An entry with the probabilities of three classes."""
    text = json.dumps({**METADATA, "sort": "class"}).encode()
    return archive(scores=scores, about=np.frombuffer(text, np.uint8), probabilities=probabilities)


def claims_to_be_huge() -> bytes:
    """An array whose header names a shape that its part cannot hold."""
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        content, {"descr": "<f8", "fortran_order": False, "shape": (2**40, 3)}
    )
    archived = io.BytesIO(of_classes())
    with zipfile.ZipFile(archived) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    parts["probabilities.npy"] = content.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as whole:
        for name, part in parts.items():
            whole.writestr(name, part)
    return changed.getvalue()


@pytest.mark.parametrize("probabilities", [PROBABILITIES, None])
def test_probabilities_of_classes_are_cached(cache: PredictionCache, probabilities: Any) -> None:
    cache.put(KEY, Prediction(CODES, PredictionKind.CLASS, {}, (), 1.0, probabilities))
    cached = cache.get(KEY, 2, 3)
    assert cached is not None
    assert (cached.kind, cached.scores.tolist()) == (PredictionKind.CLASS, [1, 3])
    assert np.array_equal(cached.probabilities, probabilities) or cached.probabilities is probabilities
    assert cache.get(KEY, 2) is None
    assert cache.get(KEY, 3, 3) is None
    assert (cache.get(KEY, 2, 4) is None) == (probabilities is not None)


@pytest.mark.parametrize(
    "content",
    [
        entry(SCORES[:2]),
        of_classes(np.array([1.0, 4.0])),
        of_classes(np.array([0.5, 1.0])),
        of_classes(np.array([-1.0, 1.0])),
        of_classes(np.array([1, 2])),
        of_classes(probabilities=PROBABILITIES[:1]),
        of_classes(probabilities=PROBABILITIES[:, :2]),
        of_classes(probabilities=PROBABILITIES.astype(np.float32)),
        of_classes(probabilities=np.where(PROBABILITIES == 0.5, np.nan, PROBABILITIES)),
        of_classes(probabilities=np.where(PROBABILITIES == 0.5, 0.4, PROBABILITIES)),
        of_classes(probabilities=np.array([[1.5, -0.5, 0.0], [0.0, 0.0, 1.0]])),
        of_classes(probabilities=np.array([["a"] * 3] * 2)),
        claims_to_be_huge(),
    ],
)
def test_damaged_probabilities_are_not_used(cache: PredictionCache, path: Path, content: bytes) -> None:
    path.write_bytes(of_classes())
    assert cache.get(KEY, 2, 3) is not None
    path.write_bytes(content)
    assert cache.get(KEY, 2, 3) is None
