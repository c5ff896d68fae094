"""What a rule found: one problem, where it stands, and how to mend it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How much a problem matters."""

    ERROR = "error"
    """The document may not pass its gate; `check` exits with 1."""
    WARNING = "warning"
    """Somebody should look; `check` still exits with 0."""


class Tuning(StrEnum):
    """How much a team wants a rule to matter."""

    ERROR = "error"
    """The document may not pass its gate."""
    WARNING = "warning"
    """Somebody should look."""
    IGNORE = "ignore"
    """Nobody wants to know."""


class Position(NamedTuple):
    """A place in a text file; both count from 1, as editors and code hosts do."""

    line: int
    column: int = 1


class Problem(NamedTuple):
    """One finding of a rule, complete enough to be mended without reading anything else."""

    code: str
    severity: Severity
    path: str
    """Relative to the repository, with forward slashes."""
    position: Position
    field: str
    """Dotted path into the front matter (`plan.variants[0].name`), or empty."""
    message: str
    remedy: str

    def __str__(self) -> str:
        field = f"{self.field}: " if self.field else ""
        line, column = self.position
        return f"{self.path}:{line}:{column}: {self.code} {field}{self.message}\n  fix: {self.remedy}"
