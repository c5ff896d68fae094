"""The names in folders, from the paths of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def names_by_folder(paths: Iterable[str]) -> dict[str, dict[str, bool]]:
    """For every folder, the names in it and whether each is a folder."""
    folders: dict[str, dict[str, bool]] = {}
    for path in paths:
        child, is_dir = path, False
        while "/" in child:
            parent, _, name = child.rpartition("/")
            names = folders.setdefault(parent, {})
            if names.get(name) == is_dir:
                break
            names[name] = is_dir
            child, is_dir = parent, True
    return folders
