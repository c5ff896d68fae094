"""KPIs and KPI scales from their descriptions in a document."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter

from iterata.documents.models.kpi import KpiSpec
from iterata.documents.models.period import Period
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats

NAMES = {"name": "money", "unit": "EUR"}


MakeScale = Callable[..., KpiScale]
"""From outcomes, the status quo's scores and the keys of the KPI."""


@pytest.fixture(scope="session")
def make_scale() -> MakeScale:
    """Make the scale of a described KPI over rows; `period_rows` scales it to a period."""

    def make(positive: Bools, status_quo: Floats, period_rows: int | None = None, **keys: Any) -> KpiScale:
        period = Period(name="campaign", rows=period_rows) if period_rows else None
        spec = TypeAdapter(KpiSpec).validate_python({**NAMES, **keys})
        return KpiScale.of(spec, Outcomes.of(positive), status_quo.astype(float), period)

    return make
