"""What is read of a split test: its columns, its quantities, its arms and its phases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from iterata.errors import DataError, Location
from iterata.rollout.reading.phase_days import only_phase, phase_days
from iterata.rollout.reading.quantities import Quantities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.data.sources.table import Table
    from iterata.documents.models.deployment import Deployment, Phase
    from iterata.documents.models.split_test import SplitTestSpec
    from iterata.rollout.reading.phase_days import PhaseDays

MAX_DAYS_AHEAD = 1
"""How many days a row may be in the future: its clock may be in another time zone."""


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """How the rows of a split test become sums."""

    spec: SplitTestSpec
    quantities: Quantities
    phases: Sequence[Phase]
    begun: Sequence[PhaseDays]
    """The phases that have begun; empty if rows have no date."""
    only: float | None
    """The share of the phase of all rows, if they have neither a date nor a phase."""
    today: date
    until: date | None = None
    """Rows after this day are left out, as if the data had not grown since; None for all rows."""

    @classmethod
    def of(cls, deployment: Deployment, today: date, until: date | None = None) -> ReadingPlan:
        """The plan of a deployment that describes its split test.

        Raises:
            DataError: it does not, an expression is not allowed, or its phases are out of order.
        """
        spec = deployment.split_test
        if spec is None:
            remedy = "add `split_test:` with the rows of the split test, and the metrics that they measure"
            raise DataError("the deployment does not describe its split test", remedy=remedy)
        begun = phase_days(deployment.phases)
        if spec.date is not None and not begun:
            message = "no phase has begun, so that no row belongs to one"
            remedy = "begin the first by the command that `iterata status` names, or write its `started:`"
            raise DataError(message, remedy=remedy, where=Location(field=("phases", 0)))
        has_phases = spec.date is not None or spec.phase is not None
        only = None if has_phases else only_phase(deployment).share
        last = until if spec.date is not None else None
        return cls(spec, Quantities.of(spec), deployment.phases, begun, only, today, last)

    @property
    def needs_control(self) -> bool:
        """Whether a phase has a control group, so that both arms must have rows."""
        if self.only is not None:
            return self.only < 1
        return any(phase.share < 1 for phase in self.phases if phase.started or self.spec.phase)

    @property
    def first_day_ahead(self) -> date:
        """The first day that counts as future: clocks in other time zones are up to a day ahead."""
        return self.today + timedelta(days=MAX_DAYS_AHEAD + 1)

    @property
    def first_day_left_out(self) -> date | None:
        """The day after `until`."""
        return None if self.until is None else self.until + timedelta(days=1)

    @property
    def keys(self) -> list[str]:
        """The columns that tell a row's arm, unit, time and phase."""
        spec = self.spec
        named = (spec.arm.column, spec.unit_id, spec.date, spec.phase)
        return list(dict.fromkeys(name for name in named if name is not None))

    @property
    def columns(self) -> list[str]:
        """All columns that are read."""
        return list(dict.fromkeys([*self.keys, *self.quantities.columns]))

    def require_columns(self, table: Table) -> None:
        """Make sure that the table has all columns.

        Raises:
            DataError: one is missing, or there are two of its name; located at what names it.
        """
        spec = self.spec
        table.require([spec.arm.column], "split_test.arm.column")
        for key in ("unit_id", "date", "phase", "units"):
            if name := getattr(spec, key):
                table.require([name], f"split_test.{key}")
        for quantity in self.quantities.items:
            table.require(quantity.columns, quantity.field, quantity.expression)
