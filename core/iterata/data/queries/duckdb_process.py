"""One query by DuckDB, in a process of its own that has access to nothing but what a request names."""

from __future__ import annotations

import re
import tempfile
from abc import ABC, abstractmethod
from contextlib import closing
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from iterata.data.queries.cells import require_exact
from iterata.data.queries.sql import as_read_from_file, refused
from iterata.data.queries.sql_refusals import ChangedByType, NotOneSelect, UnreadableCells
from iterata.data.refusals import MissingPackage, NestedColumn
from iterata.data.sources.table import BATCH
from iterata.errors import DataError
from iterata.execution.answers import Answer, ScriptEnded, answers

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

_SCRIPT = Path(__file__).with_name("duckdb_worker.py")

_WHOLE_NUMBERS = re.compile(r"U?(BIG|HUGE)INT|DECIMAL\(\d+,0\)|BIGNUM|VARINT")
"""DuckDB's types of whole numbers that a float may not hold exactly."""


@dataclass(frozen=True, slots=True)
class DuckDbProcess(ABC):
    """DuckDB, and what its queries may read."""

    folder: Path
    """The folder in which the process runs, and to which names of files are relative."""
    where: str
    """The name of the query in messages."""
    memory: str = field(default="", kw_only=True)
    """What it keeps in memory before it writes to a temporary folder, such as 600MB; else its default."""

    @abstractmethod
    def readable(self, sql: str) -> dict[str, object]:
        """What a query may read: `folders` and `files`, or a `database`."""

    @abstractmethod
    def remedy(self, reason: str, sql: str) -> str:
        """How to fix what DuckDB refused."""

    def columns(self, sql: str) -> tuple[str, ...]:
        """The columns of a query's result.

        Raises:
            DataError: DuckDB refuses the query.
        """
        for answer in self.answers("columns", sql):
            if isinstance(answer.content, list):
                return tuple(answer.content)
        return ()

    def batches(self, sql: str, names: Sequence[str]) -> Generator[pd.DataFrame]:
        """The rows of some columns of a query's result.

        Raises:
            DataError: DuckDB refuses the query, or a column cannot be read without a change of its meaning.
        """
        whole: list[str] = []
        with closing(self.answers("rows", sql, names=list(names), batch=BATCH)) as found:
            for _, content in found:
                if isinstance(content, dict):
                    whole = [name for name, of_type in content.items() if _WHOLE_NUMBERS.fullmatch(of_type)]
                elif isinstance(content, pd.DataFrame):
                    batch = as_read_from_file(content)
                    yield batch.assign(**{name: require_exact(batch[name], self.where) for name in whole})

    def answers(self, action: str, sql: str, **request: object) -> Generator[Answer]:
        """What the process answers.

        Raises:
            DataError: DuckDB is not installed, refuses the query, or does not finish.
        """
        if find_spec("duckdb") is None:
            raise MissingPackage("DuckDB", "duckdb", self.where)
        with tempfile.TemporaryDirectory(prefix="iterata-") as temporary:
            request |= {"action": action, "sql": sql, "temporary": temporary, **self.readable(sql)}
            request |= {"memory": self.memory} if self.memory else {}
            try:
                with closing(answers(_SCRIPT, request, self.folder)) as found:
                    for answer in found:
                        self._check(answer, sql)
                        yield answer
            except ScriptEnded as ended:
                remedy = "select fewer rows or columns, or use a machine with more memory"
                message = f"DuckDB did not finish: {ended}"
                raise DataError(message, remedy=remedy, where=self.where) from None

    def _check(self, answer: Answer, sql: str) -> None:
        match answer:
            case ("not one select", _):
                raise NotOneSelect(self.where)
            case ("refused", str(reason)):
                raise refused(reason, self.where, self.remedy(reason, sql))
            case ("nested", str(name)):
                raise NestedColumn(name, self.where)
            case ("without text", (str(name), str(of_type))):
                raise UnreadableCells(name, of_type, self.where)
            case ("changed", (str(name), str(of_type), str(value), str(call))):
                raise ChangedByType(name, of_type, value, call, self.where)
