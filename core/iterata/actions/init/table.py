"""The files of a new knowledge base: a table for each code host, with the place of each file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from iterata.repository.zensical import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Host = Literal["github", "gitlab", "forgejo"]
"""A kind of code host; Gitea reads the workflow of Forgejo if it is moved to `.gitea/workflows/`."""

HOSTS: tuple[Host, ...] = get_args(Host)

Program = Literal["mkdocs", "zensical"]
"""What builds the site."""

PROGRAMS: tuple[Program, ...] = get_args(Program)

Place = Literal["base", "top"]
"""Where a file is: in the knowledge base's folder, or at the top of the Git repository."""

Merge = Literal["keep", "lines", "owners", "yaml", "mention", "block"]
"""What happens to a file that exists.

`keep` leaves it. `lines` and `owners` add the missing lines, `yaml` the missing entries of a list. `mention`
adds the text unless the file mentions iterata, `block` unless the file has its first line.
"""


class File(NamedTuple):
    """A file of a new knowledge base."""

    template: str
    """Its path in the folder `knowledge_base`.

    A template in `monorepo/` beside it replaces it if the knowledge base is in a folder below the top.
    """
    path: str
    place: Place = "base"
    merge: Merge = "keep"
    others: tuple[str, ...] = ()
    """Other paths under which the file may exist."""
    monorepo_path: str = ""
    """Its path if the knowledge base is in a folder below the top; empty for the same path."""


COMMON: tuple[File, ...] = (
    File("index.md", "docs/index.md"),
    File("gitignore", ".gitignore", merge="lines"),
    File("pre-commit-config.yaml", ".pre-commit-config.yaml", "top", "yaml"),
)
"""The files that every knowledge base gets."""

_MKDOCS_YAML = ("mkdocs.yaml",)

BY_PROGRAM: Mapping[Program, tuple[File, ...]] = {
    "mkdocs": (
        File("mkdocs.yml", "mkdocs.yml", others=_MKDOCS_YAML),
        File("requirements.txt", "requirements.txt"),
    ),
    "zensical": (
        File("zensical/mkdocs.yml", "mkdocs.yml", others=_MKDOCS_YAML),
        File("zensical/zensical.toml", SETTINGS),
        File("zensical/requirements.txt", "requirements.txt"),
    ),
}
"""The settings of the site, and what must be installed."""

_WORKFLOWS = ".github/workflows"

BY_HOST: Mapping[Host, tuple[File, ...]] = {
    "github": (
        File("github/check.yml", f"{_WORKFLOWS}/iterata.yml", "top"),
        File(
            "github/reviews.yml",
            f"{_WORKFLOWS}/reviews.yml",
            "top",
            monorepo_path=f"{_WORKFLOWS}/iterata-reviews.yml",
        ),
        File(
            "github/site.yml", f"{_WORKFLOWS}/site.yml", "top", monorepo_path=f"{_WORKFLOWS}/iterata-site.yml"
        ),
        File(
            "github/monitors.yml",
            f"{_WORKFLOWS}/monitors.yml",
            "top",
            monorepo_path=f"{_WORKFLOWS}/iterata-monitors.yml",
        ),
        File(
            "github/digest.yml",
            f"{_WORKFLOWS}/digest.yml",
            "top",
            monorepo_path=f"{_WORKFLOWS}/iterata-digest.yml",
        ),
        File(
            "github/verify.yml",
            f"{_WORKFLOWS}/verify.yml",
            "top",
            monorepo_path=f"{_WORKFLOWS}/iterata-verify.yml",
        ),
        File("github/dependabot.yml", ".github/dependabot.yml", "top", "yaml", (".github/dependabot.yaml",)),
        File(
            "github/pull_request_template.md",
            ".github/pull_request_template.md",
            "top",
            "mention",
            (
                ".github/PULL_REQUEST_TEMPLATE.md",
                "pull_request_template.md",
                "PULL_REQUEST_TEMPLATE.md",
                "docs/pull_request_template.md",
                "docs/PULL_REQUEST_TEMPLATE.md",
            ),
        ),
        File("github/CODEOWNERS", ".github/CODEOWNERS", "top", "owners", ("CODEOWNERS", "docs/CODEOWNERS")),
    ),
    "gitlab": (
        File("gitlab/iterata.yml", ".gitlab/iterata.yml", "top"),
        File("gitlab/gitlab-ci.yml", ".gitlab-ci.yml", "top", "yaml"),
        File(
            "gitlab/merge_request_template.md",
            ".gitlab/merge_request_templates/Default.md",
            "top",
            "mention",
            (".gitlab/merge_request_templates/default.md",),
        ),
        File("gitlab/CODEOWNERS", ".gitlab/CODEOWNERS", "top", "block", ("CODEOWNERS", "docs/CODEOWNERS")),
    ),
    "forgejo": (
        File("forgejo/check.yml", ".forgejo/workflows/iterata.yml", "top"),
        File(
            "forgejo/pull_request_template.md",
            ".forgejo/pull_request_template.md",
            "top",
            "mention",
            (
                ".forgejo/PULL_REQUEST_TEMPLATE.md",
                ".gitea/pull_request_template.md",
                "pull_request_template.md",
            ),
        ),
        File("forgejo/CODEOWNERS", "CODEOWNERS", "top", "block", ("docs/CODEOWNERS", ".gitea/CODEOWNERS")),
    ),
}
"""The files that only one code host reads."""


def files_for(host: Host, program: Program = "mkdocs") -> tuple[File, ...]:
    """The files of a knowledge base on a code host, whose site a program builds."""
    return (*BY_PROGRAM[program], *COMMON, *BY_HOST[host])


def host_of(url: str) -> Host | None:
    """The kind of code host that the address of a remote names; None if its machine's name does not tell."""
    address = _MACHINE.match(url.lower())
    machine = address[1] if address else ""
    return next((host for word, host in _WORDS.items() if word in machine), None)


def host_read_at(top: Path) -> Host | None:
    """The kind of code host whose files are at the top of a repository; None if there are none."""
    return next((host for name, host in _PLACES.items() if (top / name).exists()), None)


_MACHINE = re.compile(r"(?:[a-z+]+://)?(?:[^@/]*@)?([^/:]+)")
"""The machine in the address of a remote: `ssh://git@HOST/PATH`, or as of scp, `git@HOST:PATH`."""

_WORDS: Mapping[str, Host] = {
    "github": "github",
    "gitlab": "gitlab",
    "forgejo": "forgejo",
    "gitea": "forgejo",
    "codeberg.org": "forgejo",
}
"""Parts of the names of machines."""

_PLACES: Mapping[str, Host] = {
    ".github": "github",
    ".gitlab-ci.yml": "gitlab",
    ".gitlab": "gitlab",
    ".forgejo": "forgejo",
    ".gitea": "forgejo",
}
"""What a code host reads."""
