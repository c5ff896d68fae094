"""`iterata lift --what-if`: the expected lift with other values in the assessment. Writes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pydantic import ValidationError

from iterata.actions.lift import compute_lift, lift_spec
from iterata.documents.explain import summarize
from iterata.documents.models.lift import LiftSpec
from iterata.documents.yaml.loader import load
from iterata.errors import DataError, IterataError
from iterata.lift.other_budget import Assumed, assumed_at_other_budget
from iterata.text import truncate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from iterata.repository.projects import IterationFolder
    from iterata.results import LiftResult

    Block: TypeAlias = Mapping[str, object]
    """A mapping of the document, such as the one at `lift`."""

OPTION = "--what-if"

_STATUS_QUO = "assumptions.status_quo"

_LONGEST = 60
"""The longest value that a message repeats in full."""


class Change(NamedTuple):
    """A new value for one key."""

    key: str
    """Its dotted path below `lift`, such as `kpi.budget`."""
    before: object
    """The value in the assessment; None if it has none."""
    after: object

    def __str__(self) -> str:
        return f"{self.key} is {_format_value(self.after)} instead of {_format_value(self.before)}"


class WhatIf(NamedTuple):
    """The expected lift without and with some changes."""

    changes: list[Change]
    before: LiftResult
    after: LiftResult
    note: str = ""
    """What was changed along with the changes that were asked for, and why; empty if nothing was."""


def what_if(root: Path, folder: IterationFolder, assignments: Sequence[str]) -> WhatIf:
    """Compute the expected lift as the assessment describes it, and with other values for some of its keys.

    Args:
        root: the knowledge base.
        folder: the iteration.
        assignments: the changes, each as `kpi.budget=0.3`: a path below `lift`, and its value in YAML. If one
            changes the budget, a figure that is assumed of the status quo is converted to that budget.

    Raises:
        NotFoundError: the iteration has no assessment of its own.
        ProblemsError: the assessment itself has problems.
        IterataError: an assignment is malformed, or the assessment would have problems with it.
        DataError: the data cannot be used.
    """
    document, spec = lift_spec(folder)
    block: Block = document.data["lift"]
    changes: list[Change] = []
    for assignment in assignments:
        change = _parse(assignment, block)
        if change.key in [earlier.key for earlier in changes]:
            raise IterataError(f"{change.key} is given twice", remedy="keep one of the two", where=OPTION)
        block = _with(block, change.key.split("."), change.after, assignment)
        changes.append(change)
    converted = _converted(document.data["lift"], block)
    if converted is not None:
        block = _with(block, converted.key.split("."), converted.after, converted.key)
        changes.append(converted)
    changed_spec = _validated(block, assignments)
    before = compute_lift(spec, root, folder, document)
    try:
        after = compute_lift(changed_spec, root, folder, document)
        return WhatIf(changes, before, after, _note(converted) if converted else "")
    except DataError as error:  # the change causes it: the assessment as it is can be computed
        message = f"if {' and '.join(map(str, changes))}: {error.message}"
        raise error.replace(message=message) from None


def _converted(before: Block, after: Block) -> Change | None:
    """The assumed figure of the status quo at the changed budget, if it belongs to today's budget."""
    today, other = Assumed.of(before), Assumed.of(after)
    converted = assumed_at_other_budget(today, other) if today and other else None
    if today is None or converted is None:
        return None
    figure, numbers = converted
    return Change(f"{_STATUS_QUO}.{figure}", getattr(today.assumptions.status_quo, figure), numbers)


def _note(converted: Change) -> str:
    figure = converted.key.rpartition(".")[2]
    return (
        f"{figure} belongs to today's budget, so it was converted: at the other budget it lies between the "
        "two straight lines through today's point of the curve of cumulative gains, if better-scored rows "
        f"are positive more often. If you know it, say so: {OPTION} '{converted.key}=…'"
    )


def _parse(assignment: str, block: Block) -> Change:
    """A change from one argument of the command line."""
    path, equals, value = assignment.partition("=")
    key = path.strip().removeprefix("lift.")
    if not equals or not all(key.split(".")):
        remedy = "write a key below `lift`, an equals sign and its value, such as kpi.budget=0.3"
        raise IterataError("is not a key with a value", remedy=remedy, where=_where(assignment))
    after, faults = load(value) if value.strip() else (None, [])
    if faults:
        fault = faults[0]
        raise IterataError(f"invalid value: {fault.message}", remedy=fault.remedy, where=_where(assignment))
    before: object = block
    for part in key.split("."):
        before = before.get(part) if isinstance(before, dict) else None
    return Change(key, before, after)


def _with(block: object, path: Sequence[str], value: object, assignment: str) -> Block:
    """A copy of the block with another value at a path below it."""
    if block is not None and not isinstance(block, dict):
        key = assignment.partition("=")[0].strip()
        parent = key.removesuffix("." + ".".join(path))
        message = f"{parent} is a value, so it has no keys below it"
        raise IterataError(message, remedy=f"write {parent}=… instead", where=_where(assignment))
    first, *rest = path
    inner = (block or {}).get(first)
    return {**(block or {}), first: _with(inner, rest, value, assignment) if rest else value}


def _validated(block: Block, assignments: Sequence[str]) -> LiftSpec:
    try:
        return LiftSpec.model_validate(block)
    except ValidationError as error:
        message, remedy = summarize(LiftSpec, block, error)
        raise IterataError(message, remedy=remedy, where=_where(*assignments)) from None


def _where(*assignments: str) -> str:
    return " ".join(f"{OPTION} {_truncated(assignment)}" for assignment in assignments)


def _format_value(value: object) -> str:
    """A value in the notation of a document."""
    if value is None:
        return "nothing"
    return _truncated(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def _truncated(text: str) -> str:
    return truncate(text, _LONGEST)
