"""From an approved plan to the rows, columns, segments and flags it names, each refused where it is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from iterata.data.columns import unit_codes
from iterata.data.description import RowDescription
from iterata.data.read import read_rows
from iterata.data.sources.open import open_table
from iterata.data.sources.table import LoadedTable, Table
from iterata.data.times import times
from iterata.documents.models.kpi import group_of
from iterata.documents.models.plan_names import wrong_names, wrong_primary
from iterata.documents.models.splits import GroupFolds, HoldOut, TimeOrdered
from iterata.documents.models.variants import FileVariant
from iterata.errors import DataError, IterataError, Location, RunError, dotted
from iterata.experiment.analysis import segments
from iterata.experiment.features import feature_columns
from iterata.experiment.folds import check_groups_are_whole, column_of, make_folds, predicted_rows
from iterata.experiment.splitters import SplitInputs
from iterata.expressions import parse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from iterata.arrays import Bools
    from iterata.data.labelled_rows import LabelledRows
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.proposal import Plan
    from iterata.documents.models.splits import Split
    from iterata.experiment.analysis.segments import Segment
    from iterata.experiment.folds import Fold


class EvaluationRows(NamedTuple):
    """The rows that are predicted, on which all models are compared."""

    data: LabelledRows
    segments: list[Segment]
    guardrail_masks: Mapping[str, Bools]
    """For which of these rows the expression of a guardrail holds, by the guardrail's name."""


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """Everything that a plan works on."""

    data: LabelledRows
    """Every row: models learn from these."""
    features: Mapping[str, list[str]]
    """The columns of every feature set that a variant uses."""
    split_inputs: SplitInputs
    folds: list[Fold]
    predicted: Bools | None
    """Which rows are predicted, `(n,)`; None if all of them are."""
    evaluation: EvaluationRows


def prepare(plan: Plan, kpi: KpiSpec, project: Path, root: Path, proposal: str) -> PlanInputs:
    """Read everything that the plan names; `proposal` is its document, for messages.

    Raises:
        DataError: the data are missing, are not those that were approved, or do not hold what the plan says.
        RunError: the plan uses a name that it does not define.
    """
    at_plan = Location(proposal) / "plan"
    _check_names(plan, kpi, at_plan)
    table = _approved_table(plan, project, root)
    features = _feature_sets(plan, kpi, table, at_plan)
    try:
        data = _read(plan, kpi, table, features, at_plan)
    except IterataError as error:
        raise error.within(at_plan) from None
    split_inputs = _split_inputs(plan, data, at_plan)
    folds = _folds(plan, split_inputs, data, at_plan)
    predicted = predicted_rows(folds, data.rows)
    compared = data if predicted is None else _evaluated(data, predicted)
    evaluation = EvaluationRows(
        compared, _segments(plan, compared, at_plan), _guardrail_masks(plan, compared, at_plan)
    )
    return PlanInputs(data, features, split_inputs, folds, predicted, evaluation)


def _folds(plan: Plan, split_inputs: SplitInputs, data: LabelledRows, at_plan: Location) -> list[Fold]:
    try:
        folds = make_folds(plan.split, split_inputs)
        if data.outcomes.group is not None:
            check_groups_are_whole(data.outcomes.group, folds)
    except DataError as error:
        raise error.relocated(at_plan / "split") from None
    return folds


def _evaluated(data: LabelledRows, predicted: Bools) -> LabelledRows:
    """The rows that are predicted."""
    rows = data.among(predicted)
    ranked = rows.outcomes.group is not None
    if (rows.binary and rows.positive.all()) or ((rows.binary or ranked) and not rows.positive.any()):
        remedy = "change the split, so that it predicts rows of both outcomes"
        raise DataError("all predicted rows have the same outcome", remedy=remedy, where=data.source)
    return rows


def _split_columns(split: Split, at_plan: Location) -> dict[str, list[str]]:
    """The columns that a split needs, by the field that names them."""
    if isinstance(split, HoldOut) and split.rows:
        return {"plan.split.rows": parse.columns(split.rows, at_plan / "split" / "rows")}
    column = column_of(split)
    return {"plan.split.column": [column]} if column else {}


def _split_inputs(plan: Plan, data: LabelledRows, at_plan: Location) -> SplitInputs:
    split, table = plan.split, data.table
    inputs = SplitInputs(data.rows, labels=data.positive if data.binary else None, units=data.units)
    match split:
        case TimeOrdered():
            return inputs._replace(times=times(table[split.column], data.source))
        case GroupFolds() if split.column:
            return inputs._replace(column_groups=unit_codes(table[split.column], data.source))
        case HoldOut() if split.rows:
            return inputs._replace(held_out=data.compute(split.rows, at_plan / "split" / "rows") != 0)
    return inputs


def _group_column(split: Split) -> str | None:
    """The column whose rows depend on each other so much that folds keep them together."""
    return split.column if isinstance(split, GroupFolds) else None


def _check_names(plan: Plan, kpi: KpiSpec, at_plan: Location) -> None:
    """Refuse what the rules PLAN001 and PLAN002 find in a document, and a target in the wrong place."""
    for wrong in chain(wrong_names(plan), wrong_primary(plan, kpi.name)):
        where = at_plan._replace(field=wrong.field)
        raise RunError(wrong.message, remedy=wrong.remedy, where=where)
    if plan.status_quo.column == plan.target.column:
        where, remedy = at_plan / "status_quo" / "column", "name what is done before the outcome is known"
        raise RunError(f"{plan.target.column} is what is predicted", remedy=remedy, where=where)


def _approved_table(plan: Plan, project: Path, root: Path) -> Table:
    """The data, if they are those that were approved."""
    (data,) = plan.data
    table = open_table(project, data, root=root)
    rows = table if isinstance(table, LoadedTable) else table.take(table.columns)
    if data.digest is not None and rows.digest() != data.digest:
        again = f"make it again with `{data.made_by}`" if data.made_by else "restore the file"
        message = "is not the file that was approved with the plan"
        if data.query is not None:
            again, message = "restore them", "does not give the rows that were approved with the plan"
        remedy = f"{again}; other data need an amendment of the plan, or a new iteration"
        raise DataError(message, remedy=remedy, where=table.where)
    return rows


def _feature_sets(plan: Plan, kpi: KpiSpec, table: Table, at_plan: Location) -> dict[str, list[str]]:
    """The columns of every feature set that a variant uses."""
    used = [variant.features for variant in plan.variants if not isinstance(variant, FileVariant)]
    split_columns = list(chain.from_iterable(_split_columns(plan.split, at_plan).values()))
    return {
        name: feature_columns(
            plan.features[name],
            table.columns,
            target=plan.target.column,
            never=[*split_columns, *filter(None, [plan.data[0].unit_id, group_of(kpi)])],
            where=at_plan / "features" / name,
        )
        for name in dict.fromkeys(used)
    }


def _read(
    plan: Plan, kpi: KpiSpec, table: Table, sets: Mapping[str, list[str]], at_plan: Location
) -> LabelledRows:
    """The rows, with every column the plan uses."""
    named = {"plan.segments": plan.segments, **_split_columns(plan.split, at_plan)}
    for number, variant in enumerate(plan.variants):
        if isinstance(variant, FileVariant) and variant.key:
            named[f"plan.variants[{number}].key"] = [variant.key]
    for field, names in named.items():
        table.require(names, field)
    guarded: list[str] = []
    for number, guardrail in enumerate(plan.metrics.guardrail):
        if guardrail.share_of is not None:
            where = at_plan / "metrics" / "guardrail" / number / "share_of"
            asked = parse.columns(guardrail.share_of, where)
            table.require(asked, dotted(where.field))
            guarded += asked
    used = [*chain(*named.values()), *guarded, *(name for each in sets.values() for name in each)]
    description = RowDescription(
        target=plan.target.column,
        positive=plan.target.positive,
        status_quo=plan.status_quo,
        kpi=kpi,
        unit_id=plan.data[0].unit_id or _group_column(plan.split),
        also=tuple(used),
    )
    return read_rows(table, description)


def _segments(plan: Plan, frame: LabelledRows, at_plan: Location) -> list[Segment]:
    if plan.target.column in plan.segments:
        where = at_plan / "segments" / plan.segments.index(plan.target.column)
        remedy = "name columns that are known before the outcome is"
        raise RunError(f"{plan.target.column} is what is predicted", remedy=remedy, where=where)
    return [
        segment
        for number, name in enumerate(plan.segments)
        for segment in segments.find(name, frame.table[name], at_plan / "segments" / number)
    ]


def _guardrail_masks(plan: Plan, frame: LabelledRows, at_plan: Location) -> dict[str, Bools]:
    """For which rows the expression of a guardrail holds, by the guardrail's name."""
    return {
        guardrail.name: frame.compute(
            guardrail.share_of, at_plan / "metrics" / "guardrail" / number / "share_of"
        )
        != 0
        for number, guardrail in enumerate(plan.metrics.guardrail)
        if guardrail.share_of is not None
    }
