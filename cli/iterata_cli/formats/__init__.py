"""The output formats of problems: for people, for programs, for the code host."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from iterata.problems import Problem
    from iterata.repository.tree import Tree

FORMATS: dict[str, str] = {
    "text": "for people, with the line of each problem",
    "json": "for programs",
    "github": "workflow commands that annotate a pull request",
    "gitlab": "a Code Quality report for a merge request",
    "sarif": "SARIF 2.1.0, for code scanning",
}
"""The formats and their purposes."""

RELATIVE_TO_GIT_ROOT = frozenset({"github", "gitlab", "sarif"})
"""The formats with paths relative to the Git repository, which may be above the knowledge base."""


class Writer(Protocol):
    """Formats problems."""

    def __call__(self, problems: Sequence[Problem], lines: Callable[[str], Sequence[str]]) -> str:
        """The formatted text; `lines` returns the lines of a file by its path, none if it cannot be read."""
        ...


def writer(name: str) -> Writer:
    """The writer of a format; only its module is imported."""
    write: Writer = import_module(f"iterata_cli.formats.{name}").write
    return write


def data_line(problem: Problem) -> str:
    """A line with the place in the data, for a text of several lines; empty if there is none."""
    return f"\ndata: {problem.data}" if problem.data else ""


def format_problems(name: str, problems: Sequence[Problem], root: Path, tree: Tree) -> str:
    """The problems of a knowledge base in a format; their lines are read from `tree`."""
    if name in RELATIVE_TO_GIT_ROOT:
        problems = _relative_to_git_root(root, problems)
    return writer(name)(problems, partial(lines_of, tree))


def _relative_to_git_root(root: Path, problems: Sequence[Problem]) -> list[Problem]:
    from iterata.repository import git  # noqa: PLC0415  # only for a code host

    prefix = git.prefix(root).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return [problem._replace(path=prefix + problem.path) for problem in problems]


def lines_of(tree: Tree, path: str) -> Sequence[str]:
    """The lines of a file as Git counts them; none if it is not UTF-8 text."""
    from iterata.errors import IterataError  # noqa: PLC0415

    try:
        return tree.read(path).decode("utf-8-sig").split("\n")
    except (IterataError, UnicodeDecodeError):
        return ()
