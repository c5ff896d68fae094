"""One comment on a pull request, which is updated rather than repeated."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from iterata.review.codehost.host import CodeHost

MAX_LENGTH = 65_000
"""Characters of a comment; GitHub accepts 65,536."""

_QUICK_ACTION = re.compile(r"^(?=/)", re.MULTILINE)
"""A line that begins with a slash is a command on GitLab, executed as the author of the note."""


class Written(StrEnum):
    """What happened to the comment."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class WrittenComment(NamedTuple):
    """The comment of a summary."""

    outcome: Written
    address: str
    """Empty if the host does not say where people read it."""


def marker(folder: str) -> str:
    """The hidden first line of the comment; each knowledge base of a repository has its own.

    >>> marker("")
    '<!-- iterata summary -->'
    >>> marker("teams/churn/")
    '<!-- iterata summary of teams/churn/ -->'
    """
    place = f" of {quote(folder, safe='/')}".replace("--", "-%2D") if folder else ""
    return f"<!-- iterata summary{place} -->"


def write_comment(host: CodeHost, repository: str, number: int, text: str, folder: str) -> WrittenComment:
    """Add the comment, or replace the text of the one that this account wrote earlier.

    A comment of somebody else is never taken for it, whatever it begins with.

    Raises:
        CodeHostError: the code host does not answer, or refuses.
    """
    first = marker(folder)
    harmless = _QUICK_ACTION.sub(r"\\", text)
    body = f"{first}\n\n{harmless[: MAX_LENGTH - len(first)]}"
    own = host.own_accounts()
    earlier = next(
        (
            comment
            for comment in host.comments(repository, number)
            if comment.author in own and comment.body.split("\n", 1)[0].strip() == first
        ),
        None,
    )
    if earlier is None:
        return WrittenComment(Written.ADDED, host.add_comment(repository, number, body).address)
    if earlier.body.split() == body.split():  # a host may change line ends and spaces at the end
        return WrittenComment(Written.UNCHANGED, earlier.address)
    changed = host.change_comment(repository, number, earlier.number, body)
    return WrittenComment(Written.UPDATED, changed.address)
