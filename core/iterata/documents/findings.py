"""Findings in front matter: where they are, and which finding a reference names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

FINDINGS, POST_MORTEM, ABANDONED = "findings", "post_mortem", "abandoned"
"""The keys of the front matter that findings are below."""

FINDING_LISTS = ((FINDINGS,), (POST_MORTEM, FINDINGS), (ABANDONED, FINDINGS))
"""The lists of findings: of reports, of post-mortems, and of documents whose work was abandoned."""


class FindingEntry(NamedTuple):
    """An entry of a list of findings, which may be invalid."""

    path: tuple[str | int, ...]
    """Its place in the front matter."""
    data: dict[str, object]


def finding_entries(data: object) -> Iterator[FindingEntry]:
    """The findings in the front matter of a document, in order; entries that are no blocks are left out."""
    for path in FINDING_LISTS:
        entries = data
        for key in path:
            entries = entries.get(key) if isinstance(entries, dict) else None
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                yield FindingEntry((*path, index), entry)


class FindingKey(NamedTuple):
    """A finding of the whole repository. `str()` renders it as other projects refer to it."""

    project: str
    iteration: str
    """The name of the iteration; empty for the project's requirements."""
    id: str

    def __str__(self) -> str:
        return f"{self.project}/{self.iteration}#{self.id}"


def resolve(reference: str, project: str, iteration: str) -> FindingKey:
    """The finding that a reference in a document of `project` and `iteration` names.

    >>> str(resolve("#F2", "caravan", "01-setup")), str(resolve("02-trees#F1", "caravan", "01-setup"))
    ('caravan/01-setup#F2', 'caravan/02-trees#F1')
    >>> resolve("wine/#F1", "caravan", "01-setup")
    FindingKey(project='wine', iteration='', id='F1')
    """
    folder, _, identifier = reference.partition("#")
    if not folder:
        return FindingKey(project, iteration, identifier)
    other_project, slash, name = folder.rpartition("/")
    return FindingKey(other_project if slash else project, name, identifier)
