"""Review a pull request: separate the problems that it must fix from those that existed before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.review.agreement import check_agreement, check_target
from iterata.review.approvals import approval_problems
from iterata.review.checkout_paths import check_file_names, check_symlinks
from iterata.review.releases.after_revert import check_moves_after_revert, is_caused_by_revert
from iterata.review.releases.results import check_archived_results
from iterata.review.rule_changes import rule_changes
from iterata.review.run_provenance import check_approved_code, check_run_provenance
from iterata.review.transitions import CHECKS, check_iteration_numbers, check_removals
from iterata.rules.cache import REFERENCES_OUTSIDE, may_refer_outside, paths_to_read, project_files
from iterata.rules.check import check, with_severity
from iterata.rules.tree import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from iterata.problems import Problem
    from iterata.repository.git_tree import GitTree
    from iterata.repository.projects import Project, Repository
    from iterata.review.approvals import ApprovalCheck
    from iterata.review.changes import Comparison
    from iterata.review.rule_changes import RuleChange


_AT_ONCE = 20
"""How many projects are read at once."""


class Review(NamedTuple):
    """The problems of a pull request; earlier mistakes elsewhere do not block it."""

    own: list[Problem]
    """In what the pull request changes, or caused by it elsewhere."""
    others: list[Problem]
    """Present at the merge base, in unchanged documents of the projects that the pull request affects."""
    approvals: Sequence[ApprovalCheck] = ()
    """The approvals that were checked against reviews; empty if no pull request was named."""
    rule_changes: Sequence[RuleChange] = ()
    """What the pull request changes about the rules."""


def review(comparison: Comparison, root: Path, approvals: Sequence[ApprovalCheck] = ()) -> Review:
    """Check the transitions since the merge base, and the documents in their proposed state."""
    changes = [problem for change in comparison.changes for rule in CHECKS for problem in rule(change)]
    changes += [*check_iteration_numbers(comparison), *check_run_provenance(comparison, root)]
    changes += check_approved_code(comparison)
    changes += [*check_removals(comparison), *check_archived_results(comparison)]
    changes += check_moves_after_revert(comparison)
    changes += [*approval_problems(approvals), *check_symlinks(comparison)]
    changes += check_file_names(comparison)
    changes += [*check_agreement(comparison), *check_target(comparison)]
    rules, rule_problems = rule_changes(comparison, root)
    changes += rule_problems
    changes = list(with_severity(comparison.head, changes))
    folders = sorted(_affected_projects(comparison))
    present = check(comparison.head, folders) if folders else []
    present = [problem for problem in present if problem not in changes]
    untouched = [problem for problem in present if problem.path not in comparison.changed_paths]
    earlier = _earlier(comparison, untouched)
    others = [
        problem
        for problem in untouched
        if _identity(comparison.head, problem) in earlier or is_caused_by_revert(comparison, problem)
    ]
    own = [*changes, *(problem for problem in present if problem not in others)]
    return Review(
        sorted(own, key=lambda problem: (problem.path, problem.position, problem.code)),
        others,
        approvals,
        rules,
    )


def _affected_projects(comparison: Comparison) -> Iterator[str]:
    """The folders of the projects whose problems may differ from those at the merge base.

    These are the changed projects, and those that refer to findings or documents of others. No other project
    is checked, which keeps the work proportional to the change.
    """
    root = comparison.head.projects_dir
    relative = (_relative(path, (root, comparison.base.projects_dir)) for path in comparison.changed_paths)
    changed = {path.split("/", 1)[0] for path in relative}
    yield from (printable(f"{root}/{name}") for name in changed)
    others = [project for project in comparison.head.projects if changed and project.name not in changed]
    if others:
        yield from (project.path for project in _referring_outside(comparison.head_tree, others))


def _referring_outside(tree: GitTree, projects: Sequence[Project]) -> Iterator[Project]:
    """Those of the projects that may refer to others. Git finds them in half the time of reading them."""
    files = tree.files_with(REFERENCES_OUTSIDE)
    if files is not None:
        yield from (project for project in projects if not files.isdisjoint(paths_to_read(project)))
        return
    for start in range(0, len(projects), _AT_ONCE):
        some = projects[start : start + _AT_ONCE]
        tree.read_ahead(path for project in some for path in paths_to_read(project))
        for project in some:
            if any(may_refer_outside(raw) for _, raw in project_files(project)):
                yield project


def _relative(path: str, folders: tuple[str, ...]) -> str:
    """A path relative to the folder of projects that contains it."""
    inside = (path.removeprefix(f"{folder}/") for folder in folders if path.startswith(f"{folder}/"))
    return next(inside, path)


def _earlier(comparison: Comparison, problems: list[Problem]) -> set[tuple[str, ...]]:
    """The identities of the problems that the merge base has in the same files."""
    base, head = comparison.base, comparison.head.projects_dir
    paths = {f"{base.projects_dir}/{_relative(problem.path, (head,))}" for problem in problems}
    return {_identity(base, problem) for problem in check(base, paths)} if paths else set()


def _identity(repository: Repository, problem: Problem) -> tuple[str, ...]:
    """What identifies a problem across revisions; its line is not part of it, as edits above move it."""
    path = _relative(problem.path, (repository.projects_dir,))
    return problem.code, path, problem.field, problem.message
