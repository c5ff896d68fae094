"""How often the same rows have judged models: ask them often enough, and they say what one hopes for.

Every comparison on the same rows is another chance for luck to look like skill. The ledger is no file of its
own: it is read off the results that are kept, across projects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iterata.repository.projects import Repository
    from iterata.results import ExperimentResult


class ReuseCount(NamedTuple):
    """What else the same rows have judged."""

    iterations: tuple[str, ...]
    """By reference, in order."""
    variants: int


def other_looks(
    known: Iterable[tuple[str, ExperimentResult]], result: ExperimentResult, but: str
) -> ReuseCount:
    """The experiments that were judged on rows of this result, apart from the one called `but`.

    `known` are the results at hand, each with the reference of its iteration.
    """
    digests = set(result.provenance.data.values())
    found = [
        (ref, len(each.variants))
        for ref, each in known
        if ref != but and not digests.isdisjoint(each.provenance.data.values())
    ]
    return ReuseCount(tuple(ref for ref, _ in found), sum(count for _, count in found))


def kept(repository: Repository) -> Iterator[tuple[str, ExperimentResult]]:
    """Every experiment of a knowledge base, with the reference of its iteration."""
    for project in repository.projects:
        for folder in project.iterations:
            found = folder.results.get("experiment")
            if found is not None and found.kind == "experiment":
                yield folder.ref, found
