"""Result files: from a result to the text of its file and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from pydantic import ValidationError

from iterata.documents.front_matter import LFS_POINTER
from iterata.errors import DataError
from iterata.results.experiment import ExperimentResult
from iterata.results.lift import LiftResult

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.stages import ResultKind

AnyResult: TypeAlias = LiftResult | ExperimentResult
"""A result of either kind; `result.kind` tells them apart."""

MODELS: dict[ResultKind, type[AnyResult]] = {"lift": LiftResult, "experiment": ExperimentResult}
"""The model of each kind of result."""

_LFS_POINTER = LFS_POINTER.encode()


@overload
def parse(kind: Literal["lift"], text: str | bytes, where: str) -> LiftResult: ...
@overload
def parse(kind: Literal["experiment"], text: str | bytes, where: str) -> ExperimentResult: ...
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
    """
    if (text if isinstance(text, bytes) else text.encode()).startswith(_LFS_POINTER):
        remedy = "run `git lfs pull`; result files are small, and are better kept in Git itself"
        raise DataError("is only the pointer of Git LFS to the result", remedy=remedy, where=where)
    command = "lift" if kind == "lift" else "run"
    remedy = f"write it again with iterata {command}; result files are not edited by hand"
    try:
        return MODELS[kind].model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        detail = f"{place} {first['msg']}".strip()
        raise DataError(f"not a valid {kind} result: {detail}", remedy=remedy, where=where) from None


def to_json(result: AnyResult) -> str:
    """The canonical text of a result: sorted keys, an indent of two spaces, a final newline."""
    data = result.model_dump(mode="json")
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def read_or_none(kind: ResultKind, path: Path) -> AnyResult | None:
    """The result in the file at `path`; None if there is no such file, or it cannot be read."""
    try:
        return parse(kind, path.read_bytes(), str(path)) if path.exists() else None
    except (DataError, OSError):
        return None
