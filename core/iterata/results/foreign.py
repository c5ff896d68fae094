"""Result files that this version of iterata did not write: newer, damaged, or of something else.

Within one version of the format, a newer iterata only adds keys. They are ignored, and named. Any other
difference, in a file that a newer iterata wrote, is told as that: such a file is not damaged.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from iterata.documents.front_matter import LFS_POINTER
from iterata.documents.yaml.errors import CONFLICT
from iterata.errors import DataError, Location, NewerVersion, dotted
from iterata.execution.installed import how_to_upgrade, is_newer
from iterata.results.parts import ResultPart
from iterata.stages import RESULT_STAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic_core import ErrorDetails

    from iterata.stages import ResultKind

R = TypeVar("R", bound=ResultPart)

SCHEMA_VERSION = 1
"""The version of the format that this iterata writes; it rises if a key changes or disappears."""

COMMANDS: dict[ResultKind, str] = {"lift": "lift", "experiment": "run", "rollout": "rollout"}
"""The command that writes each kind of result."""

_LFS_POINTER = LFS_POINTER.encode()
_KEYS = frozenset({"schema_version", "kpi", "provenance"})
"""Keys of every result; a file without any of them is of something else."""
_ADDED = "extra_forbidden"
_NEW_VALUES = frozenset({_ADDED, "enum", "literal_error"})
"""What a newer version may add: keys, and choices of a value."""


def read_foreign(
    kind: ResultKind, model: type[R], text: str | bytes, where: str, error: ValidationError
) -> tuple[R, tuple[str, ...]]:
    """The result, and the paths of the keys that were left out.

    Args:
        kind: the kind of result.
        model: its model.
        text: the content of the file, which the model refuses.
        where: the file's name, for the error.
        error: what the model refuses.

    Raises:
        DataError: the file is damaged, or is no result of that kind.
        NewerVersion: a newer version wrote it, and this one cannot read it.
    """
    data = _json_object(kind, text, where)
    errors = error.errors(include_url=False, include_input=False)
    version, author = data.get("schema_version"), written_by(data)
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise _newer(kind, f"version {version} of its format", author, where)
    unknown = tuple(dotted(found["loc"]) for found in errors if found["type"] == _ADDED)
    if is_newer(author):
        if len(unknown) == len(errors):
            try:
                return model.model_validate_json(json.dumps(_without(data, errors))), unknown
            except ValidationError as error_within:
                errors = error_within.errors(include_url=False, include_input=False)
        strange = next((found for found in errors if found["type"] not in _NEW_VALUES), None)
        if strange is None:
            places = ", ".join(dotted(found["loc"]) for found in errors if found["type"] != _ADDED)
            raise _newer(kind, f"the value of {places}", author, where)
        errors = [strange]
    message = f"not a valid {kind} result: {_detail(errors[0])}"
    raise DataError(message, remedy=how_to_write_again(kind), where=where)


def _detail(error: ErrorDetails) -> str:
    place = dotted(error["loc"])
    if error["type"] == _ADDED:
        return f"it has an unknown key, {place}"
    return f"{place}: {error['msg']}" if place else error["msg"]


def written_by(data: object) -> str:
    """The version of iterata that a result names as its author; empty if it names none."""
    for key in ("provenance", "packages", "iterata"):
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, str) else ""


def _newer(kind: ResultKind, difference: str, author: str, where: str) -> NewerVersion:
    author = author if is_newer(author) else ""
    specifier = f">={author}" if author else ""
    remedy = how_to_upgrade(specifier)
    return NewerVersion(f"{kind} result", difference, remedy=remedy, written_by=author, where=where)


def _json_object(kind: ResultKind, text: str | bytes, where: str) -> dict[str, object]:
    """The content of a result file, if it is a result of that kind at all."""
    if (text if isinstance(text, bytes) else text.encode()).startswith(_LFS_POINTER):
        remedy = "run `git lfs pull`; result files are small, and are better kept in Git itself"
        raise DataError("is only the pointer of Git LFS to the result", remedy=remedy, where=where)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        line, detail = None, f"not valid JSON: {error}" if str(error) else "not valid JSON"
        content = text if isinstance(text, str) else text.decode("utf-8", "replace")
        if marker := CONFLICT.search(content):
            line = content.count("\n", 0, marker.start()) + 1
            detail = "a conflict of a Git merge is not resolved"
        message, place = f"not a valid {kind} result: {detail}", Location(where, line)
        raise DataError(message, remedy=how_to_write_again(kind), where=place) from None
    if isinstance(data, dict) and _KEYS & data.keys() and data.get("kind", kind) == kind:
        return data
    found = data.get("kind") if isinstance(data, dict) else None
    is_of_another_kind = isinstance(found, str) and found in RESULT_STAGES
    message = "is the result of another kind" if is_of_another_kind else "is JSON, but no result of iterata"
    remedy = f"move the file to another place if you need it; {how_to_write_again(kind)}"
    raise DataError(message, remedy=remedy, where=where)


def how_to_write_again(kind: ResultKind, arguments: str = "") -> str:
    """The fix of a damaged result; the arguments complete its command."""
    command = f"iterata {COMMANDS[kind]} {arguments}".rstrip()
    return f"write it again with `{command}`; result files are not edited by hand"


def _without(data: dict[str, object], errors: Sequence[ErrorDetails]) -> dict[str, object]:
    """The data without the keys of these errors; it is a copy of its own."""
    for error in errors:
        *path, key = error["loc"]
        block: object = data
        for step in path:
            block = _within(block, step)
        if isinstance(block, dict):
            block.pop(key, None)
    return data


def _within(block: object, step: str | int) -> object:
    """The value at a key or a position; None if there is none."""
    if isinstance(block, dict):
        return block.get(step)
    return block[step] if isinstance(block, list) and isinstance(step, int) and step < len(block) else None
