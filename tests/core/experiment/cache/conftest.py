"""Caches in folders and on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.experiment.cache.entry import DamagedEntry, EntryKind, EntryName

from ....helpers.webhdfs import WebHdfs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NAMES = [EntryName(EntryKind.COMPARISON, f"sha256:{f'{number:02d}' * 32}") for number in range(8)]
PARTS = {"value": b"the figures"}


def value(parts: Mapping[str, bytes]) -> bytes:
    """The decoded entry."""
    if "value" not in parts:
        raise DamagedEntry("it has no value")
    return parts["value"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WebHdfs]:
    """A remote place."""
    pytest.importorskip("fsspec")
    folder = tmp_path / "hdfs"
    folder.mkdir()
    with WebHdfs(folder) as running:
        yield running
