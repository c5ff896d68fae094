"""Result files: from a result to the text of its file and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, overload

from pydantic import ValidationError

from iterata.errors import DataError, NewerVersion
from iterata.results.experiment import ExperimentResult
from iterata.results.lift import LiftResult
from iterata.results.rollout import RolloutResult

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.stages import ResultKind

SampleResult: TypeAlias = LiftResult | ExperimentResult
"""A result of figures of a sample, on the scale from the random to the perfect model."""

AnyResult: TypeAlias = SampleResult | RolloutResult
"""A result of any kind; `result.kind` tells them apart."""

MODELS: dict[ResultKind, type[AnyResult]] = {
    "lift": LiftResult,
    "experiment": ExperimentResult,
    "rollout": RolloutResult,
}
"""The model of each kind of result."""


@overload
def parse(kind: Literal["lift"], text: str | bytes, where: str) -> LiftResult: ...
@overload
def parse(kind: Literal["experiment"], text: str | bytes, where: str) -> ExperimentResult: ...
@overload
def parse(kind: Literal["rollout"], text: str | bytes, where: str) -> RolloutResult: ...
@overload
def parse(kind: ResultKind, text: str | bytes, where: str) -> AnyResult: ...
def parse(kind: ResultKind, text: str | bytes, where: str) -> AnyResult:
    """Parse the text of a result file.

    Args:
        kind: the kind of result.
        text: the content of the file.
        where: the file's name, for the error.

    Raises:
        DataError: the text is not a result of that kind.
        NewerVersion: a newer version wrote it, and this one cannot read it.
    """
    return read(kind, text, where).result


class Reading(NamedTuple):
    """A result, and what of its file this version of iterata does not know."""

    result: AnyResult
    unknown: tuple[str, ...]
    """The paths of keys that a newer version wrote; they are ignored."""


def read(kind: ResultKind, text: str | bytes, where: str) -> Reading:
    """Parse the text of a result file, and name the keys that a newer version added.

    Raises:
        DataError: the text is not a result of that kind.
        NewerVersion: a newer version wrote it, and this one cannot read it.
    """
    try:
        return Reading(MODELS[kind].model_validate_json(text), ())
    except ValidationError as error:
        from iterata.results.foreign import read_foreign  # noqa: PLC0415  # only for other files

        return Reading(*read_foreign(kind, MODELS[kind], text, where, error))


def to_json(result: AnyResult) -> str:
    """The canonical text of a result: sorted keys, an indent of two spaces, a final newline."""
    data = result.model_dump(mode="json")
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def read_or_none(kind: ResultKind, path: Path) -> AnyResult | None:
    """The result in the file at `path`; None if there is no such file, or it is damaged.

    Raises:
        NewerVersion: a newer version wrote it, and this one cannot read it.
    """
    try:
        return parse(kind, path.read_bytes(), str(path)) if path.exists() else None
    except NewerVersion:
        raise
    except (DataError, OSError):
        return None
