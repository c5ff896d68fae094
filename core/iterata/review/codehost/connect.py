"""Which code host a pull request is on, and with which token it is read, by the variables of the CI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from iterata.review.codehost.forgejo import Forgejo
from iterata.review.codehost.github import GitHub
from iterata.review.codehost.gitlab import DIALECT, JOB_DIALECT, GitLab

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.review.codehost.host import CodeHost

_GITHUB_API, _GITLAB_API = "https://api.github.com", "https://gitlab.com/api/v4"

_FAMILIES = ("FORGEJO", "GITEA", "GITHUB")
"""How the variables of a host's own CI begin; a runner of Forgejo or Gitea sets those of GitHub, too."""


class PullRequestName(NamedTuple):
    """A pull request on a code host."""

    repository: str
    number: int
    separator: str = "#"
    """`!` before the number of a merge request on GitLab."""

    def __str__(self) -> str:
        return f"{self.repository}{self.separator}{self.number}"


_PART = r"(?!\.{1,2}(?:[/#!]|$))[^/#!\s]+"
_NAMES = (
    re.compile(rf"(?P<repository>{_PART}/{_PART})(?P<separator>#)(?P<number>[0-9]{{1,18}})"),
    re.compile(rf"(?P<repository>{_PART}(?:/{_PART})+)(?P<separator>!)(?P<number>[0-9]{{1,18}})"),
)


def parse_name(text: str) -> PullRequestName | None:
    """`owner/name#12`, or on GitLab `group/subgroup/project!12`; None if it is neither."""
    match = next((found for found in (name.fullmatch(text) for name in _NAMES) if found), None)
    return PullRequestName(match["repository"], int(match["number"]), match["separator"]) if match else None


def connect(name: PullRequestName, variables: Mapping[str, str]) -> CodeHost:
    """The code host of a pull request; a token is used only with the address of its own variables."""
    if name.separator == "!":
        return _gitlab(variables)
    family = next((family for family in _FAMILIES if variables.get(f"{family}_API_URL")), "GITHUB")
    url = variables.get(f"{family}_API_URL") or _GITHUB_API
    token = variables.get(f"{family}_TOKEN")
    if not token and variables.get("GITHUB_API_URL") == url:
        token = variables.get("GITHUB_TOKEN")
    if family == "GITHUB" and not _path(url).endswith("/api/v1"):
        return GitHub(url.rstrip("/"), token or None)
    return Forgejo(url.rstrip("/"), token or None, variables=family)


def _gitlab(variables: Mapping[str, str]) -> CodeHost:
    server = variables.get("CI_SERVER_URL", "").rstrip("/")
    url = variables.get("CI_API_V4_URL") or (f"{server}/api/v4" if server else _GITLAB_API)
    token = variables.get("GITLAB_TOKEN")
    if token:
        return GitLab(url.rstrip("/"), token, dialect=DIALECT)
    return GitLab(url.rstrip("/"), variables.get("CI_JOB_TOKEN") or None, dialect=JOB_DIALECT)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""
