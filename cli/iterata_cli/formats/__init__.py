"""How `check` says what it found: for people, for programs, for the code host."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iterata.problems import Problem

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
