"""KPIs and rulers as a document would describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from iterata.documents.models.kpi import KpiSpec
from iterata.documents.models.period import Period
from iterata.measure.kpi import from_spec
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.arrays import Bools, Floats
    from iterata.measure.kpi import Kpi

NAMES = {"name": "money", "unit": "EUR"}


def _spec(**described: Any) -> KpiSpec:
    return TypeAdapter(KpiSpec).validate_python({**NAMES, **described})


@pytest.fixture(scope="session")
def kpi() -> Callable[..., Kpi]:
    """The KPI a document describes, for a number of rows."""
    return lambda rows, **described: from_spec(_spec(**described), rows)


@pytest.fixture(scope="session")
def kpi_scale() -> Callable[..., KpiScale]:
    """A ruler over rows; `period_rows` scales it."""

    def make(
        positive: Bools, status_quo: Floats, period_rows: int | None = None, **described: Any
    ) -> KpiScale:
        period = Period(name="campaign", rows=period_rows) if period_rows else None
        return KpiScale.of(_spec(**described), Outcomes.of(positive), status_quo.astype(float), period)

    return make


@pytest.fixture(scope="session")
def sample() -> Callable[[int], Floats]:
    """The weights of the sample itself."""
    return lambda rows: np.ones((1, rows))
