"""A Git repository that ignores the Git configuration of the machine."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HERMETIC = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "data science",
    "GIT_AUTHOR_EMAIL": "data.science@example.org",
    "GIT_COMMITTER_NAME": "data science",
    "GIT_COMMITTER_EMAIL": "data.science@example.org",
}

_QUICK = ("-c", "core.fsync=none", "-c", "maintenance.auto=false", "-c", "gc.auto=0")
"""Options of every command: wait for no disk, and do not look after each commit whether to tidy up."""


class Git:
    """A repository in which each command runs an hour after the one before."""

    def __init__(self, root: Path, *, init: bool = True) -> None:
        self.root = root
        self.clock = 1_772_000_000
        if init:
            self("init", "--quiet", "--initial-branch", "main")

    def __call__(self, *arguments: str) -> str:
        """Run Git and return its output."""
        self.clock += 3600
        date = f"{self.clock} +0000"
        dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        command = ["git", *_QUICK, *arguments]
        process = subprocess.run(
            command, cwd=self.root, env={**os.environ, **HERMETIC, **dates}, check=True, capture_output=True
        )
        return process.stdout.decode("utf-8", "surrogateescape").strip()

    def commit(self, message: str = "a step") -> str:
        """Commit everything and return the commit's id."""
        self("add", "--all")
        self("commit", "--quiet", "--allow-empty", "--message", message)
        return self("rev-parse", "HEAD")

    def merge(self, branch: str, message: str = "merge") -> str:
        """Merge a branch into the current one with a merge commit, and return its id."""
        self("merge", "--quiet", "--no-ff", "--message", message, branch)
        return self("rev-parse", "HEAD")

    def squash_merge(self, branch: str, message: str = "squash") -> str:
        """Put everything that a branch changes into one commit on the current branch, and return its id."""
        self("merge", "--quiet", "--squash", branch)
        self("commit", "--quiet", "--allow-empty", "--message", message)
        return self("rev-parse", "HEAD")

    def rebase(self, onto: str) -> str:
        """Rewrite the current branch on another commit, with new ids even if nothing moved."""
        self("rebase", "--quiet", "--force-rebase", onto)
        return self("rev-parse", "HEAD")

    def cherry_pick(self, *commits: str) -> str:
        """Repeat commits, or a range of them, on the current branch, and return the last one's id."""
        self("cherry-pick", "--allow-empty", "--keep-redundant-commits", *commits)
        return self("rev-parse", "HEAD")

    def force_push(self, branch: str, remote: str = "origin") -> None:
        """Replace a branch of a remote repository."""
        self("push", "--quiet", "--force", remote, branch)

    def clone(self, place: Path, *options: str) -> Git:
        """Clone the repository as from another machine; `--depth 1` gives a shallow clone."""
        self("clone", "--quiet", *options, self.root.resolve().as_uri(), str(place))
        copy = Git(place, init=False)
        copy.clock = self.clock
        return copy

    @property
    def status(self) -> str:
        """The files that differ from the last commit, one a line."""
        return self("status", "--porcelain", "--untracked-files=all")
