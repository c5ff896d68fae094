"""The filter of the findings page: its facets, and the classes by which CSS hides cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.site.facts import label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from iterata.knowledge import FindingView


class Facet(NamedTuple):
    """A property that findings are filtered by."""

    name: str
    title: str
    options: dict[str, str]
    """Each value with the id of its radio button. The id is also the class of the cards."""


_FACETS: tuple[tuple[str, str, Callable[[FindingView], Iterable[str]]], ...] = (
    ("it-kind", "Kind", lambda finding: [str(finding.kind)]),
    ("it-base", "Knowledge base", lambda finding: [finding.project.rpartition("/")[0] or "this one"]),
    ("it-project", "Project", lambda finding: [finding.project]),
    ("it-kpi", "KPI", lambda finding: [label(finding.kpi_kind)] if finding.kpi_kind else []),
    ("it-tag", "Tag", lambda finding: finding.tags),
)


def facets(findings: Sequence[FindingView]) -> tuple[Facet, ...]:
    """The facets with at least two values."""
    all_facets = []
    for name, title, values_of in _FACETS:
        values = sorted({value for finding in findings for value in values_of(finding)})
        all_facets.append(
            Facet(name, title, {value: f"{name}-{number}" for number, value in enumerate(values, 1)})
        )
    return tuple(facet for facet in all_facets if len(facet.options) > 1)


def classes(finding: FindingView, of: Sequence[Facet]) -> str:
    """The classes of a finding's card, one for each of its values."""
    values_of = {name: values for name, _, values in _FACETS}
    return " ".join(facet.options[value] for facet in of for value in values_of[facet.name](finding))
