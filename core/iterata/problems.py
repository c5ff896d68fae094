"""Problems that rules find: what is wrong, where, and how to fix it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How serious a problem is."""

    ERROR = "error"
    """The document does not pass its gate; `check` exits with 1."""
    WARNING = "warning"
    """The document passes; `check` exits with 0."""


class SeveritySetting(StrEnum):
    """The severity that a team sets for a rule."""

    ERROR = "error"
    """The document does not pass its gate."""
    WARNING = "warning"
    """The document passes."""
    IGNORE = "ignore"
    """The problems are not reported."""


class Position(NamedTuple):
    """A place in a text file; line and column count from 1, as in editors and code hosts."""

    line: int
    column: int = 1


class Problem(NamedTuple):
    """A violation of a rule, with everything needed to fix it."""

    code: str
    severity: Severity
    path: str
    """Relative to the repository, with forward slashes."""
    position: Position
    field: str
    """Dotted path into the front matter (`plan.variants[0].name`), or empty."""
    message: str
    remedy: str
    data: str = ""
    """The place in the data (`data/rows.csv, row 5`), or empty if the problem is in the document alone."""

    def __str__(self) -> str:
        field = f"{self.field}: " if self.field else ""
        line, column = self.position
        data = f"\n  data: {self.data}" if self.data else ""
        return f"{self.path}:{line}:{column}: {self.code} {field}{self.message}{data}\n  fix: {self.remedy}"
