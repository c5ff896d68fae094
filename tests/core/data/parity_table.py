"""One table with a column of every kind of value, and the same table from every source."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import sqlalchemy

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 240


@dataclass(frozen=True)
class Kind:
    """A kind of value: the values of its column, and what documents say about it."""

    values: list[Any]
    rule: str
    """A condition on the column."""
    holds: list[bool]
    """For which rows the condition holds."""
    column: Any = None
    """What `columns:` declares; None if nothing is declared."""
    dtype: object = None
    """The type in a data frame; None for that which pandas chooses."""

    @property
    def series(self) -> pd.Series:
        """The column of a data frame."""
        return pd.Series(self.values, dtype=self.dtype)  # type: ignore[call-overload]


def _cycle(*values: Any) -> list[Any]:
    """Values in an irregular order that repeats; each occurs often."""
    return [values[(row * row + row // 5) % len(values)] for row in range(ROWS)]


def _kind(values: list[Any], rule: str, holds: Any, column: Any = None, dtype: object = None) -> Kind:
    return Kind(
        values,
        rule,
        [value is not None and bool(holds(value)) for value in values],
        column,
        dtype,
    )


_DAY = date(2024, 1, 1)
_DAYS = [_DAY + timedelta(days=7 * row % 30) for row in range(ROWS)]
_NOON = [datetime(2024, 3, 1, 12) + timedelta(hours=7 * row % 24) for row in range(ROWS)]  # noqa: DTZ001

KINDS: dict[str, Kind] = {
    "ints": _kind(_cycle(1, 2, 3, 5), "ints > 2", lambda value: value > 2),
    "ints_with_gaps": _kind(
        _cycle(1, 2, None, 5), "ints_with_gaps > 2", lambda value: value > 2, dtype="Int64"
    ),
    "floats": _kind(_cycle(0.5, 1.25, -3.0, 7.0), "floats > 1", lambda value: value > 1),
    "floats_with_gaps": _kind(
        _cycle(0.5, None, -3.0, 7.0), "floats_with_gaps > 1", lambda value: value > 1, dtype="float64"
    ),
    "decimals": _kind(
        _cycle(Decimal("1.50"), Decimal("2.25"), Decimal("10.00")), "decimals > 2", lambda value: value > 2
    ),
    "decimals_with_gaps": _kind(
        _cycle(Decimal("1.50"), None, Decimal("10.00")), "decimals_with_gaps > 2", lambda value: value > 2
    ),
    "bools": _kind(_cycle(True, False, False), "bools == 1", lambda value: value),
    "bools_with_gaps": _kind(
        _cycle(True, False, None), "bools_with_gaps == 1", lambda value: value, dtype="boolean"
    ),
    "texts": _kind(_cycle("red", "green", "blue"), 'texts == "red"', lambda value: value == "red"),
    "texts_with_gaps": _kind(
        _cycle("red", None, "blue"), 'texts_with_gaps == "red"', lambda value: value == "red"
    ),
    "words": _kind(_cycle("NA", "None", "null", "EU", "n/a"), 'words == "NA"', lambda value: value == "NA"),
    "words_with_gaps": _kind(
        _cycle("NA", None, "nan"), 'words_with_gaps in ["NA"]', lambda value: value == "NA"
    ),
    "leading_zeros": _kind(
        _cycle("007", "7", "012", "12"), 'leading_zeros == "007"', lambda value: value == "007", column="id"
    ),
    "undeclared_leading_zeros": _kind(
        _cycle("007", "07", "012"), 'undeclared_leading_zeros == "007"', lambda value: value == "007"
    ),
    "articles": _kind(
        _cycle("12E4", "1e3", "5"), 'articles == "12E4"', lambda value: value == "12E4", column="id"
    ),
    "digits": _kind(_cycle("1", "2", "3"), "digits > 1", lambda value: int(value) > 1),
    "dates": _kind(_DAYS, "missing(dates)", lambda _: False),
    "timestamps": _kind(_NOON, "missing(timestamps)", lambda _: False),
    "categorical": _kind(
        _cycle("a", "b", "c"), 'categorical != "a"', lambda value: value != "a", dtype="category"
    ),
    "decimal_comma": _kind(
        _cycle("1.234,50", "2,25", "10,00"),
        "decimal_comma > 2.25",
        lambda value: value != "2,25",
        column={"number": {"decimal": ",", "thousands": "."}},
    ),
    "percent": _kind(
        _cycle("45%", "5%", "100%"),
        "percent > 0.1",
        lambda value: value != "5%",
        {"number": {"percent": True}},
    ),
    "question_marks": _kind(
        _cycle("1.5", "?", "2.5"),
        "question_marks > 2",
        lambda value: value == "2.5",
        {"number": {"missing": ["?"]}},
    ),
    "undeclared_decimal_comma": _kind(
        _cycle("1,5", "2,25", "10,0"), 'undeclared_decimal_comma == "1,5"', lambda v: v == "1,5"
    ),
    "big_ids": _kind(
        _cycle(*(9007199254740993 + step for step in range(40))),
        "missing(big_ids)",
        lambda _: False,
        column="id",
    ),
}
"""By name."""


def table() -> pd.DataFrame:
    """The table; it has a column of every kind, which has the kind's name."""
    rng = np.random.default_rng(5)
    bought = (rng.random(ROWS) < 0.4).astype(int)
    return pd.DataFrame(
        {
            "row": np.arange(ROWS),
            "bought": bought,
            "score": (rng.random(ROWS) + bought / 3).round(6),
            **{name: kind.series for name, kind in KINDS.items()},
        }
    )


def write_files(folder: Path, frame: pd.DataFrame) -> None:
    """The table as a file of every format."""
    text = frame.to_csv(index=False).encode()
    (folder / "t.csv").write_bytes(text)
    (folder / "t.csv.gz").write_bytes(gzip.compress(text))
    (folder / "t.csv.zst").write_bytes(pa.compress(text, codec="zstd", asbytes=True))
    frame.to_parquet(folder / "t.parquet", index=False)
    for odd, part in frame.groupby(frame["row"] % 2):
        (folder / f"t/odd={odd}").mkdir(parents=True)
        part.to_parquet(folder / f"t/odd={odd}/part-0.parquet", index=False)


def write_table(engine: sqlalchemy.Engine, frame: pd.DataFrame) -> None:
    """The table in a database."""
    types: dict[str, Any] = {name: sqlalchemy.Numeric(12, 2) for name in ("decimals", "decimals_with_gaps")}
    frame.astype({"categorical": object}).to_sql("t", engine, index=False, if_exists="replace", dtype=types)
