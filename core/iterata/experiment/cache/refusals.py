"""What is said about a cache that cannot be used, each reason a class with its message and its remedy.

The first three end a command. The others are said once, and the run goes on.
"""

from __future__ import annotations

from iterata.errors import IterataError
from iterata.execution.extras import install_command
from iterata.text import mask_passwords, one_line

LOCAL_PLACE = ".iterata/cache"
"""What messages call the cache of this machine."""


class FsspecMissing(IterataError):
    """A cache has a URL, and fsspec is not installed."""

    def __init__(self, url: str) -> None:
        remedy = f"install it: `{install_command('remote')}`; or remove `cache` from mkdocs.yml"
        super().__init__("fsspec is not installed", remedy=remedy, where=url)


class CacheUnreachable(IterataError):
    """The URL of a cache is of no known kind, or the package for it is not installed."""

    def __init__(self, url: str, error: Exception) -> None:
        remedy = "correct `cache` in mkdocs.yml, or install the package of this storage"
        super().__init__(f"the cache cannot be used: {reason(error)}", remedy=remedy, where=url)


class SharedCacheRefused(IterataError):
    """A shared cache cannot be listed or pruned."""

    def __init__(self, place: str, error: Exception) -> None:
        remedy = "check that it is reachable, and that its library finds your credentials"
        super().__init__(f"the shared cache refused: {reason(error)}", remedy=remedy, where=place)


class CacheLost(IterataError):
    """A shared cache cannot be read."""

    def __init__(self, place: str, error: Exception) -> None:
        message = f"the shared cache cannot be read ({reason(error)}); what it holds is computed again"
        remedy = "check that it is reachable, and that its library finds your credentials"
        super().__init__(message, remedy=remedy, where=place)


class CacheReadOnly(IterataError):
    """A shared cache may be read, and not written."""

    def __init__(self, place: str, error: Exception) -> None:
        message = f"the shared cache is read-only here ({reason(error)}); new fits are kept in {LOCAL_PLACE}"
        remedy = "nothing, if this machine shall only read it; otherwise grant it the right to write"
        super().__init__(message, remedy=remedy, where=place)


class CacheNotWritten(IterataError):
    """A shared cache cannot be written, for another reason than a missing right."""

    def __init__(self, place: str, error: Exception) -> None:
        message = f"the shared cache cannot be written ({reason(error)}); new fits are kept in {LOCAL_PLACE}"
        remedy = "check that it is reachable and has free space (`iterata cache prune --shared`)"
        super().__init__(message, remedy=remedy, where=place)


class CacheNotWritable(IterataError):
    """The cache of this machine cannot be written."""

    def __init__(self, place: str, error: Exception) -> None:
        message = f"cannot be written ({reason(error)}); the run goes on, and new fits are not kept here"
        remedy = "check its permissions and the free disk space, or `iterata cache prune --keep-size 0`"
        super().__init__(message, remedy=remedy, where=place)


class CacheNotReadable(IterataError):
    """The cache of this machine cannot be read."""

    def __init__(self, place: str, error: Exception) -> None:
        message = f"cannot be read ({reason(error)}); what it holds is computed again"
        super().__init__(message, remedy="check its permissions and the disk", where=place)


class EntryReplaced(IterataError):
    """An entry is damaged, or belongs to something else."""

    def __init__(self, place: str, name: str, error: Exception) -> None:
        message = f"an entry is not used: {error}; it is computed again and replaced"
        remedy = "nothing, if it happens once; otherwise check the disk and who writes to the cache"
        super().__init__(message, remedy=remedy, where=f"{place}/{name}")


class EntryLeft(IterataError):
    """A newer version of iterata wrote an entry."""

    def __init__(self, place: str, name: str, error: Exception) -> None:
        message = f"an entry is not used: {error}; it is computed again, and the entry is left as it is"
        remedy = "install the version of iterata that the others use"
        super().__init__(message, remedy=remedy, where=f"{place}/{name}")


def reason(error: Exception) -> str:
    """Why a file system refused, on one line, without passwords."""
    text = getattr(error, "strerror", None) or str(error)
    return one_line(mask_passwords(text), 200) or type(error).__name__
