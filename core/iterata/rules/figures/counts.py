"""RES022: counts of rows, units, positives and folds agree with each other and with the plan's split."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from iterata.documents.models.splits import GroupFolds, HoldOut, StratifiedFolds
from iterata.rules.figures.fault import Fault, unequal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.splits import Split
    from iterata.errors import FieldPath
    from iterata.results import ExperimentResult, Sample, SampleResult, VariantResult

CODE = "RES022"


def sample_faults(result: SampleResult) -> Iterator[Fault]:
    """More units or positives than rows, or units where rows are resampled."""
    sample = result.sample
    if sample is None:
        return
    if sample.rows < 1:
        yield Fault(CODE, ("sample", "rows"), f"is {sample.rows}, but figures need rows")
    for name, count in (("units", sample.units), ("positives", sample.positives)):
        if count is not None and not 0 <= count <= sample.rows:
            yield Fault(CODE, ("sample", name), f"is {count:,}, but there are {sample.rows:,} rows")
    if result.interval.unit == "row":
        why = "each row is a unit, so that there are as many as rows:"
        yield from unequal(CODE, ("sample", "units"), sample.units, sample.rows, why)
    if not result.kpi.period:
        yield from _period_rows(result, sample)
    if result.kpi.budget is not None and not 0 < result.kpi.budget <= 1:
        message = f"is {result.kpi.budget:.7g}, but it is a share of the rows, above 0 and up to 1"
        yield Fault(CODE, ("kpi", "budget"), message)


def _period_rows(result: SampleResult, sample: Sample) -> Iterator[Fault]:
    why = "without a period, figures are for the rows of the sample:"
    yield from unequal(CODE, ("kpi", "period_rows"), result.kpi.period_rows, sample.rows, why)


def segment_faults(result: ExperimentResult) -> Iterator[Fault]:
    """Segments of a column that together have other rows or positives than the sample."""
    numbered = list(enumerate(result.segments))
    for column, group in groupby(numbered, key=lambda entry: entry[1].column):
        segments = list(group)
        place: FieldPath = ("segments", segments[0][0])
        values = [segment.value for _, segment in segments]
        if len(set(values)) < len(values):
            yield Fault(CODE, (*place, "value"), f"a value of {column} has two segments")
        rows = sum(segment.rows for _, segment in segments)
        whole = f"the segments of {column} have together {rows:,} rows, but the sample has"
        if rows != result.sample.rows:
            yield Fault(CODE, (*place, "rows"), f"{whole} {result.sample.rows:,}")
        for number, segment in segments:
            if segment.positives is not None and not 0 <= segment.positives <= segment.rows:
                message = f"is {segment.positives:,}, but the segment has {segment.rows:,} rows"
                yield Fault(CODE, ("segments", number, "positives"), message)
        yield from _positives(result, [segment.positives for _, segment in segments], place)


def _positives(result: ExperimentResult, counts: list[int | None], place: FieldPath) -> Iterator[Fault]:
    total = None if None in counts else sum(count for count in counts if count is not None)
    why = "all segments together have the positives of the sample:"
    yield from unequal(CODE, (*place, "positives"), total, result.sample.positives, why)


def number_of_fits(split: Split) -> int:
    """How many times a variant is fitted."""
    match split:
        case StratifiedFolds() | GroupFolds():
            return split.folds * split.repeats
        case HoldOut():
            return 1
        case _:
            return split.folds


def fold_faults(result: ExperimentResult, split: Split) -> Iterator[Fault]:
    """More fits than the split has folds, or tuned parameters of another number of fits."""
    fits = number_of_fits(split)
    for number, variant in enumerate(result.variants):
        place: FieldPath = ("variants", number)
        if variant.tuned and len(variant.tuned) != fits:
            message = f"has {len(variant.tuned)} entries, but the split has {fits} fits"
            yield Fault(CODE, (*place, "tuned"), message)
        for warning, count in variant.warnings.items():
            if not 1 <= count <= fits:
                message = f"is {count}, but the split has {fits} fits"
                yield Fault(CODE, (*place, "warnings", warning), message)
        yield from _learner(variant, split, fits, place)


def _learner(variant: VariantResult, split: Split, fits: int, place: FieldPath) -> Iterator[Fault]:
    if variant.learner is None:
        return
    if not isinstance(split, StratifiedFolds | GroupFolds):
        yield Fault(CODE, (*place, "learner"), "is of random folds, but the split has none")
    elif not 1 <= variant.learner.folds <= fits:
        message = f"is {variant.learner.folds}, but the split has {fits}"
        yield Fault(CODE, (*place, "learner", "folds"), message)
