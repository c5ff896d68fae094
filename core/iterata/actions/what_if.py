"""`iterata lift --what-if`: the expected lift if the assessment said something else. Nothing is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from iterata.actions.lift import assessed, computed
from iterata.documents.explain import in_one
from iterata.documents.models.lift import LiftSpec
from iterata.documents.yaml.loader import load
from iterata.errors import DataError, IterataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from iterata.repository.projects import IterationFolder
    from iterata.results import LiftResult

OPTION = "--what-if"

_LONGEST = 60
"""How much of a value is shown."""


class Change(NamedTuple):
    """One key that would hold another value."""

    key: str
    """Its dotted path below `lift`, such as `kpi.budget`."""
    before: Any
    """What the assessment says; none where it says nothing."""
    after: Any

    def __str__(self) -> str:
        return f"{self.key} is {_shown(self.after)} instead of {_shown(self.before)}"


class Tried(NamedTuple):
    """What `lift --what-if` found."""

    changes: list[Change]
    before: LiftResult
    after: LiftResult


def what_if(root: Path, folder: IterationFolder, wanted: Sequence[str]) -> Tried:
    """Compute the expected lift as the assessment describes it, and with some of its keys set otherwise.

    Args:
        root: the knowledge base.
        folder: the iteration.
        wanted: the changes, each as `kpi.budget=0.3`: a path below `lift`, and its value in YAML.

    Raises:
        NotFoundError: the iteration has no assessment of its own.
        ProblemsError: the assessment itself has problems.
        IterataError: a change is no change, or the assessment would have problems with it.
        DataError: the data cannot be used.
    """
    document, spec = assessed(folder)
    written = document.data["lift"]
    changes: list[Change] = []
    for text in wanted:
        change = _read(text, written)
        if change.key in [each.key for each in changes]:
            remedy = "keep one of the two"
            raise IterataError(f"{change.key} is given twice", remedy=remedy, where=OPTION)
        written = _with(written, change.key.split("."), change.after, text)
        changes.append(change)
    changed = _validated(written, wanted)
    before = computed(spec, root, folder, document)
    try:
        return Tried(changes, before, computed(changed, root, folder, document))
    except DataError as error:  # the assessment as it is written has no such error
        message = f"if {' and '.join(map(str, changes))}: {error.message}"
        raise DataError(message, remedy=error.remedy, where=error.location) from None


def _read(text: str, written: dict[str, Any]) -> Change:
    """A change from the words of the command line."""
    path, equals, value = text.partition("=")
    key = path.strip().removeprefix("lift.")
    if not equals or not all(key.split(".")):
        remedy = "write a key below `lift`, an equals sign and its value, such as kpi.budget=0.3"
        raise IterataError("is no key with a value", remedy=remedy, where=_where(text))
    after, faults = load(value) if value.strip() else (None, [])
    if faults:
        fault = faults[0]
        raise IterataError(f"the value is {fault.message}", remedy=fault.remedy, where=_where(text))
    before: Any = written
    for part in key.split("."):
        before = before.get(part) if isinstance(before, dict) else None
    return Change(key, before, after)


def _with(block: Any, path: Sequence[str], value: Any, text: str) -> dict[str, Any]:
    """The block with another value at a path below it; the block itself stays as it is."""
    if block is not None and not isinstance(block, dict):
        key = text.partition("=")[0].strip()
        above = key.removesuffix("." + ".".join(path))
        message = f"{above} holds a value, and no keys below it"
        raise IterataError(message, remedy=f"write {above}=… instead", where=_where(text))
    first, *rest = path
    inner = (block or {}).get(first)
    return {**(block or {}), first: _with(inner, rest, value, text) if rest else value}


def _validated(written: dict[str, Any], wanted: Sequence[str]) -> LiftSpec:
    try:
        return LiftSpec.model_validate(written)
    except ValidationError as error:
        message, remedy = in_one(LiftSpec, written, error)
        raise IterataError(message, remedy=remedy, where=_where(*wanted)) from None


def _where(*wanted: str) -> str:
    return " ".join(f"{OPTION} {_cut(text)}" for text in wanted)


def _shown(value: Any) -> str:
    """A value as it would be written in the document."""
    if value is None:
        return "nothing"
    return _cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
