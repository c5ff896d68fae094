"""What a cache holds, and which of it goes when it is pruned: what was not used for longest, first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from iterata.experiment.cache.entry import EntryKind, written_by
from iterata.experiment.cache.in_use import names_in_use
from iterata.experiment.cache.stores import FolderStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.experiment.cache.stores import Store, StoredFile

_ENTRY = re.compile(rf"({'|'.join(EntryKind)})/[0-9a-f]{{2}}/[0-9a-f]{{64}}\.(npz|zip|json)")
"""The names of entries, also those of earlier versions; other files are not touched."""


class Holding(NamedTuple):
    """Entries of a cache."""

    iteration: str
    """The iteration that wrote them: project/iteration; empty if they do not tell."""
    entries: int
    bytes: int
    oldest: float | None
    """When the entry that was not used for longest was used, in seconds since 1970; None if unknown."""
    newest: float | None


@dataclass(frozen=True, slots=True)
class Inventory:
    """A cache and its entries."""

    place: str
    shared: bool
    entries: tuple[StoredFile, ...]
    """The one that was not used for longest first."""
    in_use: frozenset[str]
    """The names of those that a running command uses."""
    holdings: tuple[Holding, ...]
    """By iteration, the largest first."""

    @property
    def total(self) -> Holding:
        """All entries."""
        return _holding("", self.entries)


class Pruned(NamedTuple):
    """What was deleted from a cache, or would be."""

    place: str
    removed: int
    bytes: int
    """Of what was removed."""
    kept: int
    kept_bytes: int
    in_use: int
    """How many of the kept ones would have been removed, if no running command used them."""


def inventory(store: Store, *, shared: bool, by_iteration: bool = True) -> Inventory:
    """The entries of a cache. Raises what its file system raises.

    Args:
        store: of the cache.
        shared: whether a team shares it.
        by_iteration: whether to open the entries of a folder, to tell which iteration wrote each.
    """
    entries = [file for file in store.files() if _ENTRY.fullmatch(file.name)]
    entries.sort(key=lambda file: (file.used or 0.0, file.name))
    folder = store.folder if isinstance(store, FolderStore) else None
    groups: dict[str, list[StoredFile]] = {}
    for file in entries:
        iteration = written_by(folder / file.name) if folder and by_iteration else ""
        groups.setdefault(iteration, []).append(file)
    holdings = sorted(
        (_holding(iteration, files) for iteration, files in groups.items()),
        key=lambda holding: (-holding.bytes, holding.iteration),
    )
    in_use = names_in_use(folder) if folder else frozenset()
    return Inventory(store.place, shared, tuple(entries), in_use, tuple(holdings))


def prune(
    store: Store,
    held: Inventory,
    *,
    unused_since: float | None,
    keep_bytes: int | None,
    dry_run: bool = False,
) -> Pruned:
    """Delete entries until both conditions hold; those that a running command uses stay.

    Args:
        store: of the cache.
        held: its inventory.
        unused_since: delete what was last used before this time, in seconds since 1970; None for any age.
        keep_bytes: the most bytes that may stay; None for any number.
        dry_run: whether only to count.
    """
    size, removed, in_use = sum(file.size for file in held.entries), [], 0
    for file in held.entries:
        too_old = unused_since is not None and file.used is not None and file.used < unused_since
        too_large = keep_bytes is not None and size > keep_bytes
        if not (too_old or too_large):
            continue
        if file.name in held.in_use:
            in_use += 1
            continue
        if not dry_run:
            store.delete(file.name)
        size -= file.size
        removed.append(file)
    freed = sum(file.size for file in removed)
    return Pruned(held.place, len(removed), freed, len(held.entries) - len(removed), size, in_use)


def _holding(iteration: str, files: Sequence[StoredFile]) -> Holding:
    times = [file.used for file in files if file.used is not None]
    size = sum(file.size for file in files)
    return Holding(iteration, len(files), size, min(times, default=None), max(times, default=None))
