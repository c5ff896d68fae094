"""Where this installation of iterata comes from, as a requirement that installs exactly the same."""

from __future__ import annotations

import filecmp
import json
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

import iterata
from iterata.repository import git
from iterata.repository.git_refusals import ForeignRepositoryError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "iterata"
_SOURCES = "core/iterata"
"""The package in a clone of iterata's repository."""


def pinned_requirement() -> str | None:
    """A requirement for pip that installs what is running; None if its source cannot be named."""
    try:
        return requirement_of(distribution(NAME), Path(iterata.__file__).parent)
    except PackageNotFoundError:
        return None


def requirement_of(installed: Distribution, package: Path) -> str | None:
    """A requirement that names one version or one commit; None if there is none that others can install.

    It follows what the installer recorded (`direct_url.json`): a package index gives a version; a repository
    or a clone of one gives its address and commit.
    https://packaging.python.org/en/latest/specifications/direct-url/

    Args:
        installed: the distribution of iterata.
        package: the folder of the package that is running, which may come from somewhere else.
    """
    record = installed.read_text("direct_url.json")
    is_running = Path(str(installed.locate_file(NAME))).resolve() == package.resolve()
    if record is None:
        return f"{NAME}=={installed.version}" if is_running else None
    origin = json.loads(record)
    if "dir_info" in origin:
        return _from_clone(Path(unquote(urlsplit(origin["url"]).path)), package)
    return _from_url(origin) if is_running else None


def _from_url(origin: Mapping[str, Any]) -> str | None:
    url = _without_credentials(origin["url"])
    if not _is_remote(url):
        return None
    if "vcs_info" in origin:
        folder = f"#subdirectory={origin['subdirectory']}" if "subdirectory" in origin else ""
        return f"{NAME} @ {origin['vcs_info']['vcs']}+{url}@{origin['vcs_info']['commit_id']}{folder}"
    digest = origin.get("archive_info", {}).get("hashes", {}).get("sha256")
    return f"{NAME} @ {url}#sha256={digest}" if digest else None


def _from_clone(root: Path, package: Path) -> str | None:
    """The commit of a clone, if its remote has the commit and the running code is that of the commit."""
    try:
        commit, url = git.head(root), git.setting(root, "remote.origin.url")
    except ForeignRepositoryError:
        return None
    if commit is None or not url or not _is_same_folder(package, root / _SOURCES):
        return None
    address = _without_credentials(_with_scheme(url))
    changed = git.is_dirty(root, ["core", "cli", "plugin", "pyproject.toml"])
    if changed or not _is_remote(address) or not _is_published(root, commit):
        return None
    return f"{NAME} @ git+{address}@{commit}"


def _is_published(root: Path, commit: str) -> bool:
    """Whether a branch of the repository that this one was cloned from has the commit."""
    return bool(git.run(root, "for-each-ref", "--count=1", "--contains", commit, "refs/remotes/origin/"))


def _is_same_folder(one: Path, other: Path) -> bool:
    """Whether two folders contain the same sources."""
    if one.resolve() == other.resolve():
        return True
    names = [path.relative_to(one).as_posix() for path in one.rglob("*") if "__pycache__" not in path.parts]
    files = [name for name in names if (one / name).is_file()]
    return filecmp.cmpfiles(one, other, files, shallow=False)[0] == files


def _with_scheme(url: str) -> str:
    """An address such as `git@github.com:owner/name`, as a URL that needs no key."""
    if "://" in url or ":" not in url:
        return url
    host, _, path = url.partition(":")
    return f"https://{host.rpartition('@')[2]}/{path}"


def _without_credentials(url: str) -> str:
    """A URL without a password or a token; the account of SSH is neither."""
    parts = urlsplit(url)
    account, at, host = parts.netloc.rpartition("@")
    keep = account.partition(":")[0] + at if parts.scheme == "ssh" else ""
    return urlunsplit(parts._replace(netloc=keep + host))


def _is_remote(url: str) -> bool:
    return urlsplit(url).scheme in {"https", "ssh"} and bool(urlsplit(url).hostname)
