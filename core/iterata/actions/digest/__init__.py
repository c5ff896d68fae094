"""`iterata digest`: what some days brought, as Markdown, as a mail or as an entry of a feed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from iterata.actions.digest.formats import Named, as_html, as_json, as_markdown
from iterata.errors import IterataError, NotFoundError
from iterata.knowledge.digest import Period, digest, known_roles, last_day
from iterata.knowledge.whole import Whole, read_whole
from iterata.repository import config as configuration
from iterata.repository import git
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.knowledge.digest import Digest
    from iterata.repository.config import Config

FORMATS: dict[str, Callable[[Digest, Named], str]] = {
    "markdown": as_markdown,
    "html": as_html,
    "json": as_json,
}
"""What writes a digest in each format."""


def make(config: Config, since: date, until: date | None, role: str, output_format: str) -> tuple[str, Whole]:
    """The digest of some days, and what it was made of.

    Args:
        config: the knowledge base.
        since: the first day.
        until: the last day; by default that of the newest commit, else the last one that a document states.
        role: whose waiting items are told; empty for everybody.
        output_format: one of `FORMATS`.

    Raises:
        IterataError: the last day is before the first one.
        NotFoundError: no document names the role.
    """
    whole = read_whole(config)
    last = until or newest_commit_day(config) or last_day(whole.knowledge) or since
    if last < since:
        remedy = f"name a first day that is not after {last}"
        raise IterataError(f"the last day, {last}, is before the first one", remedy=remedy, where=str(since))
    own = _known(whole, role) if role else ""
    made = digest(whole.knowledge, Period(since, last), own, whole.git_day)
    return FORMATS[output_format](made, _named(config)), whole


def newest_commit_day(config: Config) -> date | None:
    """The day of the commit that is checked out, as its committer's calendar had it; None without one."""
    output = git.run(config.root, "log", "-1", "--format=%cs") if git.head(config.root) else None
    try:
        return date.fromisoformat(output.decode("ascii").strip()) if output else None
    except ValueError:
        return None


def _known(whole: Whole, role: str) -> str:
    """The role as documents spell it."""
    roles = known_roles(whole.knowledge)
    spelled = next((other for other in roles if other.casefold() == role.strip().casefold()), None)
    if spelled is not None:
        return spelled
    guess = closest(role, roles)
    remedy = f"did you mean {guess}?" if guess else f"name one of: {', '.join(roles[:10])}"
    raise NotFoundError("no document names this role", remedy=remedy, where=role)


def _named(config: Config) -> Named:
    path = next((config.root / name for name in configuration.NAMES if (config.root / name).is_file()), None)
    options = configuration.host_options(path.read_bytes()) if path else {}
    name, address = (str(options.get(key) or "") for key in ("site_name", "site_url"))
    return Named(name, address, options.get("use_directory_urls") is not False)
