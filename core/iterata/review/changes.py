"""The stage documents that differ between the merge base and what is proposed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from iterata import config as configuration
from iterata import git
from iterata.errors import ConfigError, IterataError
from iterata.lifecycle.case import Case, stage_place
from iterata.repository import DiskTree, Repository
from iterata.review.revision import GitTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.config import Config, Settings


DEEPEN = "this clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` in the workflow"


class Change(NamedTuple):
    """A stage document before and after; none where it did not, or does not, exist."""

    before: Case | None
    after: Case | None

    @property
    def path(self) -> str:
        """Where the document is, or was."""
        case = self.after or self.before
        return case.document.path if case else ""


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
        IterataError: Git is missing, a revision is unknown, or the histories do not meet in this clone.
    """
    root, folder = config.root, config.settings.projects_dir
    tip = _commit(config, base)
    at = _commit(config, head or "HEAD")
    common = _merge_base(config, tip, at, base)
    config = _asking_as(config, tip)
    trees = [GitTree(root, revision, folder) for revision in (common, tip)]
    proposed = GitTree(root, at, folder) if head else DiskTree(root)
    before, target, after = (Repository.of(tree, config) for tree in (*trees, proposed))
    differences = git.differences(root, common, at if head else None, folder)
    touched = frozenset(path for pair in differences for path in pair if path)
    try:
        changes = tuple(_changes(before, after, differences))
        yield Comparison(before, target, tip, config.settings, after, at if head else None, touched, changes)
    finally:
        for tree in (*trees, proposed):
            if isinstance(tree, GitTree):
                tree.close()


def _asking_as(config: Config, commit: str) -> Config:
    """What is asked is what was asked before: a proposal excuses itself from nothing.

    Where the branch holds no settings yet, those of the proposal are the first.
    """
    for name in configuration.NAMES:
        raw = git.show(config.root, commit, name)
        if raw is not None:
            try:
                asked = configuration.read(raw, name)
            except ConfigError:
                return config
            ours = ("required_roles", "role_holders", "severity")
            settings = config.settings.model_copy(update={key: getattr(asked, key) for key in ours})
            return configuration.Config(config.root, settings)
    return config


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
