"""Roles, and the accounts and teams that hold them, as they are written in `mkdocs.yml`.

An empty or a misspelt list of holders would silently leave a role without anybody who can approve, so it is
refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from iterata.documents.models.base import Name

if TYPE_CHECKING:
    from collections.abc import Iterable

_HOLDER = re.compile(r"@[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*)?")


@lru_cache(maxsize=1024)  # the same few roles are compared in every document
def slug(role: str) -> str:
    """A role in the form of a team's name: `data science` is `data-science`."""
    return re.sub(r"[\W_]+", "-", role.casefold()).strip("-") or role


def _account_or_team(name: str) -> str:
    if not _HOLDER.fullmatch(name):
        raise ValueError(f"`{name}` is neither an account (`@somebody`) nor a team (`@organisation/team`)")
    return name


def _unique(names: list[str]) -> list[str]:
    seen_names: set[str] = set()
    for name in names:
        if name.casefold() in seen_names:
            raise ValueError(f"names {name} twice")
        seen_names.add(name.casefold())
    return names


Holder = Annotated[Name, AfterValidator(_account_or_team)]
"""An account or a team on the code host."""

Holders = Annotated[list[Holder], Field(min_length=1), AfterValidator(_unique)]
"""The holders of a role."""


def validate_roles(configured: Iterable[str], required: Iterable[str]) -> None:
    """Refuse a role that is listed twice, or that is a misspelling of a required role.

    Raises:
        ValueError: there is such a role.
    """
    from iterata.text import closest  # noqa: PLC0415  # brings in difflib

    configured_by_slug: dict[str, str] = {}
    for role in configured:
        other = configured_by_slug.setdefault(slug(role), role)
        if other != role:
            raise ValueError(f"`{role}` and `{other}` are the same role")
    required_by_slug = {slug(role): role for role in required}
    without_holders = [role for name, role in required_by_slug.items() if name not in configured_by_slug]
    for name, role in configured_by_slug.items():
        if name not in required_by_slug and (guess := closest(role, without_holders)):
            raise ValueError(f"no stage requires the role `{role}`; did you mean `{guess}`?")
