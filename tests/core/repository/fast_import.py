"""Repositories with a given history of any shape, written by `git fast-import`."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from ...helpers.git import HERMETIC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LINK = "link to "
"""Content with this prefix becomes a symbolic link."""


class Commit(NamedTuple):
    """One commit with its whole tree."""

    parents: tuple[int, ...]
    """Indices of earlier commits."""
    tree: Mapping[str, str]
    """Contents by path."""
    time: int
    """The committer's time in seconds since 1970."""
    zone: str


def git(root: Path, *arguments: str) -> str:
    """Run Git without the developer's settings; return its output."""
    process = subprocess.run(
        ["git", "--literal-pathspecs", *arguments],
        cwd=root, env=os.environ | HERMETIC, check=True, capture_output=True,
    )  # fmt: skip
    return process.stdout.decode("utf-8", "surrogateescape")


def create(root: Path, commits: Sequence[Commit]) -> list[str]:
    """Create a repository of these commits, with HEAD at the last; return their ids.

    The author of each commit is its index.
    """
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "--quiet", "--initial-branch", "main")
    marks = root / ".git/marks"
    stream = b"".join(_command(number, commit) for number, commit in enumerate(commits))
    command = ["git", "fast-import", "--quiet", "--force", "--date-format=raw", f"--export-marks={marks}"]
    subprocess.run(command, cwd=root, env=os.environ | HERMETIC, check=True, input=stream)
    names = dict(line.split() for line in marks.read_text("ascii").splitlines())
    ids = [names[f":{number + 1}"] for number in range(len(commits))]
    git(root, "update-ref", "refs/heads/main", ids[-1])
    return ids


def _command(number: int, commit: Commit) -> bytes:
    first, *others = [f":{parent + 1}" for parent in commit.parents] or [""]
    lines = [
        f"commit refs/heads/branch-{number}",
        f"mark :{number + 1}",
        f"author {number} <someone@example.org> 1 +0000",
        f"committer someone else <else@example.org> {commit.time} {commit.zone}",
        f"data 1\n{number % 10}",
        *([f"from {first}"] if first else []),
        *(f"merge {parent}" for parent in others),
        "deleteall",
    ]
    for path, content in commit.tree.items():
        mode, text = (
            ("120000", content.removeprefix(LINK)) if content.startswith(LINK) else ("100644", content)
        )
        lines += [f"M {mode} inline {_quoted(path)}", f"data {len(text.encode())}\n{text}"]
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
