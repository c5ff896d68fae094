"""Result files on disk: one text for each result."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from pydantic import ValidationError

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


@overload
def parse(kind: Literal["lift"], text: str | bytes, where: str) -> LiftResult: ...
@overload
def parse(kind: Literal["experiment"], text: str | bytes, where: str) -> ExperimentResult: ...
@overload
def parse(kind: ResultKind, text: str | bytes, where: str) -> AnyResult: ...
def parse(kind: ResultKind, text: str | bytes, where: str) -> AnyResult:
    """Read a result file's text.

    Raises:
        DataError: the text is not a result of that kind; `where` names the file.
    """
    remedy = f"run `iterata {'lift' if kind == 'lift' else 'run'}` again; result files are not edited by hand"
    try:
        return MODELS[kind].model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DataError(
            f"not a valid {kind} result: {place} {first['msg']}".replace("  ", " "),
            remedy=remedy,
            where=where,
        ) from None


def canonical(result: AnyResult) -> str:
    """The one text a result has on disk: sorted keys, two-space indent, a final newline."""
    data = result.model_dump(mode="json")
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def stored(kind: ResultKind, path: Path) -> AnyResult | None:
    """The result kept at `path`; none where there is no such file, or it cannot be read."""
    try:
        return parse(kind, path.read_bytes(), str(path)) if path.exists() else None
    except (DataError, OSError):
        return None
