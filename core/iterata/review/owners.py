"""Who holds a role: accounts and teams from the configuration, or the teams of CODEOWNERS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for the file, in this order."""


def owners(text: str, path: str) -> list[str]:
    """The owners that CODEOWNERS names for a path; the last line that matches counts."""
    found: list[str] = []
    for line in text.splitlines():
        pattern, *names = line.split("#", 1)[0].split() or [""]
        if pattern and GitIgnoreSpec.from_lines([pattern]).match_file(path):
            found = names
    return found


def slug(role: str) -> str:
    """A role as a team would be named: `data science` is `data-science`."""
    return re.sub(r"[^a-z0-9]+", "-", role.casefold()).strip("-")


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
        names = [name for name in owned_by if slug(name.rpartition("/")[2].lstrip("@")) == slug(role)]
        if not names:
            return None
    accounts: set[str] = set()
    for name in names:
        organisation, _, team = name.lstrip("@").partition("/")
        accounts |= members(organisation, team) if team else {organisation.casefold()}
    return frozenset(accounts)
