"""Who holds a role: accounts and teams from the configuration, or the teams of CODEOWNERS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

from iterata.repository import git
from iterata.repository.roles import slug

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for the file, in this order."""

_BLANK = re.compile(r"(?<!\\)\s+")
_TEAM = re.compile(r"@?([^/@\s]+)/([^/@\s]+)")
_ACCOUNT = re.compile(r"@?([^/@\s]+)")


class Codeowners:
    """CODEOWNERS as it is in the branch that is merged into: a pull request gives nobody a role."""

    def __init__(self, root: Path, commit: str) -> None:
        self._prefix = git.prefix(root)
        top = "../" * self._prefix.count("/")
        found = (git.show(root, commit, f"{top}{place}") for place in PLACES)
        self._text = next((raw.decode("utf-8", "replace") for raw in found if raw is not None), "")

    def of(self, path: str) -> list[str]:
        """The owners of a document, by its path below the folder of `mkdocs.yml`."""
        return owners(self._text, f"{self._prefix}{path}")


def owners(text: str, path: str) -> list[str]:
    """The owners that CODEOWNERS names for a path; the last line that matches counts."""
    found: list[str] = []
    for line in text.splitlines():
        pattern, *names = _BLANK.split(line.split("#", 1)[0].strip())
        if pattern and _matches(pattern, path):
            found = names
    return found


def _matches(pattern: str, path: str) -> bool:
    """As in .gitignore, but for what GitHub does otherwise.

    `!` and `[ ]` have no meaning, so that the line is passed over, and `docs/*` stops at the first level.
    https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-syntax
    """
    if pattern.startswith("!") or "[" in pattern:
        return False
    try:
        spec = GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return False
    below = pattern.endswith("/*") and spec.match_file(path.rpartition("/")[0])
    return spec.match_file(path) and not below


def holders(
    role: str,
    configured: Mapping[str, Iterable[str]],
    owned_by: Iterable[str],
    members: Callable[[str, str], frozenset[str]],
) -> frozenset[str] | None:
    """The accounts that hold a role, in lower case; none where nothing says who does.

    `configured` maps roles to accounts (`@somebody`) and teams (`@organisation/team`). A role that it does
    not name is held by the team of that name among the owners of the document.
    """
    names = next((list(each) for name, each in configured.items() if slug(name) == slug(role)), None)
    if names is None:
        teams = ((name, _TEAM.fullmatch(name)) for name in owned_by)
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
