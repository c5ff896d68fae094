"""From a plan to the rows, columns, folds, segments and guardrails that it names."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.data.blocks import block_numbers, blocks_in_words, consecutive_blocks, consecutive_in_words
from iterata.data.columns import unit_codes
from iterata.data.description import RowDescription
from iterata.data.read import read_rows
from iterata.data.sources.open import open_table
from iterata.data.sources.table import LoadedTable, Table
from iterata.data.times import times
from iterata.documents.models.enums import STATUS_QUO
from iterata.documents.models.kpi import group_of
from iterata.documents.models.plan_names import (
    wrong_answers,
    wrong_names,
    wrong_primary,
    wrong_stops,
    wrong_uplift,
)
from iterata.documents.models.splits import GroupFolds, HoldOut, TimeOrdered, column_of
from iterata.documents.models.variants import FileVariant
from iterata.errors import DataError, IterataError, Location, RunError, at_field
from iterata.execution.steps import logged_step
from iterata.experiment.analysis.answer_shares import ANSWER, answer_masks, watches_answers
from iterata.experiment.analysis.segments import segments_of
from iterata.experiment.feature_sets import feature_sets, text_columns, usable_features
from iterata.experiment.folds import check_groups_are_whole, make_folds, not_learned, predicted_rows
from iterata.experiment.splitters import SplitInputs
from iterata.expressions.parse import column_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from iterata.arrays import Bools, Codes
    from iterata.data.labelled_rows import LabelledRows
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.proposal import Plan
    from iterata.documents.models.splits import Split
    from iterata.experiment.analysis.segments import Segment
    from iterata.experiment.folds import ClassNotLearned, Fold

LOGGER = logging.getLogger(__name__)


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
    left_out: Mapping[str, str]
    """The columns that patterns match and that are no features, with the reason."""
    texts: frozenset[str]
    """The columns among the features that are text."""
    split_inputs: SplitInputs
    folds: list[Fold]
    predicted: Bools | None
    """Which rows are predicted, `(n,)`; None if all of them are."""
    evaluation: EvaluationRows


class TargetIsNotKnown(RunError):
    """The plan uses the target where a column is needed that is known before the outcome."""

    def __init__(self, target: str, field: str) -> None:
        super().__init__(
            f"{target} is the target, which is not known at prediction time",
            remedy="name a column that is known before the outcome",
            where=at_field(field),
        )


def plan_location(proposal: str) -> Location:
    """The location of the plan in its document, which fields of the plan are relative to."""
    return Location(proposal, field=("plan",))


def prepare(plan: Plan, kpi: KpiSpec, project: Path, root: Path, proposal: str) -> PlanInputs:
    """Read everything that the plan names.

    Args:
        plan: the plan.
        kpi: the KPI of the assessment.
        project: the folder that the data's path starts from.
        root: the repository.
        proposal: the document of the plan, relative to the repository; for the location of errors.

    Raises:
        DataError: the data are missing, are not those that were approved, or do not hold what the plan says.
        RunError: the plan uses a name that it does not define.
    """
    try:
        return _prepare(plan, kpi, project, root)
    except IterataError as error:
        raise error.within(plan_location(proposal)) from None


def _prepare(plan: Plan, kpi: KpiSpec, project: Path, root: Path) -> PlanInputs:
    """See `prepare`. The fields of errors are relative to the plan."""
    _check_names(plan, kpi)
    with logged_step(LOGGER, "reading the digest of the data"):
        table = _approved_table(plan, project, root)
    by_name = feature_sets(plan, table, _never_features(plan, kpi))
    with logged_step(LOGGER, "reading the data"):
        data = _read(plan, kpi, table, {name: features.columns for name, features in by_name.items()})
    by_name = usable_features(plan, by_name, data.table)
    split_inputs = _split_inputs(plan.split, data)
    folds = _folds(plan.split, split_inputs, data)
    predicted = predicted_rows(folds, data.rows)
    evaluated = data if predicted is None else _evaluated(data, predicted)
    if isinstance(plan.split, TimeOrdered):
        evaluated = _in_windows(plan.split, evaluated, folds, split_inputs)
    masks = {} if watches_answers(kpi) else _guardrail_masks(plan, evaluated)
    if watches_answers(kpi):
        answer_masks(plan, kpi, evaluated, {STATUS_QUO: [evaluated.status_quo_column]})
    evaluation = EvaluationRows(evaluated, _segments(plan, evaluated), masks)
    features = {name: features.columns for name, features in by_name.items()}
    left_out = {column: why for features in by_name.values() for column, why in features.left_out.items()}
    texts = text_columns(plan, by_name, data.table)
    return PlanInputs(data, features, left_out, texts, split_inputs, folds, predicted, evaluation)


def _check_names(plan: Plan, kpi: KpiSpec) -> None:
    """Refuse what PLAN001, PLAN002 and PLAN006 find in a document, and a target in the wrong place."""
    of_kpi = wrong_primary(plan, kpi.name), wrong_stops(plan, kpi), wrong_uplift(plan, kpi)
    for wrong in chain(wrong_names(plan), *of_kpi, wrong_answers(plan, kpi)):
        raise RunError(wrong.message, remedy=wrong.remedy, where=Location(field=wrong.field[1:]))
    target = plan.target.column
    if plan.status_quo.column == target:
        raise TargetIsNotKnown(target, "status_quo.column")
    if target in plan.segments:
        raise TargetIsNotKnown(target, f"segments[{plan.segments.index(target)}]")


def _approved_table(plan: Plan, project: Path, root: Path) -> Table:
    """The data, if they are those that were approved."""
    (data,) = plan.data
    table = open_table(project, data, root=root)
    rows = table if isinstance(table, LoadedTable) else table.take(table.columns)
    if data.digest is not None and rows.digest() != data.digest:
        restore = f"make it again with `{data.made_by}`" if data.made_by else "restore the file"
        message = "is not the file that was approved with the plan"
        if data.query is not None:
            restore, message = "restore them", "does not give the rows that were approved with the plan"
        remedy = f"{restore}; other data need an amendment of the plan, or a new iteration"
        raise DataError(message, remedy=remedy, where=table.where)
    return rows


def _never_features(plan: Plan, kpi: KpiSpec) -> dict[str, str]:
    """Columns that describe rows rather than what is known about them, with the reason."""
    (data,) = plan.data
    weights = data.weights.column if data.weights else None
    roles = (
        (data.unit_id, "the unit"),
        (group_of(kpi), "the group of rows"),
        (weights, "the weight of rows"),
    )
    split = dict.fromkeys(chain.from_iterable(_split_columns(plan.split).values()), "divides the rows")
    treated = data.treated.columns if data.treated else ()
    split |= dict.fromkeys(treated, "who was treated, and when")
    return split | {column: reason for column, reason in roles if column is not None}


def _read(plan: Plan, kpi: KpiSpec, table: Table, features: Mapping[str, list[str]]) -> LabelledRows:
    """The rows, with every column that the plan uses."""
    columns = _columns_by_field(plan, kpi)
    expressions = dict(_share_expressions(plan))
    if isinstance(plan.split, HoldOut) and plan.split.rows:
        expressions["split.rows"] = plan.split.rows
    for field, names in columns.items():
        table.require(names, f"plan.{field}", expressions.get(field, ""))
    also = tuple(chain(*columns.values(), *features.values()))
    description = RowDescription.of_plan(plan, kpi, _group_column(plan.split), also)
    return read_rows(table.with_ids(_key_columns(plan)), description)


def _columns_by_field(plan: Plan, kpi: KpiSpec) -> dict[str, list[str]]:
    """The columns that the plan uses besides features, by the field that names them."""
    keys = {
        f"variants[{number}].key": [variant.key]
        for number, variant in enumerate(plan.variants)
        if isinstance(variant, FileVariant) and variant.key
    }
    shares = {
        field: column_names(expression, at_field(field)) for field, expression in _share_expressions(plan)
    }
    if watches_answers(kpi):
        shares = {field: [name for name in names if name != ANSWER] for field, names in shares.items()}
    return {"segments": plan.segments, **_split_columns(plan.split), **keys, **shares}


def _key_columns(plan: Plan) -> Iterator[str]:
    """The columns that identify rows, or the groups of folds."""
    if group := _group_column(plan.split):
        yield group
    for variant in plan.variants:
        if isinstance(variant, FileVariant) and variant.key:
            yield variant.key


def _share_expressions(plan: Plan) -> list[tuple[str, str]]:
    """The field and the expression of every guardrail that watches a share."""
    return [
        (f"metrics.guardrail[{number}].share_of", guardrail.share_of)
        for number, guardrail in enumerate(plan.metrics.guardrail)
        if guardrail.share_of is not None
    ]


def _split_columns(split: Split) -> dict[str, list[str]]:
    """The columns that a split needs, by the field that names them."""
    if isinstance(split, HoldOut) and split.rows:
        return {"split.rows": column_names(split.rows, at_field("split.rows"))}
    column = column_of(split)
    return {"split.column": [column]} if column else {}


def _group_column(split: Split) -> str | None:
    """The column whose rows depend on each other so much that folds keep them together."""
    return split.column if isinstance(split, GroupFolds) else None


def _split_inputs(split: Split, data: LabelledRows) -> SplitInputs:
    outcomes, assignment = data.outcomes, data.outcomes.assignment
    labels: Bools | Codes | None = data.positive if data.binary else None
    if outcomes.classes is not None:
        labels = outcomes.target.astype(np.intp)
    inputs = SplitInputs(
        data.rows,
        labels=labels,
        units=data.units,
        treated=None if assignment is None else assignment.treated,
        classes=outcomes.classes,
    )
    match split:
        case TimeOrdered():
            return inputs._replace(times=times(data.table[split.column], data.source))
        case GroupFolds() if split.column:
            return inputs._replace(column_groups=unit_codes(data.table[split.column], data.source))
        case HoldOut() if split.rows:
            return inputs._replace(held_out=data.compute(split.rows, at_field("split.rows")) != 0)
    return inputs


def _folds(split: Split, split_inputs: SplitInputs, data: LabelledRows) -> list[Fold]:
    try:
        folds = make_folds(split, split_inputs)
        if data.outcomes.group is not None:
            check_groups_are_whole(data.outcomes.group, folds)
    except DataError as error:
        raise error.at(field=("split",)) from None
    for missing in _first_of_each_class(folds, split_inputs, split):
        LOGGER.warning("%s", missing)
    return folds


def _first_of_each_class(folds: list[Fold], inputs: SplitInputs, split: Split) -> Iterable[ClassNotLearned]:
    """The first fold that cannot learn a class, for each such class."""
    first: dict[str, ClassNotLearned] = {}
    for fold in folds:
        for missing in not_learned(fold, inputs, split):
            first.setdefault(missing.name, missing)
    return first.values()


def _evaluated(data: LabelledRows, predicted: Bools) -> LabelledRows:
    """The rows that are predicted."""
    rows = data.sample_of(predicted)
    ranked = rows.outcomes.group is not None
    if (rows.binary and rows.positive.all()) or ((rows.binary or ranked) and not rows.positive.any()):
        remedy = "change the split, so that it predicts rows of both outcomes"
        raise DataError("all predicted rows have the same outcome", remedy=remedy, where=data.source)
    return rows


def _in_windows(
    split: TimeOrdered, evaluated: LabelledRows, folds: list[Fold], split_inputs: SplitInputs
) -> LabelledRows:
    """The predicted rows with the window of each, and with blocks of time as units if they have no others."""
    window = np.concatenate([np.full(len(fold.test), fold.number) for fold in folds])
    order = np.argsort(np.concatenate([fold.test for fold in folds]))
    if len(folds) > 1:
        evaluated = replace(evaluated, outcomes=replace(evaluated.outcomes, window=window[order]))
    if split.block is not None:
        numbers = block_numbers(evaluated.table[split.column], split.block, evaluated.source)
        units = np.unique(numbers, return_inverse=True)[1]
        return replace(evaluated, units=units, unit_name=blocks_in_words(split.column, split.block))
    if evaluated.units is not None or split_inputs.times is None:
        return evaluated
    predicted = np.sort(np.concatenate([fold.test for fold in folds]))
    units, size = consecutive_blocks(split_inputs.times[predicted])
    return replace(evaluated, units=units, unit_name=consecutive_in_words(split.column, size))


def _segments(plan: Plan, data: LabelledRows) -> list[Segment]:
    segments = []
    for number, column in enumerate(plan.segments):
        try:
            segments += segments_of(column, data.table[column])
        except DataError as error:
            raise error.at(field=("segments", number)) from None
    return segments


def _guardrail_masks(plan: Plan, data: LabelledRows) -> dict[str, Bools]:
    """For which rows the expression of a guardrail holds, by the guardrail's name."""
    names = [guardrail.name for guardrail in plan.metrics.guardrail if guardrail.share_of is not None]
    return {
        name: data.compute(expression, at_field(field)) != 0
        for name, (field, expression) in zip(names, _share_expressions(plan), strict=True)
    }
