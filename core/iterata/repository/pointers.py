"""Small texts in the place of files whose content is elsewhere, and the command that brings it."""

from __future__ import annotations

import re
from typing import NamedTuple

LARGEST_POINTER = 2_000
"""A pointer has fewer bytes than this."""

_LFS = re.compile(rb"version https://git-lfs\.github\.com/spec/|version https://hawser\.github\.com/spec/")
_ANNEX = re.compile(rb"/annex/objects/[^\n]+\n?|\.\./[./]*\.git/annex/objects/[^\n]+\n?")


class Pointer(NamedTuple):
    """A small file in the place of another."""

    what: str
    command: str
    """The command that replaces it by the file; `{path}` is the file."""


LFS_POINTER = Pointer(
    "Git LFS", "`git lfs pull --include {path}` (in a workflow: `lfs: true` of actions/checkout)"
)
ANNEX_POINTER = Pointer("git-annex", "`git annex get {path}`")


def pointer_of(start: bytes) -> Pointer | None:
    """The pointer that a file is, by its first bytes (at most `LARGEST_POINTER`); None if it is none."""
    if _LFS.match(start):
        return LFS_POINTER
    return ANNEX_POINTER if len(start) < LARGEST_POINTER and _ANNEX.fullmatch(start) else None
