"""Data reuse: how many models have already been evaluated on the same rows.

Every further comparison on the same rows increases the chance that a lucky model looks better than it is.
The count is taken from the committed results of all projects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iterata.repository.projects import Repository
    from iterata.results import ExperimentResult


class ReuseCount(NamedTuple):
    """The other experiments that were evaluated on the same rows."""

    iterations: tuple[str, ...]
    """Their references, in order."""
    variants: int
    """How many variants they compared in total."""


def count_reuse(
    experiments: Iterable[tuple[str, ExperimentResult]], result: ExperimentResult, iteration: str
) -> ReuseCount:
    """The experiments that share a data file with `result`, without that of `iteration`.

    Args:
        experiments: the reference of each iteration with its result.
        result: the result whose rows are counted; data files are compared by digest.
        iteration: the reference of the iteration that `result` belongs to.
    """
    digests = set(result.provenance.data.values())
    others = [
        (reference, len(other.variants))
        for reference, other in experiments
        if reference != iteration and not digests.isdisjoint(other.provenance.data.values())
    ]
    return ReuseCount(tuple(reference for reference, _ in others), sum(count for _, count in others))


def experiment_results(repository: Repository) -> Iterator[tuple[str, ExperimentResult]]:
    """Every valid experiment result, after the reference of its iteration."""
    for folder in repository.iterations:
        if (result := folder.experiment_result) is not None:
            yield folder.ref, result
