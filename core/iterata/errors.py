"""Errors that a user can fix: what is wrong, where, and how to fix it."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, NamedTuple, Self

from iterata import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iterata.problems import Problem

FieldPath = tuple[str | int, ...]
"""A path into front matter: `("plan", "variants", 0, "name")`."""

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class Location(NamedTuple):
    """Where an error is: every part is optional, and `str()` renders the parts that are set.

    >>> str(Location("proposal.md", line=12, field=("plan", "split")))
    'proposal.md:12: plan.split'
    >>> str(Location(variant="logistic", fold=2, repeat=1))
    'variant logistic, fold 2 of repeat 1'
    """

    source: str = ""
    """A document, a file, a query, an address, or an option of the command line."""
    line: int | None = None
    """Counts from 1."""
    column: int | None = None
    """Counts from 1."""
    field: FieldPath = ()
    """Path into the source's front matter; relative to the part that was read while `source` is empty."""
    variant: str = ""
    """Name of the plan's variant."""
    fold: int | None = None
    """Counts from 1."""
    repeat: int | None = None
    """Counts from 1."""
    data: str = ""
    """The file, the query or the database with wrong content, if `source` is the document that names it."""
    row: int | None = None
    """A row of the data; counts from 1, without the header."""
    data_column: str = ""
    """A column of the data, by its name."""

    def __str__(self) -> str:
        position = (self.source, *(str(part) for part in (self.line, self.column) if part is not None))
        variant = f"variant {self.variant}" if self.variant else ""
        fold = "" if self.fold is None else f"fold {self.fold} of repeat {self.repeat}"
        parts = (
            ":".join(filter(None, position)),
            dotted(self.field),
            ", ".join(filter(None, (variant, fold))),
        )
        return ": ".join(filter(None, parts))

    @property
    def detail(self) -> str:
        """The place in the data: `data/rows.csv, row 5`; empty if the error is in the document alone."""
        row = "" if self.row is None else f"row {self.row:,}"
        return ", ".join(filter(None, (self.data, row))) if self.data else ""

    def __truediv__(self, step: str | int) -> Location:
        """The location of a key or an item of this field: `location / "features" / 0`."""
        return self._replace(field=(*self.field, step))

    def within(self, parent: Location) -> Location:
        """This location, with its field relative to `parent` made absolute.

        A location with a source is complete, and returned unchanged.
        """
        if self.source:
            return self
        return self._replace(source=parent.source, line=parent.line, field=(*parent.field, *self.field))


def at_field(path: str) -> Location:
    """The location of a field of the front matter, in dots and brackets as `str()` writes it.

    >>> at_field("plan.metrics.secondary[0].metric").field
    ('plan', 'metrics', 'secondary', 0, 'metric')
    """
    return Location(field=tuple(name or int(index) for name, index in _STEP.findall(path)))


def dotted(path: Iterable[str | int]) -> str:
    """A path into the front matter as authors read it.

    >>> dotted(["plan", "variants", 0, "name"])
    'plan.variants[0].name'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


class IterataError(Exception):
    """Something outside iterata is wrong or missing: shown as one message, never as a traceback.

    Args:
        message: what is wrong, with the value.
        remedy: how to fix it.
        where: the location; a string is the source of one.
    """

    def __init__(self, message: str, *, remedy: str, where: str | Location = "") -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy
        self.location = Location(where) if isinstance(where, str) else where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        detail = f"\n  data: {self.location.detail}" if self.location.detail else ""
        return f"{place}{self.message}{detail}\n  fix: {self.remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        """Copy and pickle without calling `__init__`, whose parameters differ between classes."""
        return _restored, (type(self), self.args), self.__dict__

    @property
    def where(self) -> str:
        """The location as text."""
        return str(self.location)

    def at(
        self,
        *,
        source: str = "",
        line: int | None = None,
        column: int | None = None,
        field: FieldPath = (),
        variant: str = "",
        fold: int | None = None,
        repeat: int | None = None,
    ) -> Self:
        """A copy whose location is completed by these parts; parts that it has are kept."""
        parts = Location(source, line, column, field, variant, fold, repeat)
        pairs = zip(self.location, parts, strict=True)
        return self.replace(location=Location._make(own or new for own, new in pairs))

    def within(self, parent: Location) -> Self:
        """A copy whose relative field is placed in `parent`; see `Location.within`."""
        return self.replace(location=self.location.within(parent))

    def replace(
        self, *, message: str | None = None, remedy: str | None = None, location: Location | None = None
    ) -> Self:
        """A copy with other parts; the error itself is never changed after it was raised."""
        error = copy.copy(self)
        error.message = self.message if message is None else message
        error.remedy = self.remedy if remedy is None else remedy
        error.location = self.location if location is None else location
        return error


def _restored(kind: type[IterataError], args: tuple[object, ...]) -> IterataError:
    return kind.__new__(kind, *args)


class ConfigError(IterataError):
    """`mkdocs.yml` cannot be found or read, or has an unknown setting."""


class NotListedError(ConfigError):
    """`mkdocs.yml` does not list the plugin."""


class NotFoundError(IterataError):
    """There is no project, iteration, document or path of this name."""


class ContentMissingError(IterataError):
    """Git has a file whose content is not on this machine; no rule may judge without it."""


class DataError(IterataError):
    """A data file is missing, unreadable, or does not have the content that a document describes."""

    fields: tuple[str, ...] = ()
    """The fields of the document that the error concerns, without what is above them; the first counts."""

    def about(self, *fields: str) -> Self:
        """A copy that concerns these fields."""
        error = copy.copy(self)
        error.fields = fields
        return error


class NewerVersion(DataError):
    """A file was written by a newer version of iterata, which this one cannot read.

    It is not damaged: nothing may treat it as missing, and nothing may write over it.

    Args:
        what: what the file is: `lift result`.
        difference: what this iterata does not know: `version 2 of its format`.
        remedy: how to get a version that reads it.
        written_by: the version of iterata that wrote it, if the file tells.
        where: the location; a string is the source of one.
    """

    def __init__(
        self, what: str, difference: str, *, remedy: str, written_by: str = "", where: str | Location = ""
    ) -> None:
        self.written_by = written_by
        author = f"iterata {written_by}" if written_by else "a newer iterata"
        message = f"the {what} was written by {author}; iterata {__version__} does not know {difference}"
        super().__init__(message, remedy=remedy, where=where)


class RunError(IterataError):
    """A variant of an experiment could not be run; `also` has the errors of other variants."""

    also: tuple[RunError, ...] = ()

    def with_others(self, errors: Iterable[RunError]) -> Self:
        """A copy with the errors of other variants."""
        error = copy.copy(self)
        error.also = tuple(errors)
        return error


class BusyError(IterataError):
    """Another command holds the lock of this iteration."""


class ProblemsError(IterataError):
    """The documents have problems that stop a command; they are listed in `problems`."""

    def __init__(self, message: str, problems: Sequence[Problem], *, remedy: str) -> None:
        super().__init__(message, remedy=remedy)
        self.problems = tuple(problems)
