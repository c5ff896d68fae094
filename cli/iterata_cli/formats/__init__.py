"""How problems are told: for people, for programs, for the code host."""

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
    "text": "for people, with the line each problem stands on",
    "json": "for programs",
    "github": "annotations on a pull request, by workflow commands",
    "sarif": "SARIF 2.1.0, for code scanning",
}
"""The formats, and what each is for."""

FROM_THE_TOP = frozenset({"github", "sarif"})
"""The formats that name files from the top of the Git repository, wherever in it the knowledge base lies."""


class Writer(Protocol):
    """Turns problems into the text of a format."""

    def __call__(self, problems: Sequence[Problem], lines: Callable[[str], Sequence[str]]) -> str:
        """The text; `lines` gives the lines of a file by its path, none where it cannot be read."""
        ...


def writer(name: str) -> Writer:
    """The writer of a format; only its module is imported."""
    found: Writer = import_module(f"iterata_cli.formats.{name}").write
    return found


def written(form: str, problems: Sequence[Problem], root: Path, tree: Tree) -> str:
    """The problems of a knowledge base in a format; `tree` is where their lines are read from."""
    named = _from_the_top(root, problems) if form in FROM_THE_TOP else problems
    return writer(form)(named, partial(_lines, tree))


def _from_the_top(root: Path, problems: Sequence[Problem]) -> list[Problem]:
    from iterata.repository import git  # noqa: PLC0415  # only for a code host

    below = git.prefix(root).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return [problem._replace(path=below + problem.path) for problem in problems]


def _lines(tree: Tree, path: str) -> Sequence[str]:
    """The lines of a file that problems stand on, as Git counts them; none where it is no text of ours."""
    from iterata.errors import IterataError  # noqa: PLC0415

    try:
        return tree.read(path).decode("utf-8-sig").split("\n")
    except (IterataError, UnicodeDecodeError):
        return ()
