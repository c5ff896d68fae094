"""A look at the data that a new document will describe: which columns are texts, times or groups."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.monitors import DATA_FILES
from iterata.documents.models.rows import RowSource
from iterata.errors import IterataError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from iterata.data.sources.file_table import FileTable

_WORDS_OF_A_TEXT = 4
"""A column whose values have this many words on average is text, not a category."""

_FEW_VALUES = 20
"""A column with no more different values than this is a category, however long its values are."""


_MOSTLY_DIFFERENT = 0.5
"""A column with more different short texts than this, as a share of its rows, names the rows."""


class Look(Enum):
    """What the values of a column look like."""

    NUMBER = "number"
    DATE = "date"
    CATEGORY = "category"
    TEXT = "text"


class Survey(NamedTuple):
    """The columns of a data file."""

    source: str
    """The file, relative to the project's folder."""
    looks: Mapping[str, Look]
    """What each column looks like, from its first values; not those of doubt or of names."""
    table: FileTable

    def named(self, look: Look) -> list[str]:
        """The columns that look like this, in the order of the table."""
        return [name for name, its in self.looks.items() if its is look]

    def values(self, name: str | None) -> pd.Series | None:
        """All values of a column that are not missing; None if it is not there or cannot be read."""
        if name is None or name not in self.table.columns:
            return None
        try:
            return self.table.read([name])[name].dropna()
        except IterataError:
            return None  # `lift` and `run` report it


def survey(project: Path, root: Path, described: Mapping[str, object]) -> Survey | None:
    """Look at the data that a document describes, or else at the only data file of the project.

    Args:
        project: the project's folder.
        root: the knowledge base.
        described: the description of the rows, as far as there is one.

    Returns:
        None if there are no data yet, or they cannot be read; a query is not run.
    """
    source = data_file(project, described)
    if source is None:
        return None
    from iterata.data.sources.open import open_file  # noqa: PLC0415  # imports pandas

    try:
        place = RowSource.model_validate({"source": source, "columns": described.get("columns") or {}})
        table = open_file(project, source, root=root).declared(place.columns)
        return Survey(source, _looks(table, place), table)
    except (IterataError, ValueError):
        return None  # `lift` and `run` report it


def data_file(project: Path, described: Mapping[str, object]) -> str | None:
    """The described data file if it is there, or else the only one of the project, below its folder."""
    source = str(described.get("source", ""))
    if (project / source).is_file():
        return source
    files = [place for place in (project / "data").glob("*") if place.name.lower().endswith(DATA_FILES)]
    if len(files) != 1 or "query" in described:
        return None
    return files[0].relative_to(project).as_posix()


def _looks(table: FileTable, place: RowSource) -> dict[str, Look]:
    """What the columns look like; a declaration says it where there is one."""
    from iterata.data.column_inference import SAMPLE  # noqa: PLC0415  # imports pandas
    from iterata.documents.models.columns import kind_of  # noqa: PLC0415

    declared = {name: kind_of(spec).value for name, spec in place.columns.items()}
    texts = table.first_texts(table.columns, SAMPLE)
    typed = [name for name in table.columns if name not in texts and name not in declared]
    dates = set(table.read(typed).select_dtypes("datetime").columns) if typed else set()
    looks: dict[str, Look | None] = {}
    for name in table.columns:
        if name in declared:
            looks[name] = next((look for look in Look if look.value == declared[name]), None)
        elif name in typed:
            looks[name] = Look.DATE if name in dates else Look.NUMBER
        else:
            looks[name] = _look_of_texts(texts[name].dropna())
    return {name: look for name, look in looks.items() if look is not None}


def _look_of_texts(values: pd.Series) -> Look | None:
    """What texts look like; None if they leave a doubt."""
    from iterata.data.column_inference import TextKind, infer  # noqa: PLC0415  # imports pandas

    inferred = infer(values)
    if inferred in (TextKind.NUMBER, TextKind.DATE):
        return Look.NUMBER if inferred is TextKind.NUMBER else Look.DATE
    if inferred is TextKind.WORDS and values.nunique() > _FEW_VALUES:
        if values.str.count(r"\S+").mean() >= _WORDS_OF_A_TEXT:
            return Look.TEXT
        return None if values.nunique() > _MOSTLY_DIFFERENT * len(values) else Look.CATEGORY
    return Look.CATEGORY if isinstance(inferred, TextKind) else None
