"""What can go wrong for reasons a user can mend. Every message ends with the remedy."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.problems import Problem


class IterataError(Exception):
    """A mistake or a missing thing outside iterata: said in one message, never shown as a traceback.

    `message` says what is wrong, `remedy` how to mend it, `where` (a file, `file:line`, a variant) whom it
    concerns.
    """

    def __init__(self, message: str, *, remedy: str, where: str = "") -> None:
        super().__init__(message)
        self.message, self.remedy, self.where = message, remedy, where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}\n  fix: {self.remedy}"


@contextmanager
def placed(document: str, field: str = "") -> Iterator[None]:
    """Say in which document a field stands, where an error names the field alone: `status_quo.rule`."""
    try:
        yield
    except IterataError as error:
        if re.fullmatch(r"(status_quo|kpi|weights|unit_id|target)(\.\w+)*", error.where):
            error.where = f"{document}: {field}{error.where}"
        raise


class ConfigError(IterataError):
    """`mkdocs.yml` cannot be found, read, or holds a setting that does not exist."""


class NotListedError(ConfigError):
    """`mkdocs.yml` does not list the plugin."""


class NotFoundError(IterataError):
    """Nothing in the repository answers to the name that was given."""


class DataError(IterataError):
    """A data file is missing, unreadable, or does not hold what a document says it holds."""


class RunError(IterataError):
    """A variant of an experiment could not be run; `also` holds what became of others."""

    also: tuple[RunError, ...] = ()


class BusyError(IterataError):
    """Another command holds the lock of this iteration."""


class ProblemsError(IterataError):
    """The documents have problems that stop a command; they are listed in `problems`."""

    def __init__(self, message: str, problems: Sequence[Problem], *, remedy: str) -> None:
        super().__init__(message, remedy=remedy)
        self.problems = tuple(problems)
