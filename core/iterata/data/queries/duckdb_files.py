"""Queries of the project's files, executed by DuckDB without access to anything else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from iterata.data.queries.duckdb_process import DuckDbProcess
from iterata.data.sources.unread_file import how_to_read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
class DuckDbFiles(DuckDbProcess):
    """The files of a project, as the tables of queries."""

    root: Path
    """The repository; files outside of its data folders cannot be read."""

    def readable(self, sql: str) -> dict[str, object]:
        """The project's data folders without hidden files."""
        data = data_folders(self.folder, self.root)
        folders, files = visible_parts(data)
        patterns = [] if folders == data else _patterns_within(data, sql, self.folder)
        return {
            "folders": [f"{folder}/" for folder in folders],
            "files": [*map(str, [*data_files(self.folder), *files]), *patterns],
        }

    def names(self, sql: str) -> list[str]:
        """The names of tables and files in a query, as it writes them.

        Raises:
            DataError: DuckDB refuses the query.
        """
        for answer in self.answers("files", sql):
            if isinstance(answer.content, list):
                return answer.content
        return []

    def remedy(self, reason: str, sql: str) -> str:
        """How to fix a file that cannot be read, and other mistakes of a query."""
        for name in re.findall(r"['\"]([^'\"]+)['\"]", sql):
            is_meant = name in reason or "extension" in reason
            if is_meant and (remedy := how_to_read(name, self.folder, self.root)):
                return remedy
        if "Cannot access" in reason or "requires the extension" in reason:
            return "read only files below the project's data folder, and copy linked files into it"
        if "No files found" in reason:
            folder, root = self.folder.resolve(), self.root.resolve()
            name = folder.relative_to(root).as_posix() if folder != root else "."
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
    for name in DuckDbFiles(project, "query", root=project).names(sql):
        if re.search(r"[*?\[]", name):
            matches = sorted(path.relative_to(project).as_posix() for path in project.glob(name))
            found.update(dict.fromkeys(matches))
        elif Path(name).suffix.lower() in _SUFFIXES or (project / name).is_file():
            found[name] = None
    return list(found)
