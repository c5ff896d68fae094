"""The verdict on a pull request: what it must mend, and what was wrong before it came."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.review.approvals import problems as approval_problems
from iterata.review.reopening import opened_for_a_reason
from iterata.review.run_provenance import ran_what_was_approved
from iterata.review.symlinks import nothing_leads_elsewhere
from iterata.review.transitions import CHECKS, numbers_do_not_collide
from iterata.rules.cache import files_of, looks_outward
from iterata.rules.check import check, tuned
from iterata.rules.tree import legible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from iterata.problems import Problem
    from iterata.repository.projects import Repository
    from iterata.review.approvals import Judged
    from iterata.review.changes import Comparison


class Review(NamedTuple):
    """Problems, apart: nobody is kept from their work by a mistake somewhere else."""

    own: list[Problem]
    """In what the pull request touches, or caused by it elsewhere."""
    others: list[Problem]
    """There before it, in documents it does not touch, of the projects it concerns."""
    approvals: Sequence[Judged] = ()
    """The approvals it adds, held against the reviews on the code host, where that was asked for."""


def review(comparison: Comparison, root: Path, approvals: Sequence[Judged] = ()) -> Review:
    """Judge the transitions made since the merge base, and the documents as they now are.

    `approvals` are those that were held against the reviews on the code host.
    """
    moves = [problem for change in comparison.changes for test in CHECKS for problem in test(change)]
    moves += [*numbers_do_not_collide(comparison), *ran_what_was_approved(comparison, root)]
    moves += [*approval_problems(approvals), *nothing_leads_elsewhere(comparison)]
    moves += opened_for_a_reason(comparison, root)
    moves = list(tuned(comparison.head, moves))
    concerned = sorted(_concerned(comparison))
    standing = check(comparison.head, concerned) if concerned else []
    standing = [problem for problem in standing if problem not in moves]
    elsewhere = [problem for problem in standing if not _touched(comparison, problem)]
    known = _known(comparison, elsewhere)
    others = [problem for problem in elsewhere if _sameness(comparison.head, problem) in known]
    own = [*moves, *(problem for problem in standing if problem not in others)]
    return Review(sorted(own, key=lambda each: (each.path, each.position, each.code)), others, approvals)


def _concerned(comparison: Comparison) -> Iterator[str]:
    """The folders of the projects whose verdict may differ from what it was at the merge base.

    Those that are touched, and those that refer to findings or documents of others. The rest need not be
    judged, so that the work is in proportion to the change.
    """
    root = comparison.head.projects_dir
    below = (_below(path, (root, comparison.base.projects_dir)) for path in comparison.touched)
    touched = {path.split("/", 1)[0] for path in below}
    yield from (legible(f"{root}/{name}") for name in touched)
    for project in comparison.head.projects if touched else ():
        if project.name not in touched and any(looks_outward(raw) for _, raw in files_of(project)):
            yield project.path


def _below(path: str, folders: tuple[str, ...]) -> str:
    """A path as it is seen from the folder of the projects it is in."""
    return next((path.removeprefix(f"{each}/") for each in folders if path.startswith(f"{each}/")), path)


def _touched(comparison: Comparison, problem: Problem) -> bool:
    return problem.path in comparison.touched


def _known(comparison: Comparison, problems: list[Problem]) -> set[tuple[str, ...]]:
    base, head = comparison.base, comparison.head.projects_dir
    paths = {f"{base.projects_dir}/{_below(problem.path, (head,))}" for problem in problems}
    return {_sameness(base, problem) for problem in check(base, paths)} if paths else set()


def _sameness(repository: Repository, problem: Problem) -> tuple[str, ...]:
    """What a problem is, wherever it stands; lines move when something above them changes."""
    path = _below(problem.path, (repository.projects_dir,))
    return problem.code, path, problem.field, problem.message
