"""Finished parts of pages of earlier builds, so that a build renders only what changed.

The cache is a file in the user's own cache folder, never in the repository: it contains HTML that is shown
as it is, and a branch must not bring its own. Entries that two builds in a row did not use are removed, and
so are the caches of knowledge bases that were not built for a month. A cache that is missing, damaged or
locked only costs time.
"""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

FORMAT = 2
"""Part of the file's name: another format begins with an empty cache."""

KEPT_BUILDS = 2
"""An entry is removed if this many builds did not use it."""

KEPT_SECONDS = 30 * 86400
"""A cache is removed if no build used it for this long."""

BATCH = 100
"""Entries that are kept in memory before they are written."""

MOST_IN_MEMORY = 5_000
"""Entries that are kept in memory if they are not written."""

WAIT = 2.0
"""Seconds to wait for another build that writes."""

_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS pages (key TEXT PRIMARY KEY, value BLOB NOT NULL, build INTEGER NOT NULL);
"""


def digest(parts: Iterable[str]) -> str:
    """The digest of some texts, each with its length, so that different lists have different digests."""
    total = sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        total.update(f"{len(raw)} ".encode() + raw)
    return total.hexdigest()


def cache_file(root: Path) -> Path:
    """The file of the cache of a knowledge base."""
    return user_cache_path("iterata") / "site" / f"{FORMAT}-{digest([str(root)])[:20]}.sqlite"


class PageCache:
    """The entries of one knowledge base, by the digest of everything that they depend on.

    Other builds of the same knowledge base write and remove entries meanwhile, so an entry that was found
    once may be gone: read it once, and keep it.
    """

    def __init__(self, file: Path | None) -> None:
        """Open the cache in a file; None to remember nothing."""
        self._file = file
        self._connection = _connect(file) if file else None
        self._is_written = self._connection is not None
        self._used: set[str] = set()
        self._added: dict[str, bytes] = {}
        self._is_new = self._holds_nothing()

    def _holds_nothing(self) -> bool:
        """Whether no build has stored anything, so that the first build need not look for each entry."""
        with suppress(sqlite3.Error):
            if self._connection is not None:
                return self._connection.execute("SELECT 1 FROM pages LIMIT 1").fetchone() is None
        return False

    @property
    def is_open(self) -> bool:
        """Whether it remembers anything."""
        return self._connection is not None

    def get(self, key: str) -> Any:
        """The entry of a key; None if there is none."""
        packed = self.packed(key)
        if packed is not None:
            with suppress(zlib.error, ValueError):
                return unpack(packed)
        return None

    def put(self, key: str, entry: Any) -> None:
        """Store an entry of plain values; it is written by `save`."""
        if self._connection is not None:
            self.put_packed(key, pack(entry))

    def packed(self, key: str) -> bytes | None:
        """The entry of a key as it is stored, see `pack`; None if there is none."""
        if self._connection is None:
            return None
        if key in self._added:
            return self._added[key]
        if self._is_new:
            return None
        try:
            row = self._connection.execute("SELECT value FROM pages WHERE key = ?", [key]).fetchone()
        except sqlite3.Error as error:
            self._failed(error)
            return None
        if row is None:
            return None
        self._used.add(key)
        return bytes(row[0])

    def put_packed(self, key: str, packed: bytes) -> None:
        """Store what `pack` made of an entry."""
        if self._connection is None:
            return
        self._added[key] = packed
        if self._is_written and len(self._added) >= BATCH:
            self._write()
        elif len(self._added) > MOST_IN_MEMORY:
            del self._added[next(iter(self._added))]

    def save(self) -> None:
        """Write what was stored, and remove what the last builds did not use."""
        self._write()
        used = [(self._build, key) for key in self._used]
        self._change("UPDATE pages SET build = ? WHERE key = ?", used)
        self._change("DELETE FROM pages WHERE build <= ?", [(self._build - KEPT_BUILDS,)])
        self._used = set()
        self._is_new = False

    def save_once(self) -> None:
        """Save after the first build of a process that makes many, and keep what follows in memory only.

        Otherwise every edit of a site that is served would add its pages, and nothing would remove them.
        """
        if self._is_written:
            self.save()
        self._is_written = False
        self._used = set()

    def _write(self) -> None:
        """Write what was stored since the last time."""
        if not self._is_written:
            return
        rows = [(key, value, self._build) for key, value in self._added.items()]
        self._added = {}
        self._change("INSERT OR REPLACE INTO pages VALUES (?, ?, ?)", rows)

    def _change(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write to the file; after a failure, such as one of waiting for another build, not again."""
        if self._connection is None or not self._is_written or not rows:
            return
        try:
            with self._connection as connection:
                connection.executemany(statement, rows)
        except sqlite3.Error as error:
            self._failed(error)

    def _failed(self, error: sqlite3.Error) -> None:
        """Write no more; remove a file that is damaged, so that the next build begins with an empty one."""
        self._is_written = False
        if type(error) is sqlite3.DatabaseError and self._file is not None:  # others are of its use
            self.close()
            _remove(self._file)

    @cached_property
    def _build(self) -> int:
        """The number of this build."""
        with suppress(sqlite3.Error):
            if self._connection is not None:
                (newest,) = self._connection.execute("SELECT max(build) FROM pages").fetchone()
                return 1 + (newest or 0)
        return 1

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def pack(entry: Any) -> bytes:
    """An entry of plain values as it is stored."""
    text = json.dumps(entry, ensure_ascii=False)
    return zlib.compress(text.encode("utf-8", "surrogatepass"), level=1)


def unpack(packed: bytes) -> Any:
    """The entry that was stored.

    Raises:
        ValueError, zlib.error: the bytes are damaged.
    """
    return json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass"))


def _connect(file: Path) -> sqlite3.Connection | None:
    """A connection to the file; None if it cannot be used. A damaged file is replaced."""
    for _ in range(2):
        connection = None
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _remove_forgotten(file)
            connection = sqlite3.connect(file, timeout=WAIT)
            connection.executescript(_TABLES)
        except sqlite3.DatabaseError as error:
            if connection is not None:
                connection.close()
            if isinstance(error, sqlite3.OperationalError):  # locked, read-only or full
                return None
            _remove(file)
        except OSError:
            return None
        else:
            return connection
    return None


def _remove(file: Path) -> None:
    """Remove a cache, with the log of changes beside it, which would be applied to the next file."""
    for end in ("", "-wal", "-shm"):
        with suppress(OSError):
            file.with_name(f"{file.name}{end}").unlink()


def _remove_forgotten(file: Path) -> None:
    """Remove the caches beside it that were not used for long."""
    oldest = time.time() - KEPT_SECONDS
    for other in file.parent.glob("*.sqlite*"):
        with suppress(OSError):
            if other.stem != file.stem and other.stat().st_mtime < oldest:
                other.unlink()
