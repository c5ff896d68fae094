"""A stage document: its front matter as a model, its prose, and everything wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from iterata.documents import front_matter
from iterata.documents.fingerprint import fingerprint
from iterata.documents.yaml.loader import MAX_TOLD
from iterata.errors import dotted
from iterata.problems import Position, Problem, Severity
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.documents.front_matter import Source
    from iterata.documents.models.base import Header
    from iterata.errors import IterataError


_STATUSES = {status.value: status for status in Status}


@cache
def model_of(stage: Stage) -> type[Header]:
    """The model of a stage's front matter; only that stage's module is imported."""
    module = import_module(f"iterata.documents.models.{stage.value}")
    model: type[Header] = getattr(module, stage.value.capitalize())
    return model


@dataclass(frozen=True)
class Document:
    """A stage document as it stands in the tree."""

    path: str
    """Relative to the repository, with forward slashes."""
    stage: Stage
    """By the file's name."""
    source: Source
    model: Header | None
    """None where the front matter has problems; `data` then holds what could be read."""
    problems: tuple[Problem, ...]

    @property
    def data(self) -> dict[str, Any]:
        """The front matter as plain data."""
        return self.source.data

    @property
    def body(self) -> str:
        """The prose below the front matter."""
        return self.source.body

    @property
    def title(self) -> str:
        """The document's title, or its file name where it has none."""
        title = self.data.get("title")
        return title.strip() if isinstance(title, str) and title.strip() else self.stage.filename

    @property
    def status(self) -> Status | None:
        """The document's status, or none where it is not a status at all."""
        written = self.data.get("status")
        return _STATUSES.get(written) if isinstance(written, str) else None

    @cached_property
    def fingerprint(self) -> str:
        """A digest of what others rely on in this document."""
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
        """A problem at a place in the front matter."""
        return Problem(
            code, severity, self.path, self.source.position(path, key=key), dotted(path), message, remedy
        )

    def problem_in_body(self, code: str, offset: int, message: str, remedy: str) -> Problem:
        """A problem at a character of the prose."""
        line = self.source.body_line + self.body.count("\n", 0, offset)
        return Problem(code, Severity.ERROR, self.path, Position(line), "", message, remedy)


def parse(path: str, stage: Stage, raw: bytes) -> Document:
    """Read a stage document. Its problems are in `problems`, all of them at once; nothing is raised."""
    source = front_matter.read(path, raw)
    if source.faults:
        return Document(path, stage, source, None, source.faults)
    written = source.data.get("stage")
    if isinstance(written, str) and written != stage and written in list(Stage):
        position = source.position(["stage"])
        message = f"says stage {written}, but its name says {stage}"
        remedy = f"write `stage: {stage}`, or rename the file to {Stage(written).filename}"
        return Document(
            path,
            stage,
            source,
            None,
            (Problem("DOC009", Severity.ERROR, path, position, "stage", message, remedy),),
        )
    return _validate(path, stage, source)


def unreadable(path: str, stage: Stage, error: IterataError) -> Document:
    """A stage document whose file cannot be read at all, or may not be."""
    problem = Problem("TREE006", Severity.ERROR, path, Position(1), "", error.message, error.remedy)
    return Document(path, stage, front_matter.nothing(problem), None, (problem,))


def _validate(path: str, stage: Stage, source: Source) -> Document:
    from pydantic import ValidationError  # noqa: PLC0415  # as late as the models themselves

    model = model_of(stage)
    try:
        return Document(path, stage, source, model.model_validate(source.data), ())
    except ValidationError as error:
        from iterata.documents.explain import explain  # noqa: PLC0415  # only when something is wrong

        problems = [
            Problem(
                code,
                Severity.ERROR,
                path,
                source.position(loc, key=code == "DOC006"),
                dotted(loc),
                message,
                remedy,
            )
            for code, loc, message, remedy in explain(
                model, source.data, error.errors(include_url=False)[:MAX_TOLD]
            )
        ]
        return Document(path, stage, source, None, tuple(sorted(problems, key=lambda each: each.position)))
