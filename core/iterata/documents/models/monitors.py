"""How a deployment describes a number to watch: computed from a file, or watched in another system."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from iterata.documents.models.addresses import remote
from iterata.documents.models.base import Day, Name, Part, RepoPath, Text
from iterata.documents.models.columns import COLUMNS, ColumnSpec
from iterata.documents.models.enums import MonitorMeasure
from iterata.errors import DataError
from iterata.expressions.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA_FILES = (".csv", ".csv.gz", ".csv.zst", ".parquet")

COMPUTATION_KEYS = (
    "query", "of", "per", "quantile", "where", "date", "last_days", "max_age", "since", "unit_id", "min_rows",
)  # fmt: skip
"""The keys that need `measure`."""

MIN_ROWS = 30
"""The default of `min_rows` for a mean, a share, a ratio or a quantile."""

MIN_DAILY_ROWS = 7
"""The same if there is at most one row a day."""


_PATH: TypeAdapter[str] = TypeAdapter(RepoPath)

_FILE = re.compile(r"(\S+/)?[^\s/.]+\.\w{2,8}")
"""A name with one ending, such as `data/calls.xlsx`; `grafana.example.org` has two."""


class _Keys(NamedTuple):
    """The keys that a measure takes."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


_KEYS: dict[MonitorMeasure, _Keys] = {
    MonitorMeasure.COUNT: _Keys((), optional=("of",)),
    MonitorMeasure.SHARE: _Keys(("of",)),
    MonitorMeasure.SUM: _Keys(("of",)),
    MonitorMeasure.MEAN: _Keys(("of",)),
    MonitorMeasure.RATIO: _Keys(("of", "per")),
    MonitorMeasure.QUANTILE: _Keys(("of", "quantile")),
    MonitorMeasure.LAST: _Keys(("of",)),
}


class _WrongKey(NamedTuple):
    key: str
    message: str
    """Empty if the key is missing."""
    remedy: str = ""
    """Empty if that of the key is enough."""


class Monitor(Part):
    """A number watched after the release."""

    name: Name = Field(description="The number that is watched.")
    source: Text = Field(
        description="A CSV or Parquet file, or a folder of Parquet files such as `data/sales`, relative to "
        "the project's folder; without `measure`, the system that watches the number, such as a dashboard; "
        "with `query`, the name of the database."
    )
    query: Text | None = Field(
        None,
        description="The rows: one SELECT statement on a database, or on files such as "
        "`SELECT * FROM 'data/calls.parquet'`.",
    )
    database: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = Field(
        None,
        description="The environment variable with the SQLAlchemy URL of the query's database; leave it "
        "out to query files.",
    )
    columns: dict[Name, ColumnSpec] = Field(default_factory=dict, description=COLUMNS)
    measure: MonitorMeasure | None = Field(
        None, description="How the value is computed from the file's rows."
    )
    of: Text | None = Field(
        None,
        description="What is measured in each row: a column, or an expression such as `age > 60`, or "
        '`column("policies sold") / 2` if a column\'s name is not a word.',
    )
    per: Text | None = Field(
        None, description="With `measure: ratio`: the sum of `of` is divided by its sum."
    )
    quantile: float | None = Field(
        None, ge=0, le=1, description="With `measure: quantile`: the quantile; 0.5 is the median."
    )
    where: Text | None = Field(
        None, description='Only the rows for which this expression is true, such as `region == "north"`.'
    )
    date: Name | None = Field(None, description="The column of each row's day, as YYYY-MM-DD, or its time.")
    last_days: int | None = Field(
        None, ge=1, description="Only the most recent days, counted from the newest row."
    )
    max_age: int | None = Field(
        None,
        ge=0,
        description="The data are stale if the newest row is older, in days; by default `last_days`.",
    )
    since: Day | None = Field(
        None,
        description="The first day of the mean over all days, as YYYY-MM-DD: the release, or the day on "
        "which the last regression was repaired; by default the first phase's `started`.",
    )
    unit_id: Name | None = Field(
        None,
        description="The column of the unit, such as a customer, if a unit can have several rows: they "
        "resemble each other, so the interval is computed from units.",
    )
    min_rows: int | None = Field(
        None,
        ge=1,
        description="With fewer rows, or units of `unit_id`, nothing is said. By default 30, or 7 if there "
        "is at most one row a day, or 1 for count, sum and last.",
    )
    lower: float | None = Field(None, description="Below this it is a regression.")
    upper: float | None = Field(None, description="Above this it is a regression.")
    false_alarms: float = Field(
        0.05,
        gt=0,
        le=0.5,
        description="The largest probability of a false alarm within a year of looks.",
    )
    looks_per_year: int = Field(
        365, ge=1, le=100_000, description="How often it is evaluated: 365 is daily, 1 is a single look."
    )
    promql: Text | None = Field(
        None,
        description="The same number as an expression of Prometheus, for `iterata monitor --export`; by "
        "default the one that `iterata monitor --format prometheus` prints.",
    )

    @property
    def max_age_days(self) -> int | None:
        """The largest age of the newest row, in days; None for any age."""
        return self.last_days if self.max_age is None else self.max_age

    @model_validator(mode="after")
    def _has_consistent_keys(self) -> Monitor:
        if self.lower is None and self.upper is None:
            raise ValueError("a monitor needs lower, upper or both")
        if wrong := [*_bounds(self), *(_computed(self) if self.measure else _not_computed(self))]:
            raise ValidationError.from_exception_data("monitor", [_details(self, key) for key in wrong])
        return self


def _bounds(monitor: Monitor) -> Iterator[_WrongKey]:
    if monitor.lower is not None and monitor.upper is not None and monitor.lower > monitor.upper:
        yield _WrongKey("lower", f"{monitor.lower:g} is above `upper`, so no value is within both")


def _not_computed(monitor: Monitor) -> Iterator[_WrongKey]:
    """A file or a key about its rows without `measure`: the author expects it to be computed."""
    given = any(getattr(monitor, key) is not None for key in COMPUTATION_KEYS)
    if given or _is_data_file(monitor.source):
        yield _WrongKey("measure", "")


def _computed(monitor: Monitor) -> Iterator[_WrongKey]:
    yield from _not_readable(monitor)
    keys = _KEYS[monitor.measure] if monitor.measure else _Keys(())
    for key in ("of", "per", "quantile"):
        is_set = getattr(monitor, key) is not None
        if key in keys.required and not is_set:
            yield _WrongKey(key, "")
        if is_set and key not in keys.required + keys.optional:
            yield _WrongKey(key, f"cannot be combined with `measure: {monitor.measure}`; remove it")
    dated = monitor.last_days or monitor.max_age is not None or monitor.since
    if monitor.date is None and (dated or (monitor.query and monitor.measure is MonitorMeasure.LAST)):
        yield _WrongKey("date", "")
    for key in ("of", "per", "where"):
        yield from _invalid_expression(key, getattr(monitor, key))


def _not_readable(monitor: Monitor) -> Iterator[_WrongKey]:
    """A source that is no file of the project, or a database without a query."""
    if monitor.database is not None and monitor.query is None:
        yield _WrongKey("query", "")
    if monitor.query is not None:
        return
    if found := remote(monitor.source):
        yield _WrongKey("source", **found._asdict())
    elif not (_may_be_file(monitor.source) or _may_be_folder(monitor.source)):
        yield _WrongKey("source", "is not a CSV or Parquet file in the project, as `measure` needs")


def _invalid_expression(key: str, expression: str | None) -> Iterator[_WrongKey]:
    try:
        parse(expression or "0")
    except DataError as error:
        yield _WrongKey(key, error.message)


def _is_data_file(source: str) -> bool:
    return _is_path(source) and source.lower().endswith(DATA_FILES)


def _may_be_file(source: str) -> bool:
    """Whether it can be the path of a file; one of another format is refused when it is read."""
    return _is_path(source) and (source.lower().endswith(DATA_FILES) or _FILE.fullmatch(source) is not None)


def _may_be_folder(source: str) -> bool:
    """Whether it can be the path of a folder, such as `data/sales`, not of a file or a system's name."""
    return _is_path(source) and "/" in source and "." not in source.rstrip("/").rsplit("/", 1)[-1]


def _is_path(source: str) -> bool:
    try:
        _PATH.validate_python(source)
    except ValidationError:
        return False
    return True


def _details(monitor: Monitor, wrong: _WrongKey) -> InitErrorDetails:
    """A validation error at the wrong key."""
    values, kind = wrong._asdict(), "address" if wrong.remedy else "monitor"
    error = PydanticCustomError(kind, "{message}", values) if wrong.message else "missing"
    return {"type": error, "loc": (wrong.key,), "input": monitor}
