"""A stage document: its front matter as a model, its prose, and all of its problems."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from iterata import __version__
from iterata.documents import front_matter
from iterata.documents.findings import finding_entries
from iterata.documents.fingerprint import fingerprint
from iterata.documents.yaml.loader import MAX_PROBLEMS
from iterata.errors import dotted
from iterata.problems import Position, Problem, Severity
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.documents.findings import FindingEntry
    from iterata.documents.front_matter import Source
    from iterata.documents.models.base import Header
    from iterata.errors import IterataError


SCHEMA_VERSION = 1
"""The version of the format of front matter; it rises if a key changes or disappears."""

_STATUSES = {status.value: status for status in Status}
_NOT_AGREED = frozenset({Status.DRAFT, Status.IN_REVIEW, Status.REJECTED, Status.PLANNED, Status.RUNNING})


@cache
def model_of(stage: Stage) -> type[Header]:
    """The model of a stage's front matter; only that stage's module is imported."""
    module = import_module(f"iterata.documents.models.{stage.value}")
    model: type[Header] = getattr(module, stage.value.capitalize())
    return model


@dataclass(frozen=True)
class Document:
    """A stage document as it is in the tree."""

    path: str
    """Relative to the repository, with forward slashes."""
    stage: Stage
    """From the file's name."""
    source: Source
    model: Header | None
    """None if the front matter has problems; `data` then has the part that could be read."""
    problems: tuple[Problem, ...]
    changed_figures: Problem | None = None
    """Where it was agreed on and no longer says what its result says; only the read model looks for it."""

    @property
    def data(self) -> dict[str, Any]:
        """The front matter as plain data."""
        return self.source.data

    @property
    def body(self) -> str:
        """The prose below the front matter."""
        return self.source.body

    @cached_property
    def title(self) -> str:
        """The document's title, or its file name if it has none, or only the prompt to write one."""
        title = self.data.get("title")
        is_written = isinstance(title, str) and title.strip() and not title.lstrip().startswith("TODO")
        return title.strip() if isinstance(title, str) and is_written else self.stage.filename

    @cached_property
    def status(self) -> Status | None:
        """The document's status; None if there is no such status."""
        status = self.data.get("status")
        return _STATUSES.get(status) if isinstance(status, str) else None

    @cached_property
    def is_provisional(self) -> bool:
        """Whether it is not agreed yet, so that what it says may still change."""
        return self.status is None or self.status in _NOT_AGREED

    @cached_property
    def findings(self) -> tuple[FindingEntry, ...]:
        """The findings in the front matter, which may be invalid."""
        return tuple(finding_entries(self.data))

    @cached_property
    def fingerprint(self) -> str:
        """The digest of what other documents rely on."""
        return fingerprint(self.data)

    def problem(
        self,
        code: str,
        path: Sequence[str | int],
        message: str,
        remedy: str,
        *,
        key: bool = False,
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """A problem at the value at `path` in the front matter, or at its key."""
        position = self.source.position(path, key=key)
        return Problem(code, severity, self.path, position, dotted(path), message, remedy)

    def problem_in_body(self, code: str, offset: int, message: str, remedy: str) -> Problem:
        """A problem at a character of the prose."""
        line = self.source.body_line + self.body.count("\n", 0, offset)
        return Problem(code, Severity.ERROR, self.path, Position(line), "", message, remedy)


def parse(path: str, stage: Stage, raw: bytes) -> Document:
    """Read a stage document; nothing is raised, see `Document.problems`.

    Args:
        path: the file, relative to the repository, with forward slashes.
        stage: the stage, from the file's name.
        raw: the file's content.
    """
    source = front_matter.read(path, raw)
    if source.problems:
        return Document(path, stage, source, None, source.problems)
    declared = source.data.get("stage")
    version = source.data.get("schema_version", SCHEMA_VERSION)
    problem = None
    if isinstance(declared, str) and declared != stage and declared in list(Stage):
        problem = _wrong_stage(Document(path, stage, source, None, ()), Stage(declared))
    elif isinstance(version, int) and version > SCHEMA_VERSION:
        problem = _newer(Document(path, stage, source, None, ()), version)
    return Document(path, stage, source, None, (problem,)) if problem else _validate(path, stage, source)


def _wrong_stage(document: Document, declared: Stage) -> Problem:
    message = f"is {declared}, but the file is named {document.stage.filename}"
    remedy = f"write `stage: {document.stage}`, or rename the file to {declared.filename}"
    return document.problem("DOC009", ["stage"], message, remedy)


def _newer(document: Document, version: int) -> Problem:
    from iterata.execution.installed import how_to_upgrade  # noqa: PLC0415  # only for a newer document

    message = f"is {version}: a newer iterata wrote it; iterata {__version__} reads {SCHEMA_VERSION}"
    return document.problem("DOC020", ["schema_version"], message, how_to_upgrade(""))


def unreadable(path: str, stage: Stage, error: IterataError) -> Document:
    """A stage document whose file cannot or must not be read."""
    problem = Problem("TREE006", Severity.ERROR, path, Position(1), "", error.message, error.remedy)
    return Document(path, stage, front_matter.unreadable(problem), None, (problem,))


@lru_cache(maxsize=1)  # as for its data
def _valid_model(stage: Stage, yaml: str) -> Header:
    data, _ = front_matter.loaded(yaml)
    return model_of(stage).model_validate(data)


def _validate(path: str, stage: Stage, source: Source) -> Document:
    """The document with its model, or with the problems of its front matter."""
    from pydantic import ValidationError  # noqa: PLC0415  # as late as the models themselves

    model = model_of(stage)
    try:
        return Document(path, stage, source, _valid_model(stage, source.yaml), ())
    except ValidationError as error:
        from iterata.documents.commas import merge_divided_entries  # noqa: PLC0415  # only if it is wrong
        from iterata.documents.explain import explain  # noqa: PLC0415

        errors = error.errors(include_url=False)[:MAX_PROBLEMS]
        explanations = explain(model, source.data, errors)
        document = Document(path, stage, source, None, ())
        problems = [
            document.problem(code, field, message, remedy, key=code == "DOC006")
            for code, field, message, remedy, _ in merge_divided_entries(
                source.yaml, source.data, explanations
            )
        ]
        problems.sort(key=lambda problem: problem.position)
        return Document(path, stage, source, None, tuple(problems))
