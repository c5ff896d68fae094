"""Cached results: the comparison of predictions is computed again only if something it depends on changed."""

from __future__ import annotations

import hashlib
import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

import iterata
from iterata.documents.fingerprint import digest
from iterata.errors import IterataError
from iterata.execution.project_code import fingerprint
from iterata.execution.steps import logged_step
from iterata.experiment.cache.entry import DamagedEntry, EntryKind, EntryName
from iterata.experiment.variants.parameters import plain_params
from iterata.results import ExperimentResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from iterata.arrays import Floats
    from iterata.experiment.cache.layers import Cache
    from iterata.experiment.engines.out_of_fold import OutOfFold


_RESULT = "result.json"
"""The part of an entry."""

LOGGER = logging.getLogger(__name__)


class ResultCache:
    """Results of experiments, by key."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def get(self, key: str) -> ExperimentResult | None:
        """The result cached under `key`; None if there is none, or not a valid one."""
        return self._cache.get(EntryName(EntryKind.COMPARISON, key), _decode)

    def put(self, key: str, result: ExperimentResult) -> None:
        """Cache a result."""
        self._cache.put(EntryName(EntryKind.COMPARISON, key), {_RESULT: result.model_dump_json().encode()})

    def get_or_compute(self, key: str, compute: Callable[[], ExperimentResult]) -> ExperimentResult:
        """The result cached under `key`, or a computed one, which is then cached."""
        self._cache.protect([EntryName(EntryKind.COMPARISON, key)])
        cached = self.get(key)
        if cached is not None:
            LOGGER.info("the comparison is that of an earlier run")
            return cached
        with logged_step(LOGGER, "comparing the variants"):
            result = compute()
        self.put(key, result)
        return result


def _decode(parts: Mapping[str, bytes]) -> ExperimentResult:
    try:
        return ExperimentResult.model_validate_json(parts[_RESULT])
    except (KeyError, ValidationError, IterataError):  # the last for a file of a newer version
        raise DamagedEntry("it holds no result") from None


def result_key(project: Path, inputs: Sequence[object], predictions: Mapping[str, OutOfFold]) -> str:
    """A digest of everything that a result depends on.

    Args:
        project: the folder of the project, whose code may define the KPI.
        inputs: plain data: what the plan, the data and the packages are.
        predictions: by the variants' names.
    """
    variants = [(name, _identity(variant)) for name, variant in predictions.items()]
    return digest([_own_code(), fingerprint(project), list(inputs), variants])


def _identity(predictions: OutOfFold) -> list[object]:
    tuned = [plain_params(chosen) for chosen in predictions.best_params]
    identity: list[object] = [_digest(predictions.scores), predictions.kind, tuned, predictions.warnings]
    return identity if predictions.probabilities is None else [*identity, _digest(predictions.probabilities)]


def _digest(values: Floats) -> str:
    return hashlib.sha256(values.tobytes()).hexdigest()


@cache
def _own_code() -> str:
    """The fingerprint of iterata itself: while it is developed, its version number does not change."""
    return fingerprint(Path(iterata.__file__).parent)
