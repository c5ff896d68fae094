"""What came of comparing predictions, kept until anything that it depends on is another."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

import iterata
from iterata.documents.fingerprint import digest
from iterata.execution.project_code import fingerprint
from iterata.results import ExperimentResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from iterata.experiment.engines.cache import Cache
    from iterata.experiment.engines.out_of_fold import OutOfFold


def remembered(kept: Cache, key: str, compute: Callable[[], ExperimentResult]) -> ExperimentResult:
    """The result kept under `key`; made, and kept, where there is none that can be read.

    Raises:
        IterataError: it cannot be kept.
    """
    text = kept.comparison(key)
    if text is not None:
        try:
            return ExperimentResult.model_validate_json(text)
        except ValidationError:
            pass  # another version of it, or half of one
    result = compute()
    kept.put_comparison(key, result.model_dump_json())
    return result


def key(project: Path, depends: Sequence[object], predicted: Mapping[str, OutOfFold]) -> str:
    """A digest of all a comparison depends on.

    Args:
        project: its code may be a KPI.
        depends: what the plan, the data and the packages say.
        predicted: the predictions themselves.
    """
    scores = {
        name: [
            hashlib.sha256(each.scores.tobytes()).hexdigest(),
            each.sort,
            each.tuned,
            each.warnings,
        ]
        for name, each in predicted.items()
    }
    return digest([_ours(), fingerprint(project), list(depends), list(scores.items())])


@cache
def _ours() -> str:
    """What tells this version of iterata from any other, even while it is being worked on."""
    return fingerprint(Path(iterata.__file__).parent)
