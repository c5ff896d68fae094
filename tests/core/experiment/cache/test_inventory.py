"""What a cache holds, and what pruning deletes: first what was not used for longest, never what is in use."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from iterata.experiment.cache.in_use import InUse, names_in_use
from iterata.experiment.cache.inventory import inventory, prune
from iterata.experiment.cache.layers import open_cache
from iterata.experiment.cache.stores import FolderStore, open_shared

from .conftest import NAMES, PARTS, value

if TYPE_CHECKING:
    from pathlib import Path

    from ....helpers.webhdfs import WebHdfs

DAY = 86400.0
NOW = time.time()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """The cache of this machine: entry number n was not used for n days."""
    store = FolderStore(tmp_path / ".iterata" / "cache")
    for iteration, names in (("churn/01-setup", NAMES[:5]), ("sales/01-setup", NAMES[5:])):
        with open_cache(tmp_path, iteration=iteration) as cache:
            for name in names:
                cache.put(name, PARTS)
    for number, name in enumerate(NAMES):
        os.utime(store.folder / name.path, (NOW - number * DAY,) * 2)
    return store


def present(store: FolderStore) -> list[int]:
    return [number for number, name in enumerate(NAMES) if (store.folder / name.path).exists()]


def test_entries_are_counted_by_the_iteration_that_wrote_them(store: FolderStore) -> None:
    (store.folder / "predictions").mkdir()
    (store.folder / "predictions" / "notes.txt").write_text("not an entry")
    held = inventory(store, shared=False)
    assert [(one.iteration, one.entries) for one in held.holdings] == [
        ("churn/01-setup", 5), ("sales/01-setup", 3)
    ]  # fmt: skip
    total = held.total
    assert total.entries == 8
    assert total.bytes == sum((store.folder / name.path).stat().st_size for name in NAMES)
    assert total.oldest == pytest.approx(NOW - 7 * DAY)
    assert total.newest == pytest.approx(NOW)
    prune(store, held, unused_since=None, keep_bytes=0)
    assert (store.folder / "predictions" / "notes.txt").exists(), "other files are not touched"


def test_what_was_not_used_for_longest_goes_first(store: FolderStore, tmp_path: Path) -> None:
    size = (store.folder / NAMES[0].path).stat().st_size
    with open_cache(tmp_path) as cache:
        assert cache.get(NAMES[7], value) == PARTS["value"]  # used just now
    held = inventory(store, shared=False)
    for dry_run in (True, False):
        pruned = prune(store, held, unused_since=None, keep_bytes=3 * size + 1, dry_run=dry_run)
        assert (pruned.removed, pruned.kept, pruned.in_use) == (5, 3, 0)
        assert pruned.kept_bytes == 3 * size
        assert present(store) == (list(range(8)) if dry_run else [0, 1, 7])


def test_what_was_not_used_for_a_time_goes(store: FolderStore) -> None:
    prune(store, inventory(store, shared=False), unused_since=NOW - 4.5 * DAY, keep_bytes=None)
    assert present(store) == [0, 1, 2, 3, 4]


def test_what_a_running_command_uses_stays(store: FolderStore, tmp_path: Path) -> None:
    with open_cache(tmp_path) as cache:
        cache.protect([NAMES[2], NAMES[6]])
        pruned = prune(store, inventory(store, shared=False), unused_since=None, keep_bytes=0)
    assert present(store) == [2, 6]
    assert (pruned.removed, pruned.in_use) == (6, 2)
    prune(store, inventory(store, shared=False), unused_since=None, keep_bytes=0)
    assert present(store) == []


def test_marks_end_with_their_process(tmp_path: Path) -> None:
    script = (
        "import sys, os; from pathlib import Path; from iterata.experiment.cache.in_use import InUse\n"
        "mark = InUse(Path(sys.argv[1])); mark.__enter__(); mark.add(['a']); print('marked', flush=True)\n"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with InUse(tmp_path) as mine:
            mine.add(["b"])
            assert names_in_use(tmp_path) == {"a", "b"}
        assert names_in_use(tmp_path) == {"a"}
        process.kill()
        process.wait()
    with InUse(tmp_path):
        assert names_in_use(tmp_path) == frozenset()
    assert not (tmp_path / "in-use").exists(), "what a killed process left is removed"


def test_remote_cache_is_counted_and_pruned(server: WebHdfs, tmp_path: Path) -> None:
    with open_cache(tmp_path, server.url) as cache:
        for name in NAMES:
            cache.put(name, PARTS)
    store = open_shared(server.url)
    held = inventory(store, shared=True)
    assert held.total.entries == 8
    assert held.total.bytes == sum(path.stat().st_size for path in server.folder.rglob("*.zip"))
    prune(store, held, unused_since=None, keep_bytes=held.total.bytes // 2)
    assert len(list(server.folder.rglob("*.zip"))) == 4


def test_cache_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert inventory(FolderStore(tmp_path / "none"), shared=False).total.entries == 0
