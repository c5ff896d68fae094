"""Compare the stage documents of the merge base with those of the proposed revision."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError
from iterata.lifecycle.context import DocumentContext, context_at
from iterata.repository import git, refs
from iterata.repository.git_refusals import IncompleteCloneError
from iterata.repository.git_tree import GitTree, MissingBlobError, refuse_links
from iterata.repository.projects import DOCUMENT_ENDS, Repository
from iterata.repository.uncommitted import changed_files, write_tree
from iterata.review.policy import effective_settings, projects_dir_at, proposed_settings
from iterata.review.relocated import relocated_differences
from iterata.stages import RESULT_STAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from iterata.repository.config import Config, Settings
    from iterata.stages import Stage


UNSHALLOW = "`git fetch --unshallow`, or `fetch-depth: 0` in the workflow; this clone is shallow"


class Change(NamedTuple):
    """A stage document before and after; None if it does not exist in that revision."""

    before: DocumentContext | None
    after: DocumentContext | None

    @property
    def path(self) -> str:
        """The path of the document; its old path if it was deleted."""
        context = self.after or self.before
        return context.document.path if context else ""

    @property
    def relocated(self) -> bool:
        """Whether the document moved to another project, iteration or stage.

        A move of the whole folder of projects does not count.
        """
        return None not in self and _identity(self.before) != _identity(self.after)


def _identity(context: DocumentContext | None) -> tuple[str, str, Stage] | None:
    """The project, iteration and stage of a document."""
    if context is None:
        return None
    iteration = context.iteration.name if context.iteration else ""
    return context.project.name, iteration, context.document.stage


@dataclass(frozen=True)
class Comparison:
    """Everything that a pull request changes below the folder of projects."""

    base: Repository
    """The merge base."""
    base_commit: str
    target: Repository
    """The tip of the target branch, which the pull request will be merged into."""
    target_commit: str
    settings: Settings
    """The settings of the proposal, with the requirements of the target branch."""
    head: Repository
    """The proposed revision."""
    head_commit: str | None
    """None if the working tree is checked, because it differs from the commit that is checked out."""
    changed_paths: frozenset[str]
    """Every path that differs, not only stage documents."""
    changes: tuple[Change, ...]
    head_tree: GitTree
    """The files of the proposed revision."""
    uncommitted: tuple[str, ...] = ()
    """The files of the working tree that differ from the commit that is checked out."""


@contextmanager
def compare(config: Config, base: str, head: str | None = None) -> Iterator[Comparison]:
    """Compare the merge base of `base` and `head` with `head`.

    Without a `head` it is the commit that is checked out. If the working tree differs from that commit, it is
    the working tree as Git would commit it.

    Raises:
        IterataError: Git is not installed, a revision does not exist or is not complete in this clone, there
            is not exactly one merge base, or the folder of projects is a symbolic link.
    """
    root = config.root
    target_commit, head_commit = _commit(config, base), _commit(config, head or "HEAD")
    merge_base = _merge_base(config, target_commit, head_commit, base, is_checked_out=head is None)
    uncommitted = () if head else tuple(changed_files(root))
    proposed = write_tree(root, uncommitted) if uncommitted else head_commit
    config = replace(config, settings=proposed_settings(config, proposed))
    settings = effective_settings(config, target_commit)
    config = replace(config, settings=settings)
    commits = dict.fromkeys((merge_base, target_commit))  # often the same
    trees = [
        *(GitTree(root, commit, projects_dir_at(config, commit)) for commit in commits),
        GitTree(root, proposed, settings.projects_dir),
    ]
    try:
        for tree in trees:
            refuse_links(tree, settings.projects_dir)
        before, *target, after = (_repository(tree, settings) for tree in trees)
        differences = _differences(root, before, after, merge_base, proposed)
        trees[0].read_ahead(_documents(difference.before for difference in differences))
        trees[-1].read_ahead(_documents(difference.after for difference in differences))
        paths = frozenset(path for difference in differences for path in difference if path)
        changes = (*_changes(before, after, differences), *_changed_in_results_only(before, after, paths))
        yield Comparison(
            before,
            merge_base,
            target[0] if target else before,
            target_commit,
            settings,
            after,
            None if uncommitted else head_commit,
            paths,
            changes,
            trees[-1],
            uncommitted,
        )
    except MissingBlobError as error:
        raise IncompleteCloneError(str(error)) from None
    finally:
        for tree in trees:
            tree.close()


def _documents(paths: Iterable[str | None]) -> Iterator[str]:
    return (path for path in paths if path and path.endswith(DOCUMENT_ENDS))


def _differences(
    root: Path, before: Repository, after: Repository, merge_base: str, proposed: str
) -> list[git.Difference]:
    if before.projects_dir != after.projects_dir:
        return relocated_differences(before, after)
    return git.diff(root, merge_base, proposed, after.projects_dir)


def _repository(tree: GitTree, settings: Settings) -> Repository:
    return Repository(tree, tree.folder, settings.required_roles, settings.severity)


def _commit(config: Config, revision: str) -> str:
    commit = refs.resolve(config.root, revision)
    if commit is not None:
        return commit
    git.require(config.root)
    branch = revision.removeprefix("origin/")
    fetched = f" +refs/heads/{branch}:refs/remotes/origin/{branch}" if branch != revision else ""
    remedy = f"fetch it (`git fetch origin{fetched}`), or correct the name"
    if git.head(config.root) is None:
        remedy = "commit first; the repository has no commit to compare with"
    elif git.is_shallow(config.root):
        remedy = UNSHALLOW.replace("--unshallow", f"--unshallow origin{fetched}")
    raise IterataError("there is no such revision", remedy=remedy, where=revision)


def _merge_base(config: Config, target: str, head: str, name: str, *, is_checked_out: bool) -> str:
    merged = git.unfinished_merge(config.root) if is_checked_out else ()
    bases = git.merge_bases(config.root, target, head, *merged)
    if len(bases) == 1:
        return bases[0]
    if bases:  # the difference to one of them can hide a change that the other shows
        message = f"the branch and {name} have {len(bases)} merge bases, after merges in both directions"
        remedy = f"`git merge {name}`, after which there is one merge base"
        raise IterataError(message, remedy=remedy, where=name)
    remedy = f"rebase the branch on {name}; their histories are unrelated"
    if git.is_shallow(config.root):
        remedy = UNSHALLOW
    raise IterataError(f"no common ancestor with {name} is in this clone", remedy=remedy, where=name)


def _changes(before: Repository, after: Repository, differences: list[git.Difference]) -> Iterator[Change]:
    for difference in differences:
        old = context_at(before, difference.before) if difference.before else None
        new = context_at(after, difference.after) if difference.after else None
        if old or new:
            yield Change(old, new)


def _changed_in_results_only(before: Repository, after: Repository, paths: Iterable[str]) -> Iterator[Change]:
    """Unchanged documents whose result file changed."""
    for kind, info in RESULT_STAGES.items():
        result = re.compile(rf"/results/{kind}{r'-[0-9.]+' if kind == 'rollout' else ''}\.json\Z")
        stage = info.approved_with or info.computed_at
        pages = (f"{result.sub('', path)}/{stage.filename}" for path in paths if result.search(path))
        for page in sorted(set(pages)):
            old, new = context_at(before, page), context_at(after, page)
            if page not in paths and old and new:
                yield Change(old, new)
