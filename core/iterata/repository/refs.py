"""Resolve the name of a revision to one commit; a name that several refs have is refused.

Git prefers a tag to a branch of the same name, and tags are fetched by every checkout of CI. A pull request
could otherwise bring its own `origin/main`.
"""

from __future__ import annotations

import re
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from iterata.errors import IterataError
from iterata.repository import git
from iterata.repository.git_process import RunningGit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_PSEUDO_REFS = frozenset({"HEAD", "FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD"})
"""Names of files in `.git`, which Git looks up before any ref."""

_PLACES = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
"""Where Git looks up a short name; see gitrevisions(7)."""

_REVISION = re.compile(r"(?P<name>[^~^]+)(?P<steps>(?:[~^][0-9]*)*)")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ABBREVIATION = re.compile(r"[0-9a-f]{7,63}")
_NO_NAME = re.compile(r"-|.*(?:\.\.|@\{|[:?*\[\\\s\x00-\x1f\x7f])")


def resolve(root: Path, revision: str) -> str | None:
    """The commit of a branch, a tag or a commit, with any number of `~1` and `^2` behind it; None if missing.

    Raises:
        IterataError: several refs have this name.
        ForeignRepositoryError: Git does not read the repository, because it belongs to another user.
    """
    match = _REVISION.fullmatch(revision)
    if match is None or _NO_NAME.match(revision):
        return None
    name = _full_name(root, "HEAD" if match["name"] == "@" else match["name"], revision)
    return git.resolve_commit(root, name + match["steps"]) if name else None


def _full_name(root: Path, name: str, revision: str) -> str | None:
    """The full name of a ref, the name of a pseudo ref, or a commit; None if there is none."""
    if name == "HEAD" or _COMMIT.fullmatch(name):
        return name
    names = _existing(root, [name] if name.startswith("refs/") else [place.format(name) for place in _PLACES])
    if name in _PSEUDO_REFS or _ABBREVIATION.fullmatch(name):
        if names:
            raise _ambiguous(revision, names)
        return name
    if len(names) > 1 or _is_tag_named_like_a_remote_branch(root, name, names):
        raise _ambiguous(revision, names)
    return names[0] if names else None


def _existing(root: Path, names: Sequence[str]) -> list[str]:
    with suppress(subprocess.CalledProcessError):
        with RunningGit(root, "for-each-ref", "--format=%(refname)%00", *names) as refs:
            existing = {field.lstrip("\n") for field in refs.fields()}
        return [name for name in names if name in existing]
    return []


def _is_tag_named_like_a_remote_branch(root: Path, name: str, names: Sequence[str]) -> bool:
    """Whether `origin/main` is a tag only, because the branch was not fetched."""
    remote = name.partition("/")[0]
    if names != [f"refs/tags/{name}"] or remote == name:
        return False
    with suppress(subprocess.CalledProcessError), RunningGit(root, "remote") as remotes:
        return remote in "\n".join(remotes.fields()).splitlines()
    return False


def _ambiguous(revision: str, names: Sequence[str]) -> IterataError:
    message = "this name does not say which revision it is"
    if len(names) > 1:
        remedy = f"write the full name: {' or '.join(names)}"
    else:
        remedy = f"write the full name, such as {names[0]}, or the whole commit"
    return IterataError(message, remedy=remedy, where=revision)
