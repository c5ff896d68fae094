"""Every call to Git. Paths come `-z`-separated, and the caller's Git variables never leak in."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_KEPT = (
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_ASKPASS",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
)


def environment() -> dict[str, str]:
    """This process's environment without the variables by which a hook points Git at another repository."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in _KEPT}
    return {**kept, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-c", "core.quotePath=false", *arguments],
            cwd=root, env=environment(), capture_output=True, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None


def head(root: Path) -> str | None:
    """The commit the working tree stands on; none outside Git, without Git, or before the first commit."""
    commit = _git(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    return commit.strip() if commit else None


def dirty(root: Path, paths: Sequence[str]) -> bool:
    """Whether any of `paths` (relative to `root`) differs from the commit, or is not in it."""
    return (
        bool(_git(root, "status", "--porcelain", "-z", "--untracked-files=all", "--", *paths))
        if paths
        else False
    )
