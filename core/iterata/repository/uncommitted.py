"""Changes of the working tree, as Git would commit them.

What a file says on disk is not what Git stores: `.gitattributes` selects encodings and filters. A review of
uncommitted work therefore reads the tree that `git add` and `git commit` would write.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from iterata.errors import IterataError
from iterata.repository import git
from iterata.repository.git_process import RunningGit
from iterata.repository.git_refusals import IncompleteCloneError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def changed_files(root: Path) -> list[str]:
    """The files below `root` that differ from HEAD or are untracked, by their path relative to `root`.

    A file with the content that a checkout of HEAD writes is no change, even if Git would store it in another
    way, as after a change of `.gitattributes`.
    """
    prefix = git.prefix(root)
    paths = [path.removeprefix(prefix) for path in _status(root)]
    return [path for path in paths if _is_change(root, path)]


def _status(root: Path) -> Iterator[str]:
    """The paths that `git status` lists, relative to the top of the repository."""
    try:
        with RunningGit(
            root, "-c", "core.fsmonitor=false", "status", "--porcelain", "-z", "--no-renames",
            "--ignore-submodules=none", "--untracked-files=all", "--", ".",
        ) as status:  # fmt: skip
            yield from (entry[3:] for entry in status.fields() if entry)
    except subprocess.CalledProcessError:
        raise IncompleteCloneError from None


def _is_change(root: Path, path: str) -> bool:
    place = root / path
    if path.endswith("/"):  # another repository, which Git cannot add before its first commit
        return git.head(place) is not None
    if place.is_symlink() or not place.is_file():
        return True
    return place.read_bytes() != git.run(root, "cat-file", "--filters", f"HEAD:./{path}")


def write_tree(root: Path, paths: Sequence[str]) -> str:
    """The tree of HEAD with `paths` as they are in the working tree; the repository's index stays as it is.

    Raises:
        IterataError: Git cannot store the files.
    """
    folder = tempfile.mkdtemp(prefix="iterata-index-")
    listed = "\0".join(paths).encode("utf-8", "surrogateescape")
    add = ("add", "--all", "--sparse", "--pathspec-from-file=-", "--pathspec-file-nul")
    try:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        steps = (("read-tree", "HEAD"), add, ("write-tree",))
        outputs = [git.run(root, *step, stdin=listed, variables=index) for step in steps]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    tree = outputs[-1]
    if tree is None or None in outputs:
        message = "Git cannot store the changes of the working tree"
        remedy = "see what `git add --all --dry-run` reports, or commit and check the commit"
        raise IterataError(message, remedy=remedy, where=str(root))
    return tree.decode("ascii").strip()
