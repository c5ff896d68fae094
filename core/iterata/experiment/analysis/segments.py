"""The KPI within the parts of the population that a plan names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.data.target import has_two_classes
from iterata.documents.models.enums import STATUS_QUO
from iterata.documents.models.kpi import UpliftSpec, outcome_of
from iterata.errors import DataError
from iterata.experiment.analysis.evidence import SegmentKey, by_model
from iterata.measure.multiplicity import false_discovery
from iterata.measure.uplift.arm_sums import assignment_of
from iterata.results import Estimate, SegmentResult, SegmentVariant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from iterata.arrays import Bools
    from iterata.experiment.analysis.evidence import Evidence, Figure, Predictions
    from iterata.experiment.analysis.verdict import Claim
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.measures import Measure

MAX_VALUES = 20
"""How many values the column of a segment may have; few readers finish a longer table."""

MISSING = "(missing)"


class Segment(NamedTuple):
    """The rows with one value of a column."""

    key: SegmentKey
    rows: Bools
    """`(n,)`, whether a row belongs to the segment."""


class TooManySegments(DataError):
    """A column has more values than a table of segments can show."""

    def __init__(self, column: str, count: int) -> None:
        super().__init__(
            f"{column} has {count} values, and segments may have at most {MAX_VALUES}",
            remedy="add a column with few groups to the data, and name that one",
        )


def segments_of(column: str, values: pd.Series) -> list[Segment]:
    """The segments of a column, in the order of its values; rows without a value come last.

    Raises:
        TooManySegments: the column has more than `MAX_VALUES` values.
    """
    distinct = sorted(values.dropna().unique().tolist(), key=lambda value: (isinstance(value, str), value))
    if len(distinct) > MAX_VALUES:
        raise TooManySegments(column, len(distinct))
    segments = [
        Segment(SegmentKey(column, _label(value)), (values == value).to_numpy(bool)) for value in distinct
    ]
    missing = values.isna().to_numpy(bool)
    return [*segments, Segment(SegmentKey(column, MISSING), missing)] if missing.any() else segments


def measure_segment(segment: Segment, predictions: Predictions, kpi_scale: KpiScale) -> dict[str, Measure]:
    """The KPI of every model on the segment's rows, as if they were all rows."""
    rows, part = segment.rows, kpi_scale.among(segment.rows)

    return by_model(predictions, lambda column: part.predictions(column.among(rows)).among(rows))


def result(
    segment: Segment, claims: Mapping[str, Claim], kpi_scale: KpiScale, evidence: Evidence
) -> SegmentResult:
    """The figures of a segment.

    Args:
        segment: its rows.
        claims: what its rows say about the gain of each variant.
        kpi_scale: of all rows.
        evidence: the figures.
    """
    status_quo = evidence.segment(segment.key, STATUS_QUO)
    figures = {name: evidence.segment(segment.key, name) for name in claims}
    outcomes = kpi_scale.outcomes
    binary = has_two_classes(outcome_of(kpi_scale.spec), outcomes.target)
    return SegmentResult(
        column=segment.key.column,
        value=segment.key.value,
        rows=int(segment.rows.sum()),
        positives=int(np.sum(outcomes.positive & segment.rows)) if binary else None,
        treated=_treated(segment, kpi_scale),
        status_quo=status_quo.estimate_if_defined(),
        variants=[
            SegmentVariant(
                name=name,
                kpi=figure.estimate_if_defined(),
                difference=_difference(figure.minus(status_quo, kpi_scale.sign), claims[name]),
                p=claims[name].p,
            )
            for name, figure in figures.items()
        ],
    )


def _treated(segment: Segment, kpi_scale: KpiScale) -> int | None:
    if not isinstance(kpi_scale.spec, UpliftSpec):
        return None
    return int(np.sum(assignment_of(kpi_scale.outcomes).treated & segment.rows))


def _difference(gain: Figure, claim: Claim) -> Estimate | None:
    """The gain, without an interval if the segment has too few rows for one."""
    return Estimate(value=gain.value) if claim.needed and gain.is_defined else gain.estimate_if_defined()


def adjusted(segments: Sequence[SegmentResult]) -> list[SegmentResult]:
    """The same segments with p adjusted for all of them and all variants, by the false discovery rate."""
    p = iter(false_discovery([variant.p for segment in segments for variant in segment.variants]))
    return [
        segment.model_copy(
            update={"variants": [_with_adjusted(variant, next(p)) for variant in segment.variants]}
        )
        for segment in segments
    ]


def _with_adjusted(variant: SegmentVariant, p: float | None) -> SegmentVariant:
    """The same figures with the adjusted p; a new object, because a copy would not be rounded."""
    return SegmentVariant(
        name=variant.name, kpi=variant.kpi, difference=variant.difference, p=variant.p, p_adjusted=p
    )


def _label(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
