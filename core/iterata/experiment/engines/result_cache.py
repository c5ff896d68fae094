"""Cached results: the comparison of predictions is computed again only if something it depends on changed."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

import iterata
from iterata.documents.fingerprint import digest
from iterata.execution.project_code import fingerprint
from iterata.experiment.variants.parameters import plain_params
from iterata.results import ExperimentResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from iterata.experiment.engines.out_of_fold import OutOfFold
    from iterata.experiment.engines.stores import Store


class ResultCache:
    """Results of experiments, by key."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str) -> ExperimentResult | None:
        """The result cached under `key`; None if there is none, or not a valid one.

        Raises:
            IterataError: the store cannot be reached.
        """
        content = self._store.read(_file_name(key))
        if content is None:
            return None
        try:
            return ExperimentResult.model_validate_json(content)
        except ValidationError:  # of another version, or damaged
            return None

    def put(self, key: str, result: ExperimentResult) -> None:
        """Cache a result.

        Raises:
            IterataError: the store cannot be written.
        """
        self._store.write(_file_name(key), result.model_dump_json().encode())

    def get_or_compute(self, key: str, compute: Callable[[], ExperimentResult]) -> ExperimentResult:
        """The result cached under `key`, or a computed one, which is then cached.

        Raises:
            IterataError: the store cannot be reached or written.
        """
        cached = self.get(key)
        if cached is not None:
            return cached
        result = compute()
        self.put(key, result)
        return result


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
    return [_scores_digest(predictions), predictions.kind, tuned, predictions.warnings]


def _scores_digest(predictions: OutOfFold) -> str:
    return hashlib.sha256(predictions.scores.tobytes()).hexdigest()


@cache
def _own_code() -> str:
    """The fingerprint of iterata itself: while it is developed, its version number does not change."""
    return fingerprint(Path(iterata.__file__).parent)


def _file_name(key: str) -> str:
    name = key.removeprefix("sha256:")
    return f"comparisons/{name[:2]}/{name}.json"
