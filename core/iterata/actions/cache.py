"""`iterata cache`: what the cache of predictions holds, and the deletion of what was not used for long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError
from iterata.experiment.cache.deadline import with_deadline
from iterata.experiment.cache.inventory import inventory, prune
from iterata.experiment.cache.layers import OPENING_DEADLINE
from iterata.experiment.cache.refusals import LOCAL_PLACE, SharedCacheRefused
from iterata.experiment.cache.stores import FolderStore, open_shared
from iterata.repository.files import STATE
from iterata.text import size_in_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.experiment.cache.inventory import Inventory, Pruned
    from iterata.experiment.cache.stores import Store
    from iterata.repository.config import Config


class Caches(NamedTuple):
    """The caches of a knowledge base."""

    inventories: list[Inventory]
    """That of this machine, and the shared one if it answers."""
    error: IterataError | None
    """Why the shared cache has no inventory."""


def show_caches(config: Config) -> Caches:
    """What the cache of this machine holds, and the shared one if there is one.

    Raises:
        IterataError: the setting of the shared cache is wrong.
    """
    inventories = [inventory(_local(config.root), shared=False)]
    try:
        if config.settings.cache is not None:
            inventories.append(_inventory_of_shared(config.settings.cache))
    except SharedCacheRefused as error:
        return Caches(inventories, error)
    return Caches(inventories, None)


def prune_cache(
    config: Config, *, shared: bool, older_than: float | None, keep_bytes: int | None, dry_run: bool
) -> Pruned:
    """Delete entries: first those that were not used for longest, never one that a running command uses.

    Args:
        config: the knowledge base.
        shared: whether to prune the cache of the team, not that of this machine.
        older_than: delete what was not used for so many seconds; None for any time.
        keep_bytes: the most that may stay; None for any size.
        dry_run: whether only to count.

    Raises:
        IterataError: there is no such cache, or it refuses.
    """
    since = None if older_than is None else time.time() - older_than
    if not shared:
        local = _local(config.root)
        held = inventory(local, shared=False, by_iteration=False)
        return prune(local, held, unused_since=since, keep_bytes=keep_bytes, dry_run=dry_run)
    url = config.settings.cache
    if url is None:
        remedy = "leave out --shared, or add `cache` to mkdocs.yml"
        raise IterataError("there is no shared cache", remedy=remedy, where="--shared")
    try:
        store: Store = with_deadline(lambda: open_shared(url), OPENING_DEADLINE)
        held = inventory(store, shared=True, by_iteration=False)
        return prune(store, held, unused_since=since, keep_bytes=keep_bytes, dry_run=dry_run)
    except IterataError:
        raise
    except Exception as error:  # libraries of file systems raise exceptions of their own
        raise SharedCacheRefused(url, error) from None


def prune_to_limit(config: Config) -> Pruned | None:
    """Delete from the cache of this machine what exceeds the setting `cache_size`; None if there is none."""
    limit = config.settings.cache_size
    if limit is None:
        return None
    keep = size_in_bytes(limit)
    return prune_cache(config, shared=False, older_than=None, keep_bytes=keep, dry_run=False)


def _local(root: Path) -> FolderStore:
    return FolderStore(root / STATE / "cache", LOCAL_PLACE)


def _inventory_of_shared(url: str) -> Inventory:
    try:
        return with_deadline(lambda: inventory(open_shared(url), shared=True), OPENING_DEADLINE)
    except IterataError:
        raise
    except Exception as error:  # as above
        raise SharedCacheRefused(url, error) from None
