"""The same table gives the same figures from every source, for every kind of value and every use of a column.

Either all sources give the same answer, or all refuse the column for the same reason.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy
from pydantic import TypeAdapter

from iterata.data.sources import open as opening
from iterata.data.sources.spool import Spool
from iterata.documents.models.kpi import KpiSpec
from iterata.documents.models.lift import LiftSpec
from iterata.documents.models.monitors import Monitor
from iterata.documents.models.proposal import Plan
from iterata.errors import DataError
from iterata.experiment.prepare import prepare
from iterata.experiment.variants.preprocess import numbers_and_categories
from iterata.lift import expected_lift, from_data
from iterata.monitoring.tables import MonitorTables
from iterata.monitoring.values import compute_value

from .parity_table import KINDS, ROWS, table, write_files, write_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from iterata.data.labelled_rows import LabelledRows
    from iterata.experiment.prepare import PlanInputs

LIFT_SPEC: TypeAdapter[LiftSpec] = TypeAdapter(LiftSpec)
KPI_SPEC: TypeAdapter[Any] = TypeAdapter(KpiSpec)
KPI = {"kind": "targeting", "name": "sales", "unit": "sales", "budget": 0.25}
OUTCOME = {
    "kind": "forecast_cost", "name": "cost", "unit": "EUR", "over": 1, "under": 2,
}  # fmt: skip
FRAME = table()
RANKING = {
    "kind": "ranking",
    "name": "ndcg",
    "unit": "points",
    "measure": "ndcg",
    "k": 3,
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[Path]:
    """A folder with every table in every format, and every table in two databases."""
    folder = tmp_path_factory.mktemp("parity")
    urls = {"POSTGRES": postgres, "SQLITE": f"sqlite:///{folder}/tables.db"}
    (folder / "data").mkdir()
    write_files(folder / "data", FRAME)
    for url in urls.values():
        engine = sqlalchemy.create_engine(url)
        write_table(engine, FRAME)
        engine.dispose()
    with pytest.MonkeyPatch.context() as patch:
        for variable, url in urls.items():
            patch.setenv(variable, url)
        patch.setattr(opening, "open_query", _executed_once(opening.open_query))
        yield folder


def _executed_once(open_query: Callable[..., Any]) -> Callable[..., Any]:
    """Every query of `SOURCES` selects some columns of one result, because starting DuckDB takes long."""

    @cache
    def whole(
        table: str, project: Path, variable: str | None, where: str
    ) -> tuple[Any, dict[str, DataError]]:
        query = open_query(project, f"SELECT * FROM {table}", variable, root=project, where=where)  # noqa: S608
        refused: dict[str, DataError] = {}
        while True:
            try:
                return query.take([name for name in query.columns if name not in refused]), refused
            except DataError as error:
                refused[next(name for name in KINDS if f"`{name}`" in error.message)] = error

    def opened(project: Path, sql: str, variable: str | None, *, root: Path, where: str) -> Any:
        names, table = sql.removeprefix("SELECT ").split(" FROM ")
        columns = names.split(", ")
        result, refused = whole(table, root, variable, where)
        if errors := [refused[name] for name in columns if name in refused]:
            raise errors[0]
        some = Spool((batch[columns] for batch in result.spool.batches()), memory_rows=ROWS)
        return replace(result, columns=tuple(columns), spool=some)

    return opened


SOURCES = {
    "csv": {"source": "data/t.csv"},
    "csv.gz": {"source": "data/t.csv.gz"},
    "parquet": {"source": "data/t.parquet"},
    "folder": {"source": "data/t"},
    "duckdb of csv": {"query": "SELECT row, bought, score, {} FROM 'data/t.csv'"},
    "duckdb of parquet": {"query": "SELECT row, bought, score, {} FROM 'data/t.parquet'"},
    "sqlite": {"query": "SELECT row, bought, score, {} FROM t", "database": "SQLITE"},
    "postgres": {"query": "SELECT row, bought, score, {} FROM t", "database": "POSTGRES"},
}
"""What a document says about a table's source."""


READ_AS_NUMBERS = {"articles"}
"""Kinds that DuckDB reads as numbers from a CSV file; such a query is refused with the remedy used here."""


def columns_of(kind: str) -> dict[str, Any]:
    """What a document declares."""
    return {} if KINDS[kind].column is None else {kind: KINDS[kind].column}


def source_of(kind: str, source: str) -> dict[str, str]:
    """What a document says about the source of the table's columns."""
    described = {key: text.format(kind) for key, text in SOURCES[source].items()}
    if source == "duckdb of csv" and kind in READ_AS_NUMBERS:
        types = f"types = {{'{kind}': 'VARCHAR'}}"
        described["query"] = described["query"].replace("'data/t.csv'", f"read_csv('data/t.csv', {types})")
    return described


SAME_READER = {"csv.gz", "folder", "duckdb of parquet"}
"""Sources that are read as another one is, apart from their bytes; a few uses are enough for them."""


def sources_of(use: str) -> list[str]:
    """The sources to compare for a use of a column."""
    return [name for name in SOURCES if name not in SAME_READER or use in ("rule", "feature", "segment")]


def lift(root: Path, kind: str, source: str, kpi: dict[str, Any], **data: Any) -> Any:
    """The figures of an expected lift."""
    rows = {"target": "bought", "status_quo": {"column": "score"}, **data}
    described = {**source_of(kind, source), "columns": columns_of(kind), **rows}
    spec = {"kpi": kpi, "data": described, "resamples": 200}
    return _figures(from_data.compute(LIFT_SPEC.validate_python(spec), root, root))


def _figures(result: Any) -> Any:
    scale, sample = result.scale, result.sample
    bounds = (scale.random.expectation.value, scale.status_quo.value, scale.perfect.value)
    return tuple(round(float(bound), 6) for bound in bounds), sample.rows, sample.units, sample.positives


def frame_lift(kind: str, kpi: dict[str, Any], **data: Any) -> Any:
    """The same of a data frame."""
    rows = {"target": "bought", "status_quo": {"column": "score"}, **data}
    if weights := rows.pop("weights", None):
        rows["weights"] = weights["column"]
    group = {"group": kpi["group"]} if "group" in kpi else {}
    return _figures(expected_lift(frame=FRAME, kpi=kpi, resamples=200, **rows, **group))


LIFT_USES: dict[str, Callable[[str], tuple[dict[str, Any], dict[str, Any]]]] = {
    "yes or no target": lambda kind: (KPI, {"target": kind, "positive": _positive(kind)}),
    "number target": lambda kind: (OUTCOME, {"target": kind}),
    "status quo": lambda kind: (KPI, {"status_quo": {"column": kind}}),
    "rule": lambda kind: (KPI, {"status_quo": {"rule": KINDS[kind].rule}}),
    "unit": lambda kind: (KPI, {"unit_id": kind}),
    "group": lambda kind: ({**RANKING, "group": kind}, {}),
    "weights": lambda kind: (KPI, {"weights": {"column": kind}}),
}
"""The KPI and the data's description of each use in an assessment."""


def _positive(kind: str) -> Any:
    value = next(value for value in KINDS[kind].values if value is not None)
    return value if isinstance(value, bool | int | float | str) else str(value)


def plan(root: Path, kind: str, source: str, **changes: Any) -> PlanInputs:
    """What a plan works on."""
    described = {
        "data": [{"name": "rows", **source_of(kind, source), "columns": columns_of(kind)}],
        "target": {"column": "bought", "made_by": "the till"},
        "status_quo": {"column": "score"},
        "split": {"kind": "stratified_folds", "folds": 3, "repeats": 1, "seed": 1},
        "metrics": {"primary": "sales"},
        "features": {"all": ["score", "row"], "one": [kind]},
        "variants": [
            {"name": "a", "estimator": "sklearn.linear_model.LogisticRegression", "features": "all"}
        ],
        "hypotheses": [{"id": "H1", "claim": "It helps.", "supported_if": {"variant": "a"}}],
        **changes,
    }
    return prepare(Plan.model_validate(described), KPI_SPEC.validate_python(KPI), root, root, "proposal.md")


def _in_order(data: LabelledRows, values: Any) -> list[Any]:
    """Values of the rows, in the order of the table: a query returns rows in any order."""
    order = np.argsort(data.table["row"].to_numpy(), kind="stable")
    return [values[index] for index in order]


def _partition(codes: Any) -> list[int]:
    return pd.factorize(pd.Series(codes))[0].tolist()


def feature(root: Path, kind: str, source: str) -> Any:
    variant = {"name": "a", "estimator": "sklearn.linear_model.LogisticRegression"}
    inputs = plan(
        root,
        kind,
        source,
        variants=[{**variant, "features": "one"}, {**variant, "name": "b", "features": "all"}],
    )
    column = numbers_and_categories(inputs.data.table[[kind]], "rows")[kind]
    cells = _in_order(inputs.data, column.to_numpy())
    if isinstance(column.dtype, pd.CategoricalDtype):
        return "category", _partition(cells)
    return "number", [None if np.isnan(cell) else round(float(cell), 9) for cell in cells]


def segment(root: Path, kind: str, source: str) -> Any:
    inputs = plan(root, kind, source, segments=[kind])
    data = inputs.evaluation.data
    if kind.startswith("bools"):  # SQLite stores them as 0 and 1
        return [_in_order(data, part.rows.tolist()) for part in inputs.evaluation.segments]
    return {part.key.value: _in_order(data, part.rows.tolist()) for part in inputs.evaluation.segments}


def guardrail(root: Path, kind: str, source: str) -> Any:
    watched = {"name": "g", "share_of": KINDS[kind].rule, "margin": 0.1, "better": "lower"}
    inputs = plan(root, kind, source, metrics={"primary": "sales", "guardrail": [watched]})
    return _in_order(inputs.evaluation.data, inputs.evaluation.guardrail_masks["g"].tolist())


def group_folds(root: Path, kind: str, source: str) -> Any:
    split = {"kind": "group_folds", "column": kind, "folds": 2, "repeats": 1, "seed": 1}
    inputs = plan(root, kind, source, split=split)
    groups = inputs.split_inputs.column_groups
    return None if groups is None else _partition(_in_order(inputs.data, groups))


def time_ordered(root: Path, kind: str, source: str) -> Any:
    inputs = plan(root, kind, source, split={"kind": "time_ordered", "column": kind, "folds": 2})
    times = inputs.split_inputs.times
    assert times is not None
    return np.round(_in_order(inputs.data, times), 6).tolist()


def held_out(root: Path, kind: str, source: str) -> Any:
    inputs = plan(root, kind, source, split={"kind": "hold_out", "rows": KINDS[kind].rule})
    held = inputs.split_inputs.held_out
    assert held is not None
    return _in_order(inputs.data, held.tolist())


PLAN_USES: dict[str, Callable[[Path, str, str], Any]] = {
    "feature": feature,
    "segment": segment,
    "guardrail": guardrail,
    "group folds": group_folds,
    "time-ordered folds": time_ordered,
    "hold-out": held_out,
}

TRUE_MASK = {"guardrail", "hold-out"}
"""Uses whose answer is for which rows the kind's rule holds."""


def answer(compute: Callable[[], Any]) -> Any:
    """What a source says: its figures, or the kind of its refusal."""
    try:
        return compute()
    except DataError as error:
        return f"refused: {type(error).__name__}"


def disagreements(answers: dict[str, Any]) -> dict[str, str]:
    """The sources by what they say, if they do not all say the same."""
    by_answer: dict[str, list[str]] = {}
    for source, said in answers.items():
        by_answer.setdefault(str(said), []).append(source)
    return {} if len(by_answer) == 1 else {", ".join(names): said[:300] for said, names in by_answer.items()}


@pytest.mark.parametrize("use", LIFT_USES)
@pytest.mark.parametrize("kind", KINDS)
def test_expected_lift_is_the_same_from_every_source(root: Path, kind: str, use: str) -> None:
    kpi, data = LIFT_USES[use](kind)
    answers = {source: answer(lambda: lift(root, kind, source, kpi, **data)) for source in sources_of(use)}  # noqa: B023
    if KINDS[kind].column is None:
        answers["data frame"] = answer(lambda: frame_lift(kind, kpi, **data))
    assert disagreements(answers) == {}


@pytest.mark.parametrize("use", PLAN_USES)
@pytest.mark.parametrize("kind", KINDS)
def test_plan_is_the_same_from_every_source(root: Path, kind: str, use: str) -> None:
    answers = {source: answer(lambda: PLAN_USES[use](root, kind, source)) for source in sources_of(use)}  # noqa: B023
    assert disagreements(answers) == {}
    if use in TRUE_MASK and not isinstance(answers["csv"], str):
        assert answers["csv"] == KINDS[kind].holds


@pytest.mark.parametrize("kind", KINDS)
def test_monitor_is_the_same_for_every_file(root: Path, kind: str) -> None:
    def watch(source: str) -> Any:
        keys = {"name": "m", "measure": "share", "of": KINDS[kind].rule, "lower": 0}
        monitor = Monitor.model_validate({**keys, **source_of(kind, source)})
        return compute_value(monitor, MonitorTables(root, root, [monitor]), pd.Timestamp("2026-01-01").date())

    files = [source for source in SOURCES if "source" in SOURCES[source]]
    assert disagreements({source: answer(lambda: watch(source)) for source in files}) == {}  # noqa: B023
