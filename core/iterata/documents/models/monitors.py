"""How a deployment describes a number to watch: made of a file's rows, or watched elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from iterata.documents.models.base import Name, Part, RepoPath, Text
from iterata.documents.models.enums import MonitorMeasure
from iterata.errors import DataError
from iterata.expressions import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA_FILES = (".csv", ".parquet")

MADE_OF_ROWS = ("of", "per", "quantile", "where", "date", "last_days", "max_age")
"""The keys that mean nothing where no figure is computed."""


_PATH: TypeAdapter[str] = TypeAdapter(RepoPath)


class _Keys(NamedTuple):
    """The keys that say of what a measure is taken."""

    needed: tuple[str, ...]
    allowed: tuple[str, ...] = ()


_KEYS: dict[MonitorMeasure, _Keys] = {
    MonitorMeasure.COUNT: _Keys((), allowed=("of",)),
    MonitorMeasure.SHARE: _Keys(("of",)),
    MonitorMeasure.SUM: _Keys(("of",)),
    MonitorMeasure.MEAN: _Keys(("of",)),
    MonitorMeasure.RATIO: _Keys(("of", "per")),
    MonitorMeasure.QUANTILE: _Keys(("of", "quantile")),
    MonitorMeasure.LAST: _Keys(("of",)),
}


class _Fault(NamedTuple):
    key: str
    message: str
    """Empty where the key is missing."""


class Monitor(Part):
    """A number watched after the release."""

    name: Name = Field(description="What is watched.")
    source: Text = Field(
        description="A CSV or Parquet file, relative to the project's folder; without `measure`, where else "
        "the number is watched, such as a dashboard."
    )
    measure: MonitorMeasure | None = Field(None, description="How one figure is made of the file's rows.")
    of: Text | None = Field(
        None,
        description="What is measured in each row: a column, or an expression such as `age > 60`, or "
        '`column("policies sold") / 2` where a column\'s name is no word.',
    )
    per: Text | None = Field(None, description="With `measure: ratio`: what the sum of `of` is divided by.")
    quantile: float | None = Field(
        None, ge=0, le=1, description="With `measure: quantile`: which one; 0.5 is the median."
    )
    where: Text | None = Field(
        None, description='Only the rows for which this expression holds, such as `region == "north"`.'
    )
    date: Name | None = Field(None, description="The column of each row's day, as YYYY-MM-DD, or its time.")
    last_days: int | None = Field(
        None, ge=1, description="Only so many days, up to the newest that the file holds."
    )
    max_age: int | None = Field(
        None,
        ge=0,
        description="The newest row may be so many days old; older ones are stale. Without it: `last_days`.",
    )
    lower: float | None = Field(None, description="Below this it is a regression.")
    upper: float | None = Field(None, description="Above this it is a regression.")

    @property
    def oldest(self) -> int | None:
        """How many days old the newest row may be."""
        return self.last_days if self.max_age is None else self.max_age

    @model_validator(mode="after")
    def _can_be_judged(self) -> Monitor:
        if self.lower is None and self.upper is None:
            raise ValueError("a monitor needs lower, upper or both")
        if faults := [*_bounds(self), *(_computed(self) if self.measure else _elsewhere(self))]:
            raise ValidationError.from_exception_data("monitor", [_told(self, fault) for fault in faults])
        return self


def _bounds(monitor: Monitor) -> Iterator[_Fault]:
    if monitor.lower is not None and monitor.upper is not None and monitor.lower > monitor.upper:
        yield _Fault("lower", f"{monitor.lower:g} is above `upper`, so that no figure would do")


def _elsewhere(monitor: Monitor) -> Iterator[_Fault]:
    """A file's name, or anything about its rows, without `measure`: somebody believes it is computed."""
    if any(getattr(monitor, key) is not None for key in MADE_OF_ROWS) or _is_data_file(monitor.source):
        yield _Fault("measure", "")


def _computed(monitor: Monitor) -> Iterator[_Fault]:
    if not _is_data_file(monitor.source):
        yield _Fault("source", "is no CSV or Parquet file within the project, and nothing else is measured")
    keys = _KEYS[monitor.measure] if monitor.measure else _Keys(())
    for key in ("of", "per", "quantile"):
        written = getattr(monitor, key) is not None
        if key in keys.needed and not written:
            yield _Fault(key, "")
        if written and key not in keys.needed + keys.allowed:
            yield _Fault(key, f"does not go with `measure: {monitor.measure}`; leave it out")
    if monitor.date is None and (monitor.last_days or monitor.max_age is not None):
        yield _Fault("date", "")
    for key in ("of", "per", "where"):
        yield from _unreadable(key, getattr(monitor, key))


def _unreadable(key: str, written: str | None) -> Iterator[_Fault]:
    try:
        parse.read(written or "0")
    except DataError as error:
        yield _Fault(key, error.message)


def _is_data_file(source: str) -> bool:
    try:
        _PATH.validate_python(source)
    except ValidationError:
        return False
    return source.lower().endswith(DATA_FILES)


def _told(monitor: Monitor, fault: _Fault) -> InitErrorDetails:
    """The fault at the line of its own key."""
    kind = PydanticCustomError("monitor", "{said}", {"said": fault.message}) if fault.message else "missing"
    return {"type": kind, "loc": (fault.key,), "input": monitor}
