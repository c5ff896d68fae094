"""The one statement by which an engine sums up the rows of a split test."""

# ruff: noqa: S608  # all names and texts in the statement are quoted

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from iterata.expressions.sql import (
    INFINITY,
    NUMBER,
    NotTranslated,
    SqlColumn,
    number_literal,
    quoted_name,
    quoted_text,
    to_sql,
)
from iterata.rollout.reading.engines.column_kinds import is_exact_id, kind_of_type
from iterata.rollout.reading.engines.engine import DUCKDB, POSTGRESQL
from iterata.rollout.reading.faults import LARGEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iterata.rollout.reading.engines.engine import Engine
    from iterata.rollout.reading.plan import ReadingPlan

MOST_VALUES = 200
"""How many values of the arm's column, and of the phase's, are counted."""

ROWS, SHARES, UNITS = "rows", "shares", "units"
"""What a row of the result is: rows by the value of the arm, rows by their share, or units by group."""

NO_ARM = 2


@dataclass(frozen=True, slots=True)
class Statement:
    """The parts of the statement.

    Raises:
        NotTranslated: a column has a type, or an expression an operation, that is left to this process.
    """

    engine: Engine
    plan: ReadingPlan
    types: Mapping[str, str]
    arms: Sequence[tuple[str, int]]
    """The values of the arm's column as text, or as the text of a number, with their arms' positions."""
    precise: bool = False
    """Whether deviations are taken from the mean of each group: slower, and as exact as can be."""

    def sql(self) -> str:
        """The statement."""
        parts = [self._rows_by_arm(), self._units_by_group()]
        if self.plan.spec.phase:
            parts.insert(1, self._rows_by_share())
        units, origin = f"({self._units()})", f"origin AS MATERIALIZED ({self._origin()})"
        both = f"{origin}, units AS NOT MATERIALIZED {units}"
        if self.precise:
            both = f"units AS MATERIALIZED {units}, {origin}"
        return f"WITH {self._source_rows()}, {both} {' UNION ALL '.join(parts)}"

    def crossed(self, count: int) -> str:
        """A statement for some units that have rows in both arms."""
        return (
            f"WITH {self._source_rows()} SELECT CAST(unit AS VARCHAR) AS unit FROM source_rows GROUP BY unit "
            f"HAVING min(arm) <> max(arm) ORDER BY 1 LIMIT {count}"
        )

    def _source_rows(self) -> str:
        rows = f"SELECT {self._row_columns()} FROM {self.engine.relation} AS s"
        if (limit := self.plan.first_day_left_out) is not None:
            rows = f"SELECT * FROM ({rows}) AS r WHERE moment IS NULL OR moment < DATE '{limit}'"
        return f"source_rows AS NOT MATERIALIZED ({rows})"

    @property
    def names(self) -> list[str]:
        """The columns of its result: the kind of a row, a text, and numbers."""
        return ["kind", "label", *(f"x{index}" for index in range(self.width))]

    @property
    def width(self) -> int:
        """The number of columns of numbers."""
        k = len(self.plan.quantities.items)
        return max(8 + 6 * k, 4 + 4 * k + len(self.plan.quantities.pairs))

    def kind(self, name: str) -> str:
        """What a column is."""
        return kind_of_type(self.types[name])

    def _row_columns(self) -> str:
        spec, columns = self.plan.spec, self._columns()
        parts = [f"{self._arm_text()} AS arm_text", f"{self._arm()} AS arm", f"{self._unit()} AS unit"]
        parts.append(f"{self._time()} AS moment")
        share = "0" if not spec.phase else columns[spec.phase].number() if spec.phase in columns else ""
        if not share:
            raise NotTranslated
        parts.append(f"{share} AS share")
        for index, item in enumerate(self.plan.quantities.items):
            parts.append(f"{to_sql(item.expression, columns, item.location)} AS q{index}")
        if self.engine.digests is None:
            parts.append(f"{self._row_text()} AS row_text")
        return ", ".join(parts)

    def _columns(self) -> dict[str, SqlColumn]:
        used = [*self.plan.quantities.columns, *([self.plan.spec.phase] if self.plan.spec.phase else [])]
        return {name: self._column(name, self.kind(name)) for name in used}

    def _column(self, name: str, kind: str) -> SqlColumn:
        return SqlColumn(name, kind, is_duckdb=self.engine.name == DUCKDB)

    def _arm_text(self) -> str:
        name = self.plan.spec.arm.column
        kind = self.kind(name)
        if kind not in ("text", "number", "boolean"):
            raise NotTranslated
        column = self._column(name, kind).number() if kind == "number" else quoted_name(name)
        return f"NULLIF(CAST({column} AS VARCHAR), '')"

    def _arm(self) -> str:
        """The position of the arm in `ARMS`; `NO_ARM` for other values."""
        name = self.plan.spec.arm.column
        text, is_number = self._arm_text(), self.kind(name) == "number"
        compared = self._column(name, "number").number() if is_number else text
        cases = "".join(
            f" WHEN {compared} = {number_literal(float(value)) if is_number else quoted_text(value)} "
            f"THEN {code}"
            for value, code in self.arms
            if not is_number or is_number_text(value)
        )
        return f"CASE{cases} WHEN {text} IS NULL THEN CAST(NULL AS INTEGER) ELSE {NO_ARM} END"

    def _unit(self) -> str:
        name = self.plan.spec.unit_id
        if name is None:
            return "1"
        if not is_exact_id(self.types[name]):
            raise NotTranslated
        if self.kind(name) != "text":
            return quoted_name(name)
        return f"NULLIF(CAST({quoted_name(name)} AS VARCHAR), '')"

    def _unclear_units(self) -> str:
        """The rows whose unit another program may have written in another way: with blanks, or with `.0`."""
        name = self.plan.spec.unit_id
        if name is None or self.kind(name) != "text":
            return "0"
        return _count("unit <> trim(unit) OR unit LIKE '%.0'")

    def _time(self) -> str:
        name = self.plan.spec.date
        if name is None:
            return "0"
        quoted, kind = quoted_name(name), self.kind(name)
        if kind == "day":
            return quoted
        if kind == "time":
            return f"CAST({quoted} AS TIMESTAMP)"
        if kind == "zoned time":
            return f"({quoted} AT TIME ZONE {quoted_text(self.plan.spec.time_zone or 'UTC')})"
        raise NotTranslated

    def _day(self, moment: str) -> str:
        """The days since 1970 of a time, or 0 if rows have none."""
        if self.plan.spec.date is None:
            return moment
        return f"(CAST({moment} AS DATE) - DATE '1970-01-01')"

    def _row_text(self) -> str:
        """All that is read of a row, as one text."""
        texts = [f"COALESCE(CAST({quoted_name(name)} AS VARCHAR), '~')" for name in self.plan.columns]
        return f"concat_ws('|', {', '.join(texts)})"

    def _digest(self) -> str:
        """The sum of hashes of all rows, which does not depend on their order."""
        if self.engine.digests is not None:
            return "NULL"
        if self.engine.name == POSTGRESQL:
            number = "CAST(CAST('x' || substr(md5(row_text), 1, 15) AS bit(60)) AS bigint)"
            return f"CAST(sum({number}) AS VARCHAR)"
        return "CAST(sum(CAST(md5_number_lower(row_text) AS HUGEINT) % 1152921504606846976) AS VARCHAR)"

    def _rows_by_arm(self) -> str:
        limit = f"DATE '{self.plan.first_day_ahead}'"
        has_date = self.plan.spec.date is not None
        ahead = f"moment >= {limit}" if has_date else "FALSE"
        numbers = [
            "count(*)", _count("arm_text IS NULL"), _count("unit IS NULL"), _count("moment IS NULL"),
            _count("share IS NULL"), _count(ahead), f"max({self._day('moment')})", self._unclear_units(),
        ]  # fmt: skip
        for index, item in enumerate(self.plan.quantities.items):
            q, low = f"q{index}", "FALSE" if item.at_least is None else f"q{index} < {item.at_least!r}"
            infinite, large = f"abs({q}) = {INFINITY}", f"abs({q}) > {LARGEST!r} AND abs({q}) < {INFINITY}"
            numbers += [
                _count(f"{q} IS NULL"), _count(infinite), _count(large), _count(low),
                f"min({q})", f"max({q})",
            ]  # fmt: skip
        digest = f"COALESCE(arm_text, '') || '|' || COALESCE({self._digest()}, '')"
        grouped = self._select(ROWS, digest, numbers, "source_rows GROUP BY arm_text ORDER BY count(*) DESC")
        return f"(SELECT * FROM ({grouped} LIMIT {MOST_VALUES}) AS by_arm)"

    def _rows_by_share(self) -> str:
        grouped = self._select(
            SHARES, "''", ["share", "count(*)"], "source_rows GROUP BY share ORDER BY share"
        )
        return f"(SELECT * FROM ({grouped} LIMIT {MOST_VALUES}) AS by_share)"

    def _origin(self) -> str:
        """Values near the means of units, from which deviations are taken: those of any one unit."""
        k = len(self.plan.quantities.items)
        if self.precise:
            return (
                f"SELECT grp, low, high, {_listed('avg(v{0}) AS o{0}', k)} FROM units GROUP BY grp, low, high"
            )
        if self.plan.spec.unit_id is None:
            first = ", ".join(f"COALESCE({self._safe(index)}, 0) AS o{index}" for index in range(k))
            return f"SELECT {first} FROM source_rows LIMIT 1"
        one = "(SELECT unit FROM source_rows WHERE unit IS NOT NULL LIMIT 1)"
        totals = ", ".join(f"COALESCE({self._total(index)}, 0) AS o{index}" for index in range(k))
        return f"SELECT {totals} FROM source_rows WHERE unit = {one}"

    def _total(self, index: int) -> str:
        how = "min" if self.plan.quantities.items[index].before else "sum"
        return f"{how}({self._safe(index)})"

    def _safe(self, index: int) -> str:
        """A quantity; PostgreSQL stops at numbers whose squares overflow, which are refused with a count."""
        if self.engine.name != POSTGRESQL:
            return f"q{index}"
        return f"CASE WHEN abs(q{index}) <= {LARGEST!r} THEN q{index} END"

    def _units(self) -> str:
        k = len(self.plan.quantities.items)
        if self.plan.spec.unit_id is None:
            values = ", ".join(f"{self._safe(index)} AS v{index}, NULL AS w{index}" for index in range(k))
            group = self._group("moment", "share")
            return f"SELECT arm AS low, arm AS high, {group} AS grp, {values} FROM source_rows"
        values = ", ".join(
            f"{self._total(index)} AS v{index}, {f'max(q{index})' if item.before else 'NULL'} AS w{index}"
            for index, item in enumerate(self.plan.quantities.items)
        )
        arms, group = "min(arm) AS low, max(arm) AS high", self._group("min(moment)", "min(share)")
        return f"SELECT {arms}, {group} AS grp, {values} FROM source_rows GROUP BY unit"

    def _group(self, moment: str, share: str) -> str:
        return share if self.plan.spec.phase else self._day(moment)

    def _units_by_group(self) -> str:
        items, k = self.plan.quantities.items, len(self.plan.quantities.items)
        numbers = ["grp", "low", "high", "count(*)"]
        numbers += [f"avg(v{index} - o{index})" for index in range(k)]
        numbers += [f"max(o{index})" for index in range(k)]
        for index, item in enumerate(items):
            changing, missing = f"v{index} <> w{index}", f"v{index} IS NULL"
            is_checked = item.before and self.plan.spec.unit_id is not None
            numbers += [_count(changing), _count(missing)] if is_checked else ["0", "0"]
        numbers += [
            f"regr_sxy(v{one} - o{one}, v{other} - o{other})" for one, other in self.plan.quantities.pairs
        ]
        joined = "JOIN origin USING (grp, low, high)" if self.precise else "CROSS JOIN origin"
        return self._select(UNITS, "''", numbers, f"units {joined} GROUP BY grp, low, high")

    def _select(self, kind: str, label: str, numbers: Sequence[str], rest: str) -> str:
        padded = [*numbers, *["NULL"] * (self.width - len(numbers))]
        columns = ", ".join(f"CAST({number} AS {NUMBER}) AS x{index}" for index, number in enumerate(padded))
        text = f"CAST({label} AS VARCHAR)"
        return f"SELECT CAST('{kind}' AS VARCHAR) AS kind, {text} AS label, {columns} FROM {rest}"


def is_number_text(text: str) -> bool:
    """Whether a text is a finite number."""
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def _count(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"


def _listed(pattern: str, count: int) -> str:
    return ", ".join(pattern.format(index) for index in range(count))
