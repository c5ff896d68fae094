"""The findings page's filter: which facets there are, and the classes by which a rule of CSS hides cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from iterata.knowledge import FindingView


class Facet(NamedTuple):
    """A property to filter by."""

    name: str
    title: str
    options: dict[str, str]
    """Each value that occurs, with the id of its radio button; the id is the cards' class as well."""


_FACETS: tuple[tuple[str, str, Callable[[FindingView], Iterable[str]]], ...] = (
    ("it-kind", "Kind", lambda finding: [str(finding.kind)]),
    ("it-project", "Project", lambda finding: [finding.project]),
    ("it-tag", "Tag", lambda finding: finding.tags),
)


def facets(findings: Sequence[FindingView]) -> tuple[Facet, ...]:
    """The facets that leave a choice."""
    found = []
    for name, title, values_of in _FACETS:
        values = sorted({value for finding in findings for value in values_of(finding)})
        found.append(
            Facet(name, title, {value: f"{name}-{number}" for number, value in enumerate(values, 1)})
        )
    return tuple(facet for facet in found if len(facet.options) > 1)


def classes(finding: FindingView, of: Sequence[Facet]) -> str:
    """The classes of a finding's card, one for each value it has."""
    values_of = {name: values for name, _, values in _FACETS}
    return " ".join(facet.options[value] for facet in of for value in values_of[facet.name](finding))
