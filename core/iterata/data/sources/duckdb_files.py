"""Queries of the project's files, executed by DuckDB without access to anything else."""

from __future__ import annotations

import re
import tempfile
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from iterata.data.refusals import MissingPackage, NestedColumn
from iterata.data.sources.cells import require_exact
from iterata.data.sources.sql import as_read_from_file, refused
from iterata.data.sources.sql_refusals import ChangedByType, NotOneSelect, UnreadableCells
from iterata.data.sources.table import BATCH
from iterata.errors import DataError
from iterata.execution.answers import Answer, ScriptEnded, answers

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

_SCRIPT = Path(__file__).with_name("duckdb_worker.py")

_WHOLE_NUMBERS = re.compile(r"U?(BIG|HUGE)INT|DECIMAL\(\d+,0\)|BIGNUM|VARINT")
"""DuckDB's types of whole numbers that a float may not hold exactly."""

_NO_DATA = re.compile(r"\..*|_.*|results|[0-9]{2,}-.*")
"""Folders of a project that hold no data: hidden ones, caches, iterations."""

_PATTERN = re.compile(r"""['"]([^'"]*[*?\[][^'"]*)['"]""")
"""A quoted pattern of files."""

_SUFFIXES = {
    ".csv",
    ".tsv",
    ".txt",
    ".json",
    ".jsonl",
    ".ndjson",
    ".parquet",
    ".gz",
    ".zst",
    ".duckdb",
    ".db",
}
"""How the names of files end; other names in a query are those of tables."""


@dataclass(frozen=True, slots=True)
class DuckDbFiles:
    """The files of a project, as the tables of queries."""

    project: Path
    root: Path
    """The repository; files outside of its data folders cannot be read."""
    where: str
    """Their name in messages."""

    def columns(self, sql: str) -> tuple[str, ...]:
        """The columns of a query's result.

        Raises:
            DataError: DuckDB refuses the query.
        """
        for answer in self._answers("columns", sql):
            if isinstance(answer.content, list):
                return tuple(answer.content)
        return ()

    def batches(self, sql: str, names: Sequence[str]) -> Generator[pd.DataFrame]:
        """The rows of some columns of a query's result.

        Raises:
            DataError: DuckDB refuses the query, or a column cannot be read without a change of its meaning.
        """
        whole: list[str] = []
        with closing(self._answers("rows", sql, names=list(names), batch=BATCH)) as found:
            for _, content in found:
                if isinstance(content, dict):
                    whole = [name for name, of_type in content.items() if _WHOLE_NUMBERS.fullmatch(of_type)]
                elif isinstance(content, pd.DataFrame):
                    batch = as_read_from_file(content)
                    yield batch.assign(**{name: require_exact(batch[name], self.where) for name in whole})

    def names(self, sql: str) -> list[str]:
        """The names of tables and files in a query, as it writes them.

        Raises:
            DataError: DuckDB refuses the query.
        """
        for answer in self._answers("files", sql):
            if isinstance(answer.content, list):
                return answer.content
        return []

    def _answers(self, action: str, sql: str, **request: object) -> Generator[Answer]:
        if find_spec("duckdb") is None:
            raise MissingPackage("DuckDB", "duckdb", self.where)
        data = data_folders(self.project, self.root)
        folders, files = visible_parts(data)
        patterns = [] if folders == data else _patterns_within(data, sql, self.project)
        with tempfile.TemporaryDirectory(prefix="iterata-") as temporary:
            request |= {
                "action": action, "sql": sql, "temporary": temporary,
                "folders": [f"{folder}/" for folder in folders],
                "files": [*map(str, [*data_files(self.project), *files]), *patterns],
            }  # fmt: skip
            try:
                with closing(answers(_SCRIPT, request, self.project)) as found:
                    for answer in found:
                        self._check(answer)
                        yield answer
            except ScriptEnded as ended:
                remedy = "select fewer rows or columns, or use a machine with more memory"
                message = f"DuckDB did not finish: {ended}"
                raise DataError(message, remedy=remedy, where=self.where) from None

    def _check(self, answer: Answer) -> None:
        match answer:
            case ("not one select", _):
                raise NotOneSelect(self.where)
            case ("refused", str(reason)):
                raise refused(reason, self.where, self._remedy(reason))
            case ("nested", str(name)):
                raise NestedColumn(name, self.where)
            case ("without text", (str(name), str(of_type))):
                raise UnreadableCells(name, of_type, self.where)
            case ("changed", (str(name), str(of_type), str(value), str(call))):
                raise ChangedByType(name, of_type, value, call, self.where)

    def _remedy(self, reason: str) -> str:
        if "Cannot access" in reason or "requires the extension" in reason:
            return "read only files below the project's data folder, and copy linked files into it"
        if "No files found" in reason:
            folder = self.project.resolve()
            name = (
                folder.relative_to(self.root.resolve()).as_posix() if folder != self.root.resolve() else "."
            )
            return f"make the file, or correct its name, which is relative to the folder {name}"
        return "correct the query; DuckDB's own message is above"


def data_folders(project: Path, root: Path) -> list[Path]:
    """The folders that a query may read: those of the project without documents, and the repository's `data`.

    Not among them are hidden folders, such as `.git`, the results of iterations, and other projects.
    """
    own = [
        folder
        for folder in project.resolve().iterdir()
        if folder.is_dir() and not folder.is_symlink() and not _NO_DATA.fullmatch(folder.name)
    ]
    return sorted([*own, root.resolve() / "data"])


def visible_parts(folders: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """The same folders, or, where a file or folder in them is hidden, all that is not: folders and files.

    DuckDB can allow folders and files, but cannot forbid a file, such as `.env`, in a folder that it allows.
    """
    clean: list[Path] = []
    files: list[Path] = []
    for folder in folders:
        inside = sorted(folder.iterdir()) if folder.is_dir() else []
        shown = [path for path in inside if not path.name.startswith(".")]
        below = [path for path in shown if path.is_dir() and not path.is_symlink()]
        clean_below, files_below = visible_parts(below)
        if len(shown) == len(inside) and clean_below == below:
            clean.append(folder)
        else:
            clean += clean_below
            files += [*(path for path in shown if path.is_file()), *files_below]
    return clean, files


def _patterns_within(folders: Sequence[Path], sql: str, project: Path) -> list[str]:
    """The patterns of files that a query writes; DuckDB asks for them before it asks for each file."""
    written = {str((project / text).resolve()) for text in _PATTERN.findall(sql)}
    return sorted(path for path in written if any(Path(path).is_relative_to(folder) for folder in folders))


def data_files(project: Path) -> list[Path]:
    """The data files that are directly in the project's folder."""
    return sorted(
        file
        for file in project.resolve().iterdir()
        if file.is_file() and file.suffix.lower() in _SUFFIXES and not file.name.startswith(".")
    )


def files_of_query(sql: str, project: Path) -> list[str]:
    """The files that a query names, relative to the project; for a pattern, the files that match it.

    Raises:
        DataError: DuckDB refuses the query.
    """
    found: dict[str, None] = {}
    for name in DuckDbFiles(project, project, "query").names(sql):
        if re.search(r"[*?\[]", name):
            matches = sorted(path.relative_to(project).as_posix() for path in project.glob(name))
            found.update(dict.fromkeys(matches))
        elif Path(name).suffix.lower() in _SUFFIXES or (project / name).is_file():
            found[name] = None
    return list(found)
