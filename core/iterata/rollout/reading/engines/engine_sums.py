"""Sums of a split test that an engine computed."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from iterata.data.column_inference import SAMPLE, TextKind, infer
from iterata.expressions.sql import NotTranslated, quoted_name
from iterata.measure.release.moments import Moments
from iterata.rollout.cells import ReleaseData
from iterata.rollout.reading import faults
from iterata.rollout.reading.arm_values import ARMS, arm_code, arm_codes, missing_arms
from iterata.rollout.reading.cell_sums import CROSSED, CellSums
from iterata.rollout.reading.crossed import SHOWN_UNITS, Crossing, refuse_crossed
from iterata.rollout.reading.engines.column_kinds import kind_of_type
from iterata.rollout.reading.engines.statement import ROWS, SHARES, UNITS, Statement, is_number_text
from iterata.rollout.reading.local_times import future, missing_times
from iterata.rollout.reading.phase_days import day_of, shares_of
from iterata.rollout.reading.unit_rows import missing_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from iterata.arrays import Floats
    from iterata.rollout.reading.engines.engine import Engine
    from iterata.rollout.reading.plan import ReadingPlan


def sum_in_engine(plan: ReadingPlan, engine: Engine) -> ReleaseData | None:
    """The sums of the rows in an engine; None if they must be read in this process.

    Raises:
        DataError: the engine refuses, or the rows are not those of a split test as the document describes it.
    """
    try:
        types = engine.types(plan.columns)
        if not types:
            return ReleaseData(plan.quantities.labels, plan.quantities.metrics, {})
        _check_texts(plan, engine, types)
        statement = Statement(engine, plan, types, _written_arms(plan))
        result = _Result(plan, engine, statement)
        if result.arms_in_sql != result.arms:
            statement = replace(statement, arms=sorted(result.arms.items()))
            result = _Result(plan, engine, statement)
        if result.has_unclear_units():
            return None
        if result.is_rounded():
            result = _Result(plan, engine, replace(statement, precise=True))
        return result.data()
    except NotTranslated:
        return None


def _check_texts(plan: ReadingPlan, engine: Engine, types: Mapping[str, str]) -> None:
    """Make sure that columns of text hold words: texts of numbers are read as numbers in this process.

    Raises:
        NotTranslated: one looks like something else.
    """
    for name in plan.quantities.columns:
        if kind_of_type(types[name]) != "text" or name in plan.spec.columns:
            continue
        column = f"NULLIF(CAST({quoted_name(name)} AS VARCHAR), '')"
        found = engine.run(
            f"SELECT DISTINCT {column} AS word FROM {engine.relation} AS s LIMIT {SAMPLE}",  # noqa: S608
            ["word"],
        )
        words = found["word"].dropna().astype("str")
        if words.empty or infer(words) is not TextKind.WORDS:
            raise NotTranslated


def _written_arms(plan: ReadingPlan) -> list[tuple[str, int]]:
    """The values of both arms as the document writes them."""
    found: dict[str, int] = {}
    for code, arm in enumerate(ARMS):
        values = plan.spec.arm.control if arm == "control" else plan.spec.arm.treatment
        for value in values if isinstance(values, list) else [values]:
            found.setdefault(str(value).lower() if isinstance(value, bool) else str(value), code)
    return list(found.items())


class _Result:
    """The rows that the statement gave, by their kind."""

    def __init__(self, plan: ReadingPlan, engine: Engine, statement: Statement) -> None:
        self._plan, self._engine, self._statement = plan, engine, statement
        found = engine.run(statement.sql(), statement.names)
        self._rows = self._of(found, ROWS)
        self._shares = self._of(found, SHARES)[1]
        self._units = self._of(found, UNITS)[1]
        self._labels, self._digests = self._split(self._rows[0])
        self._kind = statement.kind(plan.spec.arm.column)

    @property
    def arms(self) -> dict[str, int]:
        """The arm of each value that rows have, as text."""
        spec = self._plan.spec.arm
        return {label: arm_code(spec, self._value(label)) for label in self._labels if label}

    @property
    def arms_in_sql(self) -> dict[str, int]:
        """The same as the statement has it."""
        known = dict(self._statement.arms)
        is_number = self._kind == "number"
        numbers = {float(text): code for text, code in known.items() if is_number and is_number_text(text)}
        return {
            label: numbers.get(float(label), NONE) if is_number else known.get(label, NONE)
            for label in self._labels
            if label
        }

    def has_unclear_units(self) -> bool:
        """Whether units may be written in several ways, which this process refuses or makes the same."""
        return bool((self._rows[1][:, 7] > 0).any())

    def is_rounded(self) -> bool:
        """Whether units deviate so little from a distant mean that their sums lost digits."""
        k, pairs = len(self._plan.quantities.items), self._plan.quantities.pairs
        deviation = self._units[:, 4 : 4 + k]
        mean = self._units[:, 4 + k : 4 + 2 * k] + deviation
        if (deviation**2 > FAR * np.where(mean == 0, 1.0, mean**2)).any():
            return True
        for index, (one, other) in enumerate(pairs):
            if one == other:
                square = self._units[:, 4 + one] ** 2 * self._units[:, 3]
                products = self._units[:, 4 + 4 * k + index]
                if ((products != 0) & (square > FAR * products)).any():
                    return True
        return False

    def data(self) -> ReleaseData:
        """The sums, after all checks.

        Raises:
            DataError: a check fails.
        """
        plan = self._plan
        rows = int(self._rows[1][:, 0].sum())
        if not rows:
            return ReleaseData(plan.quantities.labels, plan.quantities.metrics, {})
        self._check_rows(rows)
        is_crossed = self._units[:, 1] != self._units[:, 2]
        crossed, of = int(self._units[is_crossed, 3].sum()), int(self._units[:, 3].sum())
        if crossed and plan.spec.crossed == "refuse":
            refuse_crossed(plan.spec, Crossing(crossed, of, self._examples()), self._engine.where)
        units = self._units[~is_crossed]
        self._check_before(units)
        sums, has_group = CellSums(plan, self._engine.where), plan.spec.date or plan.spec.phase
        for row in units:
            sums.add((float(row[0]) if has_group else None, int(row[1])), self._moments(row))
        cells, after = sums.cells()
        excluded = ({CROSSED: crossed} if crossed else {}) | after
        return ReleaseData(
            plan.quantities.labels, plan.quantities.metrics, cells, excluded, self._data_digests(rows), rows
        )

    def _moments(self, row: Floats) -> Moments:
        k = len(self._plan.quantities.items)
        deviation, origin = row[4 : 4 + k], row[4 + k : 4 + 2 * k]
        products = np.full((k, k), np.nan)
        for index, (one, other) in enumerate(self._plan.quantities.pairs):
            products[one, other] = products[other, one] = row[4 + 4 * k + index]
        return Moments(int(row[3]), origin + deviation, products)

    def _check_rows(self, rows: int) -> None:
        spec, where, numbers = self._plan.spec, self._engine.where, self._rows[1]
        counts = {
            self._value(label): int(row[0]) for label, row in zip(self._labels, numbers, strict=True) if label
        }
        if missing := int(numbers[:, 1].sum()):
            raise missing_arms(spec.arm, missing, rows, where)
        arm_codes(spec.arm, counts, where, both=self._plan.needs_control)
        if spec.date and (missing := int(numbers[:, 3].sum())):
            raise missing_times(spec, missing, rows, where)
        if spec.date and (ahead := int(numbers[:, 5].sum())):
            raise future(spec, day_of(int(numbers[:, 6].max())), ahead, self._plan.today, where)
        for key, column, place in (("unit", spec.unit_id, 2), ("phase", spec.phase, 4)):
            if column and (missing := int(numbers[:, place].sum())):
                raise missing_keys(column, key, missing, rows, where)
        if spec.phase:
            shares_of(
                Counter({row[0]: int(row[1]) for row in self._shares}), self._plan.phases, spec.phase, where
            )
        self._check_values(numbers, rows)

    def _check_values(self, numbers: Floats, rows: int) -> None:
        found = faults.Faults.none()
        for position, item in enumerate(self._plan.quantities.items):
            missing, infinite, large, low, least, most = numbers[:, 8 + 6 * position : 14 + 6 * position].T
            if not (item.before and self._plan.spec.unit_id):
                found.add(position, faults.MISSING, int(missing.sum()))
            found.add(position, faults.INFINITE, int(infinite.sum()))
            largest = np.nanmax(most) if large.any() else 0.0
            found.add(position, faults.TOO_LARGE, int(large.sum()), f"{largest:g}")
            if low.any():
                found.add(position, faults.TOO_LOW, int(low.sum()), f"{np.nanmin(least):g}")
        found.check(self._plan.quantities.items, rows, self._engine.where)

    def _check_before(self, units: Floats) -> None:
        found, k = faults.Faults.none(), len(self._plan.quantities.items)
        for position, item in enumerate(self._plan.quantities.items):
            changing, missing = units[:, 4 + 2 * k + 2 * position : 6 + 2 * k + 2 * position].T
            if item.before:
                found.add(position, faults.WITHOUT_BEFORE, int(missing.sum()))
                found.add(position, faults.CHANGING, int(changing.sum()))
        found.check(self._plan.quantities.items, int(units[:, 3].sum()), self._engine.where)

    def _examples(self) -> list[str]:
        """Some units in both arms."""
        return [
            str(name) for name in self._engine.run(self._statement.crossed(SHOWN_UNITS), ["unit"])["unit"]
        ]

    def _data_digests(self, rows: int) -> dict[str, str]:
        if self._engine.digests is not None:
            return self._engine.digests()
        total = sum(int(digest or 0) for digest in self._digests)
        content = "\0".join([*self._plan.columns, str(rows), str(total)])
        return {self._engine.where: f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"}

    def _value(self, label: str) -> object:
        if self._kind == "number":
            return float(label)
        return label == "true" if self._kind == "boolean" else label

    @staticmethod
    def _of(found: pd.DataFrame, kind: str) -> tuple[list[str], Floats]:
        rows = found[found["kind"] == kind]
        numbers = rows.drop(columns=["kind", "label"]).to_numpy(dtype=np.float64, na_value=np.nan)
        return ["" if label is None else str(label) for label in rows["label"]], numbers

    @staticmethod
    def _split(labels: list[str]) -> tuple[list[str], list[str]]:
        pairs = [label.rpartition("|") for label in labels]
        return [arm for arm, _, _ in pairs], [digest for _, _, digest in pairs]


NONE = -1
"""The position of no arm."""

FAR = 1e10
"""By how much the square of a mean may exceed the variance: the square root of it is lost of 16 digits."""
