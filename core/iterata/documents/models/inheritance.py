"""What a plan takes from its assessment: the rows, the target, the unit, the weights and the status quo.

The assessment describes them once. A plan may repeat a value, leave it out, or say something else; then it
gives an `override_reason`. An explicit `null` says that there is none.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.columns import ColumnKind
from iterata.documents.models.proposal import DataSet, Plan, Target
from iterata.documents.models.rows import RowSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.base import Part
    from iterata.documents.models.columns import ColumnFormat
    from iterata.documents.models.lift import LiftSpec
    from iterata.documents.models.proposal import ProposedPlan, ProposedTarget
    from iterata.documents.models.rows import LiftData, StatusQuo, TargetValue
    from iterata.errors import FieldPath

ROWS = ("source", "query", "database")
"""The keys that say where rows come from; one description replaces all of them."""

UNITS = ("unit_id", "blocks")
"""The keys that say which rows depend on each other; one of them replaces the other."""

DESCRIPTION = (*UNITS, "weights", "treated", "known_after")
"""The keys that say what the rows are, each taken from the assessment by itself."""

NONE = "none"

DATA = "data"
"""The name of what differs if the rows come from elsewhere."""

AS_ASSESSED = "as the assessment says"
"""How labels are made, in a plan that takes its target from the assessment."""


YAML_WORDS = {
    **dict.fromkeys(("true", "yes", "on", "y"), True),
    **dict.fromkeys(("false", "no", "off", "n"), False),
}
"""The words that YAML reads as true and false."""


class Missing(NamedTuple):
    """What neither the plan nor the assessment says."""

    field: FieldPath
    what: str
    example: str
    """What to write."""


class Override(NamedTuple):
    """A value of the plan that differs from the assessment's, both in words."""

    field: FieldPath
    """From the top of the proposal."""
    name: str
    """What differs: `positive value`."""
    assessment: str
    plan: str


class IncompletePlan(ValueError):
    """A plan leaves out what its assessment does not say."""

    def __init__(self, missing: list[Missing]) -> None:
        super().__init__(f"the plan has no {missing[0].what}")
        self.missing = missing


def complete_plan(plan: ProposedPlan, lift: LiftSpec | None) -> Plan:
    """The plan with everything that it takes from the assessment.

    Args:
        plan: the plan as the proposal has it.
        lift: the analysis of the assessment; None without an assessment.

    Raises:
        IncompletePlan: neither of the two describes the rows.
    """
    if lacking := missing(plan, lift):
        raise IncompletePlan(lacking)
    data = lift.data if lift else None
    stated = {name: getattr(plan, name) for name in type(plan).model_fields}
    return Plan.model_validate(
        {
            **stated,
            "data": [_data_set(plan, data)],
            "data_digest": None,
            "target": _target(plan, data),
            "status_quo": _status_quo(plan, data),
        }
    )


def missing(plan: ProposedPlan, lift: LiftSpec | None) -> list[Missing]:
    """What neither the plan nor the assessment says about the rows."""
    if lift is not None and lift.data is not None:
        return []
    data, target = plan.data[0] if plan.data else None, plan.target
    fields: list[Missing] = []
    if data is None or not data.has_rows:
        fields.append(Missing(("plan", "data"), "data", "`data: [{source: data/rows.csv}]`"))
    if target is None or target.column is None:
        fields.append(Missing(("plan", "target"), "target", "`target: {column: COLUMN, made_by: HOW}`"))
    if plan.status_quo is None:
        fields.append(Missing(("plan", "status_quo"), "status quo", "`status_quo: {column: COLUMN}`"))
    return fields


def inherited(plan: ProposedPlan, lift: LiftSpec | None) -> dict[str, object]:
    """What the plan leaves out and the assessment says, as plain data; empty for a plan that says it all.

    The approval of a plan covers these values, too. Labels and commands are not among them, because no figure
    depends on them.
    """
    data = lift.data if lift else None
    if data is None:
        return {}
    stated = data.model_dump(mode="json", exclude_defaults=True)
    specs = stated.get("columns", {})
    own = plan.data[0] if plan.data else DataSet()
    left_out = _left_out(own)
    if plan.target is None or plan.target.column is None:
        left_out.append("target")
    if plan.target is None or plan.target.positive is None:
        left_out.append("positive")
    if _inherits_negative(plan.target, data):
        left_out.append("negative")
    values = {name: stated[name] for name in left_out if name in stated}
    if columns := _inherited_columns(own, data):
        values["columns"] = {name: specs[name] for name in columns}
    if plan.status_quo is None:
        values["status_quo"] = data.status_quo.model_dump(mode="json", exclude={"label"}, exclude_none=True)
    return values


def overrides(plan: ProposedPlan, lift: LiftSpec | None) -> list[Override]:
    """Every value of the plan that differs from the assessment's."""
    data = lift.data if lift else None
    return [] if data is None else list(_overrides(plan, data))


def _overrides(plan: ProposedPlan, data: LiftData) -> Iterator[Override]:
    if plan.data:
        yield from _data_overrides(plan.data[0], data)
    target = plan.target
    if target and target.column not in (None, data.target):
        yield Override(("plan", "target", "column"), "target", data.target, str(target.column))
    if target and target.positive is not None and not _same_values(target.positive, data.positive):
        positive = str(data.positive), str(target.positive)
        yield Override(("plan", "target", "positive"), "positive value", *positive)
    if target and target.negative is not None and not _same_values(target.negative, data.negative):
        negative = NONE if data.negative is None else str(data.negative), str(target.negative)
        yield Override(("plan", "target", "negative"), "negative values", *negative)
    if plan.status_quo and _prediction(plan.status_quo) != _prediction(data.status_quo):
        both = _in_words(data.status_quo), _in_words(plan.status_quo)
        yield Override(("plan", "status_quo"), "status quo", *both)


def _data_overrides(own: DataSet, data: LiftData) -> Iterator[Override]:
    place: FieldPath = ("plan", "data", 0)
    if own.has_rows and _rows(own) != _rows(data):
        key = "source" if own.source is not None else "query"
        yield Override((*place, key), DATA, _in_words(data), _in_words(own))
    stated = [name for name in UNITS if name in own.model_fields_set]
    if stated and (own.unit_id, own.blocks) != (data.unit_id, data.blocks):
        yield Override((*place, stated[0]), "unit", _unit_in_words(data), _unit_in_words(own))
    if "weights" in own.model_fields_set and own.weights != data.weights:
        yield Override((*place, "weights"), "weights", _in_words(data.weights), _in_words(own.weights))
    if "treated" in own.model_fields_set and own.treated != data.treated:
        yield Override((*place, "treated"), "treatment", _in_words(data.treated), _in_words(own.treated))
    yield from _column_overrides(own, data)


def _column_overrides(own: DataSet, data: LiftData) -> Iterator[Override]:
    """Declarations that differ. A plan may declare further columns, such as new features."""
    place: FieldPath = ("plan", "data", 0)
    for name, spec in data.columns.items():
        other = own.columns.get(name)
        if other is not None and other != spec:
            both = _spec_in_words(spec), _spec_in_words(other)
            yield Override((*place, "columns", name), f"column {name}", *both)
    if data.columns and "columns" in own.model_fields_set and not own.columns:
        yield Override((*place, "columns"), "columns", ", ".join(data.columns), NONE)
    dropped = [name for name in data.known_after if name not in own.known_after]
    if dropped and "known_after" in own.model_fields_set:
        both = ", ".join(data.known_after), ", ".join(own.known_after) or NONE
        yield Override((*place, "known_after"), "columns known afterwards", *both)


def _data_set(plan: ProposedPlan, data: LiftData | None) -> DataSet:
    own = plan.data[0] if plan.data else DataSet(digest=plan.data_digest)
    if data is None:
        return own
    taken: dict[str, object] = {name: getattr(data, name) for name in _left_out(own)}
    taken["columns"] = {**_inherited_columns(own, data), **own.columns}
    if own.made_by is None and (not own.has_rows or _rows(own) == _rows(data)):
        taken["made_by"] = data.made_by
    return own.model_copy(update=taken)


def _left_out(own: DataSet) -> list[str]:
    """The keys that the plan takes from the assessment as they are there."""
    stated = own.model_fields_set
    replaced = UNITS if stated.intersection(UNITS) else ()
    names = [name for name in DESCRIPTION if name not in {*stated, *replaced}]
    return names if own.has_rows else [*names, *ROWS]


def _inherited_columns(own: DataSet, data: LiftData) -> dict[str, ColumnKind | ColumnFormat]:
    """The declarations that the plan does not make itself; `columns: {}` refuses all of them."""
    if "columns" in own.model_fields_set and not own.columns:
        return {}
    return {name: spec for name, spec in data.columns.items() if name not in own.columns}


def _target(plan: ProposedPlan, data: LiftData | None) -> Target:
    own = plan.target
    column, positive, negative = (own.column, own.positive, own.negative) if own else (None, None, None)
    if data is not None:
        column = data.target if column is None else column
        positive = data.positive if positive is None else positive
        negative = data.negative if _inherits_negative(own, data) else negative
    return Target.model_validate(
        {
            "column": column,
            "positive": 1 if positive is None else positive,
            "negative": negative,
            "made_by": own.made_by if own else AS_ASSESSED,
        }
    )


def _status_quo(plan: ProposedPlan, data: LiftData | None) -> StatusQuo | None:
    own = plan.status_quo
    if own is None or data is None:
        return own or (data.status_quo if data else None)
    if "label" not in own.model_fields_set and _prediction(own) == _prediction(data.status_quo):
        return data.status_quo
    return own


def _rows(place: DataSet | LiftData) -> tuple[str, str, str]:
    """Where the rows come from, without differences of spelling."""
    source = PurePosixPath(place.source).as_posix() if place.source else ""
    return source, _on_one_line(place.query or ""), place.database or ""


def _on_one_line(text: str) -> str:
    """A query or a rule without its line breaks; spaces may be part of a text that it compares."""
    return " ".join(line.strip() for line in text.strip().splitlines())


def _prediction(status_quo: StatusQuo) -> dict[str, object]:
    """What the status quo predicts, without its label and differences of spelling."""
    rule = None if status_quo.rule is None else _on_one_line(status_quo.rule)
    return {**dict(status_quo), "rule": rule, "label": ""}


def _inherits_negative(own: ProposedTarget | None, data: LiftData) -> bool:
    """Whether the negative values are the assessment's: not those of another target or positive value."""
    if own is None:
        return True
    same_positive = own.positive is None or _same_values(own.positive, data.positive)
    return own.negative is None and own.column in (None, data.target) and same_positive


def _same_values(one: TargetValue | list[TargetValue], other: TargetValue | list[TargetValue] | None) -> bool:
    """Whether two descriptions select the same values, in any order."""
    if other is None:
        return False
    values, others = (value if isinstance(value, list) else [value] for value in (one, other))
    return len(values) == len(others) and all(
        any(_same_value(value, another) for another in others) for value in values
    )


def _same_value(one: str | float, other: str | float) -> bool:
    """Whether two spellings select the same value. Texts must be equal; see `iterata.data.columns`."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    return not _meanings(one).isdisjoint(_meanings(other))


def _meanings(value: str | float) -> set[tuple[str, float]]:
    """What a value can be compared as: as a number, or as true and false in the words of YAML."""
    meanings = set()
    if isinstance(value, bool):
        meanings.add(("flag", float(value)))
    elif isinstance(value, str) and value.lower() in YAML_WORDS:
        meanings.add(("flag", float(YAML_WORDS[value.lower()])))
    try:
        meanings.add(("number", float(value)))
    except ValueError:
        return meanings
    return meanings


def _in_words(part: Part | None) -> str:
    """The keys of a block that have values, without names that no figure depends on."""
    if part is None:
        return NONE
    keys = set(ROWS) if isinstance(part, RowSource) else set(type(part).model_fields) - {"label"}
    values = part.model_dump(include=keys, exclude_none=True)
    return ", ".join(
        f"{name} {' '.join(str(value).split())}" if name != "source" else str(value)
        for name, value in values.items()
    )


def _unit_in_words(rows: DataSet | LiftData) -> str:
    return rows.unit_id or (f"blocks of {_in_words(rows.blocks)}" if rows.blocks else "row")


def _spec_in_words(spec: ColumnKind | ColumnFormat) -> str:
    if isinstance(spec, ColumnKind):
        return spec.value
    return json.dumps(spec.model_dump(mode="json", exclude_none=True, exclude_defaults=True)).replace('"', "")
