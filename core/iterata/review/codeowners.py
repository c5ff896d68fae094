"""CODEOWNERS of the target branch, by the rules of each code host.

GitHub and GitLab match as .gitignore does, each with exceptions; GitLab has sections, whose owners add up.
Forgejo and Gitea match regular expressions, and the owners of every line that matches add up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pathspec import GitIgnoreSpec

from iterata.repository import git
from iterata.review.codehost.host import HostKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_WHITESPACE = re.compile(r"(?<!\\)\s+")
_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d*\])?(?P<owners>(?:\s.*)?)")


class _Entry(NamedTuple):
    """One line: a pattern and its owners."""

    section: str
    pattern: str
    names: list[str]


def github_owners(text: str, path: str) -> list[str]:
    """The owners that CODEOWNERS names for a path on GitHub; the last line that matches counts.

    A pattern with `!` or `[` is ignored, and `docs/*` matches the first level only.
    https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-syntax
    """
    matched: list[str] = []
    for line in text.splitlines():
        pattern, *names = _WHITESPACE.split(line.split("#", 1)[0].strip())
        if pattern and not pattern.startswith("!") and "[" not in pattern and _matches(pattern, path):
            matched = names
    return matched


def gitlab_owners(text: str, path: str) -> list[str]:
    """The owners on GitLab: of each section, the last line that matches; none if it excludes the path.

    https://docs.gitlab.com/user/project/codeowners/reference/
    """
    matched: dict[str, list[str]] = {}
    excluded: set[str] = set()
    for section, pattern, names in _gitlab_entries(text):
        if pattern.startswith("!"):
            if _matches(pattern[1:], path):
                excluded.add(section)
        elif _matches(pattern, path):
            matched[section] = names
    return [name for section, names in matched.items() if section not in excluded for name in names]


def _gitlab_entries(text: str) -> Iterator[_Entry]:
    """The lines with their sections; a line without owners has those of its section."""
    section, of_section = "", list[str]()
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if heading := _SECTION.fullmatch(line):
            section, of_section = heading["name"].strip().casefold(), heading["owners"].split()
            continue
        pattern, *names = _WHITESPACE.split(line)
        yield _Entry(section, pattern, names or of_section)


def forgejo_owners(text: str, path: str) -> list[str]:
    """The owners on Forgejo and Gitea: of every line whose regular expression matches the whole path.

    https://docs.gitea.com/usage/code-owners
    """
    matched: list[str] = []
    for line in text.splitlines():
        pattern, *names = _WHITESPACE.split(line.split("#", 1)[0].strip())
        negative = pattern.startswith("!")
        try:
            found = bool(pattern) and re.fullmatch(pattern.removeprefix("!"), path) is not None
        except re.error:
            continue
        if pattern and found != negative:
            matched += names
    return matched


class _Rules(NamedTuple):
    """Where a host looks for the file, in this order, and how it reads it."""

    places: tuple[str, ...]
    owners: Callable[[str, str], list[str]]


_RULES = {
    HostKind.GITHUB: _Rules((".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"), github_owners),
    HostKind.GITLAB: _Rules(("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"), gitlab_owners),
    HostKind.FORGEJO: _Rules(
        ("CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS", ".forgejo/CODEOWNERS"), forgejo_owners
    ),
}

CODEOWNERS_PATHS = tuple(dict.fromkeys(place for rules in _RULES.values() for place in rules.places))
"""Where any of the hosts looks for the file."""


class Codeowners:
    """CODEOWNERS of the target branch; a pull request cannot assign a role to anybody."""

    def __init__(self, root: Path, commit: str, kind: HostKind = HostKind.GITHUB) -> None:
        self._prefix = git.prefix(root)
        self._rules = _RULES[kind]
        top = "../" * self._prefix.count("/")
        files = (git.show(root, commit, f"{top}{path}") for path in self._rules.places)
        self._text = next((raw.decode("utf-8", "replace") for raw in files if raw is not None), "")

    def of(self, path: str) -> list[str]:
        """The owners of a document, by its path relative to the folder of `mkdocs.yml`."""
        return self._rules.owners(self._text, f"{self._prefix}{path}")


def _matches(pattern: str, path: str) -> bool:
    """Match as .gitignore does; `docs/*` matches the first level only."""
    try:
        spec = GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return False
    below_first_level = pattern.endswith("/*") and spec.match_file(path.rpartition("/")[0])
    return spec.match_file(path) and not below_first_level
