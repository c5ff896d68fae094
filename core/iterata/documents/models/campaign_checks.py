"""Checks that a KPI of treatment effects and the description of a campaign fit each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.kpi import UpliftSpec
from iterata.documents.models.rows import UnfitForTarget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.rows import LiftData

_EXAMPLE = "`treated: {column: COLUMN, value: 1, probability: 0.5}`"


def wrong_campaign(kpi: KpiSpec, data: LiftData) -> Iterator[UnfitForTarget]:
    """What the description of the rows lacks, or says otherwise than a campaign can; keys below `data`."""
    treated = data.treated
    if treated is not None and treated.column == data.target:
        message = "is the target, too: an outcome is not its own cause; name the column of the assignment"
        yield UnfitForTarget(("treated", "column"), message)
    if not isinstance(kpi, UpliftSpec):
        return
    if treated is None:
        message = f"a KPI of kind uplift needs to know who was treated by chance: add {_EXAMPLE}"
        yield UnfitForTarget((), message)
        return
    if data.weights is not None and data.weights.base_rate is not None:
        message = "cannot be kept in both arms, because the treatment changes it; remove it"
        yield UnfitForTarget(("weights", "base_rate"), message)
    column = data.status_quo.column
    if column is not None and column in _known_after(data):
        message = "is known only with or after the treatment: name scores or decisions from before it"
        yield UnfitForTarget(("status_quo", "column"), message)


def wrong_strata(kpi: KpiSpec, data: LiftData) -> Iterator[UnfitForTarget]:
    """Strata that are not known before the treatment; keys below `kpi`."""
    if not isinstance(kpi, UpliftSpec):
        return
    for number, name in enumerate(kpi.strata):
        if name in _known_after(data):
            message = f"{name} is known only with or after the treatment: name columns from before it"
            yield UnfitForTarget(("strata", number), message)


def _known_after(data: LiftData) -> frozenset[str]:
    treated = data.treated.columns if data.treated else ()
    return data.known_afterwards | {data.target, *treated}
