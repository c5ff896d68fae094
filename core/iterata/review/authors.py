"""Who wrote the commits of a pull request. They cannot approve it, whoever opened it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.repository import git
from iterata.repository.git_refusals import IncompleteCloneError
from iterata.review.content import equal_content
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from iterata.review.codehost.host import Commit

_STAGES = {stage.filename: stage for stage in Stage}


class Authors(NamedTuple):
    """The accounts that wrote the commits of a pull request."""

    accounts: frozenset[str]
    """In lower case."""
    unknown: frozenset[str] = frozenset()
    """The commits with an author or a committer whom the code host knows no account of."""


def authors(root: Path, commits: Iterable[Commit]) -> Authors:
    """The authors, committers and co-authors of the commits that change more than the record of agreement.

    Who records an approval, or merges the target branch without a conflict, is not an author.

    Raises:
        IncompleteCloneError: a commit is not in this clone.
    """
    written = [commit for commit in commits if _changes_content(root, commit.sha)]
    accounts = frozenset(account for commit in written for account in commit.accounts)
    return Authors(accounts, frozenset(commit.sha for commit in written if not commit.complete))


def _changes_content(root: Path, commit: str) -> bool:
    return any(not _only_recorded(root, commit, path) for path in _own_changes(root, commit))


def _own_changes(root: Path, commit: str) -> list[str]:
    """The paths that a commit itself changes; none for a merge that Git makes without help.

    Of another merge of two commits, these are the paths that differ from what Git makes of it, conflicts
    included. A file that is as in one parent may be a choice.

    Raises:
        IncompleteCloneError: the commit is not in this clone.
    """
    tree, *parents = _output(root, "log", "-1", "--format=%T %P", "--end-of-options", commit).split()
    options = ("-r", "--root", "--no-commit-id", "--no-renames", "--name-only", "--relative", "-z")
    if len(parents) == 2:
        merged = git.merged_tree(root, parents[0], parents[1])
        if merged is None:  # unrelated histories
            compared = ["-m", "--end-of-options", commit]
        else:
            compared = ["--end-of-options", merged, tree]
    else:
        compared = ["-m", "--end-of-options", commit]
    output = _output(root, "diff-tree", *options, *compared)
    return list(dict.fromkeys(path for path in output.split("\0") if path))


def _output(root: Path, *arguments: str) -> str:
    output = git.run(root, *arguments)
    if output is None:
        raise IncompleteCloneError
    return output.decode("utf-8", "surrogateescape")


def _only_recorded(root: Path, commit: str, path: str) -> bool:
    """Whether a commit changes only what `move` and `affirm` write into a document."""
    stage = _STAGES.get(path.rpartition("/")[2])
    before, after = (git.show(root, revision, path) for revision in (f"{commit}^", commit))
    if stage is None or before is None or after is None:
        return False
    return equal_content(path, stage, before, after)
