"""The stage documents that differ between the merge base and what is proposed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError
from iterata.lifecycle.context import DocumentContext, stage_place
from iterata.repository import git
from iterata.repository.git_tree import AbsentError, GitTree, refuse_links
from iterata.repository.projects import Repository
from iterata.repository.tree import DiskTree
from iterata.review.policy import effective_settings, folder_of
from iterata.review.relocated import moved_folder
from iterata.stages import RESULT_STAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iterata.repository.config import Config, Settings
    from iterata.stages import Stage


DEEPEN = "this clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` in the workflow"


class Change(NamedTuple):
    """A stage document before and after; none where it did not, or does not, exist."""

    before: DocumentContext | None
    after: DocumentContext | None

    @property
    def path(self) -> str:
        """Where the document is, or was."""
        case = self.after or self.before
        return case.document.path if case else ""

    @property
    def elsewhere(self) -> bool:
        """Whether it belongs to another iteration or project now, wherever the folder of projects is."""
        return None not in self and _place(self.before) != _place(self.after)


def _place(case: DocumentContext | None) -> tuple[str, str, Stage] | None:
    return (
        (case.project.name, case.iteration.name if case.iteration else "", case.document.stage)
        if case
        else None
    )


@dataclass(frozen=True)
class Comparison:
    """Everything a pull request changes below the folder of the projects."""

    base: Repository
    """The merge base."""
    tip: Repository
    """The branch it will be merged into, as it is now."""
    tip_commit: str
    settings: Settings
    """What is asked of a document, by the branch it will be merged into."""
    head: Repository
    """What is proposed."""
    head_commit: str | None
    """None for the working tree."""
    touched: frozenset[str]
    """Every path that differs, whatever it is."""
    changes: tuple[Change, ...]


@contextmanager
def compare(config: Config, base: str, head: str | None = None) -> Iterator[Comparison]:
    """Compare the merge base of `base` and `head` (the working tree, if none) with `head`.

    Raises:
        IterataError: Git is missing, a revision is unknown or not all here, the histories do not meet in this
            clone or meet more than once, or the folder of the projects is a link.
    """
    root, folder = config.root, config.settings.projects_dir
    tip = _commit(config, base)
    at = _commit(config, head or "HEAD")
    common = _merge_base(config, tip, at, base)
    config = replace(config, settings=effective_settings(config, tip))
    trees = [GitTree(root, revision, folder_of(config, revision)) for revision in (common, tip)]
    proposed = GitTree(root, at, folder) if head else DiskTree(root)
    for tree in (*trees, proposed):
        refuse_links(tree, folder)
    before, target = (_repository(tree, tree.folder, config.settings) for tree in trees)
    after = _repository(proposed, folder, config.settings)
    try:
        if before.projects_dir == folder:
            differences = git.differences(root, common, at if head else None, folder)
        else:
            differences = moved_folder(before, after)
        touched = frozenset(path for pair in differences for path in pair if path)
        changes = (*_changes(before, after, differences), *_resting(before, after, touched))
        yield Comparison(before, target, tip, config.settings, after, at if head else None, touched, changes)
    except AbsentError as error:
        raise IterataError(git.NOT_ALL_HERE, remedy=git.FETCH, where=str(error)) from None
    finally:
        for tree in (*trees, proposed):
            if isinstance(tree, GitTree):
                tree.close()


def _repository(tree: GitTree | DiskTree, folder: str, asked: Settings) -> Repository:
    return Repository(tree, folder, asked.required_roles, asked.severity)


def _commit(config: Config, revision: str) -> str:
    found = git.commit(config.root, revision)
    if found is None:
        remedy = "fetch it (`git fetch origin`), or correct the name"
        if git.head(config.root) is None:
            remedy = "commit first; there is nothing yet to compare with"
        elif git.is_shallow(config.root):
            remedy = DEEPEN
        raise IterataError("there is no such revision here", remedy=remedy, where=revision)
    return found


def _merge_base(config: Config, tip: str, head: str, name: str) -> str:
    bases = git.merge_bases(config.root, tip, head)
    if len(bases) > 1:  # what one of them hides, the other may show
        message = f"the branch and {name} were merged crosswise, and have {len(bases)} merge bases"
        remedy = f"merge it once more, then there is one: `git merge {name}`"
        raise IterataError(message, remedy=remedy, where=name)
    if bases:
        return bases[0]
    remedy = f"rebase the branch on {name}; the two share no history"
    if git.is_shallow(config.root):
        remedy = DEEPEN
    raise IterataError(f"no common ancestor with {name} is in this clone", remedy=remedy, where=name)


def _changes(before: Repository, after: Repository, differences: list[git.Difference]) -> Iterator[Change]:
    for difference in differences:
        old = stage_place(before, difference.before) if difference.before else None
        new = stage_place(after, difference.after) if difference.after else None
        if old or new:
            yield Change(old, new)


def _resting(before: Repository, after: Repository, touched: Iterable[str]) -> Iterator[Change]:
    """Documents that were left alone, while the result they stand on was not."""
    for kind, info in RESULT_STAGES.items():
        result = f"/results/{kind}.json"
        for path in sorted(each for each in touched if each.endswith(result)):
            page = f"{path.removesuffix(result)}/{info.approved_with.filename}"
            old, new = stage_place(before, page), stage_place(after, page)
            if page not in touched and old and new:
                yield Change(old, new)
