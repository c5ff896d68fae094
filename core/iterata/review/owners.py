"""The accounts that hold a role: those listed in the settings, or the teams of CODEOWNERS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

from iterata.repository import git
from iterata.repository.roles import slug

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

CODEOWNERS_PATHS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for the file, in this order."""

_WHITESPACE = re.compile(r"(?<!\\)\s+")
_TEAM = re.compile(r"@?([^/@\s]+)/([^/@\s]+)")
_ACCOUNT = re.compile(r"@?([^/@\s]+)")


class Codeowners:
    """CODEOWNERS of the target branch; a pull request cannot assign a role to anybody."""

    def __init__(self, root: Path, commit: str) -> None:
        self._prefix = git.prefix(root)
        top = "../" * self._prefix.count("/")
        files = (git.show(root, commit, f"{top}{path}") for path in CODEOWNERS_PATHS)
        self._text = next((raw.decode("utf-8", "replace") for raw in files if raw is not None), "")

    def of(self, path: str) -> list[str]:
        """The owners of a document, by its path relative to the folder of `mkdocs.yml`."""
        return owners(self._text, f"{self._prefix}{path}")


def owners(text: str, path: str) -> list[str]:
    """The owners that CODEOWNERS names for a path; the last line that matches counts."""
    matched: list[str] = []
    for line in text.splitlines():
        pattern, *names = _WHITESPACE.split(line.split("#", 1)[0].strip())
        if pattern and _matches(pattern, path):
            matched = names
    return matched


def _matches(pattern: str, path: str) -> bool:
    """Match as .gitignore does, with GitHub's exceptions.

    A pattern with `!` or `[` is ignored, and `docs/*` matches the first level only.
    https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-syntax
    """
    if pattern.startswith("!") or "[" in pattern:
        return False
    try:
        spec = GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return False
    below_first_level = pattern.endswith("/*") and spec.match_file(path.rpartition("/")[0])
    return spec.match_file(path) and not below_first_level


def role_holders(
    role: str,
    configured: Mapping[str, Iterable[str]],
    document_owners: Iterable[str],
    members: Callable[[str, str], frozenset[str]],
) -> frozenset[str] | None:
    """The accounts that hold a role, in lower case; None if the role is not configured anywhere.

    `configured` maps roles to accounts (`@somebody`) and teams (`@organisation/team`). A role that is not in
    it is held by the team of the same name among the owners of the document.
    """
    names = next((list(names) for name, names in configured.items() if slug(name) == slug(role)), None)
    if names is None:
        teams = ((name, _TEAM.fullmatch(name)) for name in document_owners)
        names = [name for name, team in teams if team and slug(team[2]) == slug(role)]
        if not names:
            return None
    accounts: set[str] = set()
    for name in names:
        if team := _TEAM.fullmatch(name):
            accounts |= members(team[1], team[2])
        elif account := _ACCOUNT.fullmatch(name):
            accounts.add(account[1].casefold())
    return frozenset(accounts)
