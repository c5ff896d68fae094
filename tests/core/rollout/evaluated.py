"""Releases of a few counts, evaluated."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from iterata.documents.models.deployment import Deployment
from iterata.documents.models.proposal import Metrics
from iterata.measure.release.moments import Moments
from iterata.results.parts import Provenance
from iterata.rollout.cells import Arm, Cell, MetricColumns, ReleaseData
from iterata.rollout.evaluate import Release, evaluate
from iterata.rollout.scale import Expectations
from iterata.stages import Stage, Status

from ...helpers import samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.results import RolloutResult
    from iterata.results.parts import Estimate

Counts = tuple[int, int]
"""Yes and no."""

SHARES = (0.1, 0.25, 0.5)
SIMPSON = (((20, 980), (180, 8820)), ((100, 2400), (300, 7200)), ((300, 4700), (300, 4700)))
STRATA = (((28, 972), (180, 8820)), ((115, 2385), (300, 7200)), ((330, 4670), (290, 4710)))
START = date(2026, 4, 1)
TODAY = date(2026, 6, 1)


def moments(counts: Counts) -> Moments:
    """Units that buy or do not, and nobody calls."""
    yes, no = counts
    units, share = yes + no, yes / (yes + no)
    products = np.zeros((2, 2))
    products[0, 0] = units * share * (1 - share)
    return Moments(units, np.array([share, 0.0]), products)


def data(tables: Sequence[tuple[Counts, Counts]], shares: Sequence[float] = SHARES) -> ReleaseData:
    """The units of each phase on the fourteen days of it; treated units first in each table."""
    cells = {}
    for at, (share, (treated, control)) in enumerate(zip(shares, tables, strict=True)):
        first = START + timedelta(days=14 * at)
        for day in (first, first + timedelta(days=13)):
            for arm, counts in ((Arm.TREATMENT, treated), (Arm.CONTROL, control)):
                whole = moments(counts)
                half = Moments(whole.n_obs // 2, whole.mean, whole.products / 2)
                cells[Cell(share, day, arm)] = half
    return ReleaseData(("sold", "called"), {"sales": MetricColumns(0), "calls": MetricColumns(1)}, cells)


def deployment(shares: Sequence[float] = (*SHARES, 1.0), **keys: Any) -> Deployment:
    phases = [
        {"share": share, "hold": {"days": 14}, "started": START + timedelta(days=14 * at)}
        for at, share in enumerate(shares)
    ]
    spec = {
        "source": "ab.csv",
        "arm": {"column": "arm", "control": "old", "treatment": "new"},
        "date": "day",
        "metrics": {"sales": {"of": "sold", "margin": 0.01}},
    }
    document = samples.data(Stage.DEPLOYMENT, Status.ROLLING_OUT)
    return Deployment.model_validate(document | {"phases": phases, "split_test": spec} | keys)


def result(
    units: ReleaseData,
    share: float = 0.5,
    today: date = TODAY,
    metrics: dict[str, Any] | None = None,
    earlier: RolloutResult | None = None,
    **keys: Any,
) -> RolloutResult:
    origin = Provenance(commit=None, dirty=False, data={}, packages={}, python="3.11")
    proposed = Metrics.model_validate(metrics or {"primary": "sales"})
    release = Release(deployment(**keys), units, share, today, earlier)
    return evaluate(release, proposed, Expectations(None, None, "logistic"), origin)


def half_width(estimate: Estimate | None) -> float:
    assert estimate is not None
    assert estimate.interval is not None
    low, high = estimate.interval
    return (high - low) / 2


UNDECIDED = [*STRATA[:2], ((300, 4700), (280, 4720))]
"""The last look shows no gain: z is 1.84."""

LONGER = [*STRATA[:2], ((1800, 28_200), (1680, 28_320))]
"""Six times the units in the last phase, with the same shares: z is 2.58."""


def with_everybody(treated: Counts, control: Counts | None = None) -> ReleaseData:
    """The phases with control groups, and a last one without one, or with a holdout."""
    units = data((*STRATA, (treated, control or (0, 2))), (*SHARES, 1.0))
    cells = {
        cell: arm
        for cell, arm in units.cells.items()
        if control is not None or cell[::2] != (1.0, Arm.CONTROL)
    }
    return ReleaseData(units.quantities, units.metrics, cells)
