"""Roles, and the accounts and teams that hold them, as `mkdocs.yml` may name them.

A list of nobody, or of somebody misspelt, would let nobody approve without a word; so it is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from iterata.documents.models.base import Name

if TYPE_CHECKING:
    from collections.abc import Iterable

_HOLDER = re.compile(r"@[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*)?")


def slug(role: str) -> str:
    """A role as a team would be named: `data science` is `data-science`."""
    return re.sub(r"[\W_]+", "-", role.casefold()).strip("-") or role


def _account_or_team(name: str) -> str:
    if not _HOLDER.fullmatch(name):
        raise ValueError(f"`{name}` is neither an account (`@somebody`) nor a team (`@organisation/team`)")
    return name


def _named_once(names: list[str]) -> list[str]:
    known: set[str] = set()
    for name in names:
        if name.casefold() in known:
            raise ValueError(f"names {name} twice")
        known.add(name.casefold())
    return names


Holder = Annotated[Name, AfterValidator(_account_or_team)]
"""An account or a team on the code host."""

Holders = Annotated[list[Holder], Field(min_length=1), AfterValidator(_named_once)]
"""Who holds a role."""


def tell_apart(held: Iterable[str], required: Iterable[str]) -> None:
    """See that no role is named twice, and none is but a misspelt one that some stage requires.

    Raises:
        ValueError: one is.
    """
    from iterata.text import closest  # noqa: PLC0415  # brings in difflib

    known: dict[str, str] = {}
    for role in held:
        other = known.setdefault(slug(role), role)
        if other != role:
            raise ValueError(f"`{role}` and `{other}` are the same role")
    wanted = {slug(role): role for role in required}
    nobodys = [role for name, role in wanted.items() if name not in known]
    for name, role in known.items():
        if name not in wanted and (meant := closest(role, nobodys)):
            raise ValueError(f"no stage requires the role `{role}`; is `{meant}` meant?")
