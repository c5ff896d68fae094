"""What a document says about its rows: the role of each column, the status quo, and the KPI."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from iterata.data.blocks import blocks_in_words
from iterata.data.target_classes import TargetClasses
from iterata.documents.models.enums import OutcomeKind
from iterata.documents.models.kpi import PythonSpec, UpliftSpec, group_of, outcome_of
from iterata.errors import at_field
from iterata.expressions.parse import column_names

if TYPE_CHECKING:
    from iterata.data.sources.table import Table
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.proposal import Plan
    from iterata.documents.models.rows import Blocks, LiftData, StatusQuo, TargetValue, Treated, Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDescription:
    """The role of each column of a table, and what the rows are measured for."""

    target: str
    """The column of the outcomes."""
    positive: TargetValue | list[TargetValue] = 1
    """The target's value or values that count as positive, for binary outcomes."""
    negative: TargetValue | list[TargetValue] | None = None
    """Those that count as negative; None for the one other value."""
    status_quo: StatusQuo
    """The status quo's prediction: a column, a rule, a constant, or the KPI it reaches."""
    kpi: KpiSpec | None = None
    """The KPI to measure; None for binary outcomes without a KPI."""
    unit_id: str | None = None
    """The column of the independent unit; None if each row is one, or if each group of the KPI is one."""
    blocks: Blocks | None = None
    """The blocks of time that are the units instead; None if rows do not depend on those before them."""
    weights: Weights | None = None
    """How much each row counts; None if every row counts for 1."""
    treated: Treated | None = None
    """Who was treated by chance; None if the rows are not a campaign with a control group."""
    also: tuple[str, ...] = ()
    """Further columns to read."""

    @classmethod
    def of_lift(cls, data: LiftData, kpi: KpiSpec, also: tuple[str, ...] = ()) -> RowDescription:
        """The description in an assessment."""
        return cls(
            target=data.target,
            positive=data.positive,
            negative=data.negative,
            status_quo=data.status_quo,
            kpi=kpi,
            unit_id=data.unit_id,
            blocks=data.blocks,
            weights=data.weights,
            treated=data.treated,
            also=also,
        )

    @classmethod
    def of_plan(
        cls, plan: Plan, kpi: KpiSpec, unit_id: str | None, also: tuple[str, ...] = ()
    ) -> RowDescription:
        """The description in a complete plan; `unit_id` is for a plan that names no unit itself."""
        data = plan.data[0]
        return cls(
            target=plan.target.column,
            positive=plan.target.positive,
            negative=plan.target.negative,
            status_quo=plan.status_quo,
            kpi=kpi,
            unit_id=data.unit_id or unit_id,
            blocks=data.blocks,
            weights=data.weights,
            treated=data.treated,
            also=also,
        )

    @property
    def classes(self) -> TargetClasses:
        """Which of the target's values are positive, and which negative."""
        return TargetClasses.of(self.positive, self.negative)

    @property
    def outcome(self) -> OutcomeKind:
        """What the target column must hold."""
        return OutcomeKind.YES_NO if self.kpi is None else outcome_of(self.kpi)

    @property
    def group(self) -> str | None:
        """The column of the groups in which rows are ranked; None if the KPI ranks no groups."""
        return group_of(self.kpi)

    @property
    def unit_column(self) -> str | None:
        """The column of the units for resampling: `unit_id`, else the group's column; None for rows."""
        return self.unit_id or self.group

    @property
    def ids(self) -> frozenset[str]:
        """Columns of ids, which are compared as text."""
        return frozenset(filter(None, (self.unit_column, self.group)))

    @property
    def unit_name(self) -> str:
        """The column of the units, what blocks are, or `row`."""
        if self.unit_column is None and self.blocks is not None:
            return blocks_in_words(self.blocks.column, self.blocks.length)
        return self.unit_column or "row"

    @property
    def base_rate(self) -> float | None:
        """The population's share of positives, if the rows have another one."""
        return self.weights.base_rate if self.weights else None

    def columns(self, table: Table) -> tuple[str, ...]:
        """Every column to read, after checking that the table has those that the document names.

        Raises:
            DataError: the table lacks a column, or has two of its name.
        """
        for key, names in self._columns_by_field().items():
            table.require(names, key, self.status_quo.rule or "" if key == "status_quo.rule" else "")
        return self.named_columns()

    def named_columns(self) -> tuple[str, ...]:
        """The same without a table."""
        return (*chain.from_iterable(self._columns_by_field().values()), *self.also)

    def fields_of(self, *names: str) -> dict[str, list[str]]:
        """Which of some columns each field of the document names."""
        return {
            field: used
            for field, columns in self._columns_by_field().items()
            if (used := [column for column in columns if column in names])
        }

    def _columns_by_field(self) -> dict[str, list[str]]:
        status_quo, weights = self.status_quo, self.weights
        return {
            "target": [self.target],
            "unit_id": [self.unit_column] if self.unit_column else [],
            "blocks.column": [self.blocks.column] if self.blocks else [],
            "weights.column": [weights.column] if weights and weights.column else [],
            "status_quo.column": [status_quo.column] if status_quo.column else [],
            "status_quo.rule": _rule_columns(status_quo),
            "kpi.group": [self.group] if self.group else [],
            **self._treatment_columns(),
            "kpi.columns": self.kpi.columns if isinstance(self.kpi, PythonSpec) else [],
        }

    def _treatment_columns(self) -> dict[str, list[str]]:
        treated, kpi = self.treated, self.kpi
        named = (
            {}
            if treated is None
            else {
                "treated.column": treated.column,
                "treated.probability": treated.probability_column,
                "treated.on": treated.on,
                "treated.outcome_on": treated.outcome_on,
            }
        )
        strata = {"kpi.strata": kpi.strata} if isinstance(kpi, UpliftSpec) else {}
        return {field: [name] for field, name in named.items() if name is not None} | strata


def _rule_columns(status_quo: StatusQuo) -> list[str]:
    return column_names(status_quo.rule, at_field("status_quo.rule")) if status_quo.rule else []
