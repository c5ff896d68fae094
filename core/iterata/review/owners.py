"""The accounts that hold a role: those listed in the settings, or the teams of CODEOWNERS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iterata.repository.roles import slug
from iterata.review.codehost.host import HostKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_TEAM = re.compile(r"@?(?P<path>[^/@\s]+/(?P<name>[^/@\s]+))")
_GROUP = re.compile(r"@?(?P<path>[^/@\s]+(?:/[^/@\s]+)*/(?P<name>[^/@\s]+))")
_ACCOUNT = re.compile(r"@?([^/@\s]+)")

_TEAMS = {HostKind.GITHUB: _TEAM, HostKind.GITLAB: _GROUP, HostKind.FORGEJO: _TEAM}
"""How a team is written; groups of GitLab are nested."""


def role_holders(
    role: str,
    configured: Mapping[str, Iterable[str]],
    document_owners: Iterable[str],
    members: Callable[[str], frozenset[str]],
    kind: HostKind = HostKind.GITHUB,
) -> frozenset[str] | None:
    """The accounts that hold a role, in lower case; None if the role is not configured anywhere.

    `configured` maps roles to accounts (`@somebody`) and teams (`@organisation/team`). A role that is not in
    it is held by the team of the same name among the owners of the document.
    """
    team_pattern = _TEAMS[kind]
    names = next((list(names) for name, names in configured.items() if slug(name) == slug(role)), None)
    if names is None:
        teams = ((name, team_pattern.fullmatch(name)) for name in document_owners)
        names = [name for name, team in teams if team and slug(team["name"]) == slug(role)]
        if not names:
            return None
    accounts: set[str] = set()
    for name in names:
        if team := team_pattern.fullmatch(name):
            accounts |= members(team["path"])
        elif account := _ACCOUNT.fullmatch(name):
            accounts.add(account[1].casefold())
    return frozenset(accounts)
