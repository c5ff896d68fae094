"""A problem that a rule found: its place, and how to fix it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How much a problem matters."""

    ERROR = "error"
    """The document may not pass its gate; `check` exits with 1."""
    WARNING = "warning"
    """Somebody should look at it; `check` still exits with 0."""


class Tuning(StrEnum):
    """The severity that a team gives to a rule."""

    ERROR = "error"
    """The document may not pass its gate."""
    WARNING = "warning"
    """Somebody should look at it."""
    IGNORE = "ignore"
    """Problems of the rule are not reported."""


class Position(NamedTuple):
    """A place in a text file; both numbers count from 1, as in editors and code hosts."""

    line: int
    column: int = 1


class Problem(NamedTuple):
    """One problem, with all that is needed to fix it."""

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
