"""Which host, address and token the variables of the CI select."""

from __future__ import annotations

import pytest

from iterata.review.codehost.connect import connect, parse_name
from iterata.review.codehost.forgejo import Forgejo
from iterata.review.codehost.github import GitHub
from iterata.review.codehost.gitlab import GitLab

GITHUB = {"GITHUB_API_URL": "https://api.github.com", "GITHUB_TOKEN": "g"}
FORGEJO = {"GITHUB_API_URL": "https://code.example.org/api/v1", "GITHUB_TOKEN": "f"}
GITLAB = {"CI_API_V4_URL": "https://git.example.org/api/v4", "CI_JOB_TOKEN": "j"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("owner/name#12", ("owner/name", 12, "#")),
        ("group/project!7", ("group/project", 7, "!")),
        ("group/sub/deeper/project!7", ("group/sub/deeper/project", 7, "!")),
        ("a.b/.c#1", ("a.b/.c", 1, "#")),
    ],
)
def test_names_are_parsed(text: str, parts: tuple[str, int, str]) -> None:
    name = parse_name(text)
    assert name == parts
    assert str(name) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "12", "#12", "owner#12", "owner/name", "owner/name#", "owner/name#twelve", "owner/name#12\n",
        "group/sub/project#12", "project!7", "/project!7", "group//project!7", "a b/c#1", "../name#1",
        "owner/..#1", "group/./project!7", "owner/name#-1", "owner/name#1!2", "owner/name#" + "1" * 5000,
    ],
)  # fmt: skip
def test_other_texts_are_refused(text: str) -> None:
    assert parse_name(text) is None


@pytest.mark.parametrize(
    ("text", "variables", "kind", "url", "token"),
    [
        ("o/r#1", {}, GitHub, "https://api.github.com", None),
        ("o/r#1", GITHUB, GitHub, "https://api.github.com", "g"),
        (
            "o/r#1",
            {**GITHUB, "GITHUB_API_URL": "https://ghe.example.org/api/v3/"},
            GitHub,
            "https://ghe.example.org/api/v3",
            "g",
        ),
        ("o/r#1", FORGEJO, Forgejo, "https://code.example.org/api/v1", "f"),
        (
            "o/r#1",
            {**FORGEJO, "FORGEJO_API_URL": "https://code.example.org/api/v1"},
            Forgejo,
            "https://code.example.org/api/v1",
            "f",
        ),
        (
            "o/r#1",
            {**FORGEJO, "FORGEJO_API_URL": "https://code.example.org/api/v1", "FORGEJO_TOKEN": "own"},
            Forgejo,
            "https://code.example.org/api/v1",
            "own",
        ),
        (
            "o/r#1",
            {**GITHUB, "GITEA_API_URL": "https://other.example.org/api/v1"},
            Forgejo,
            "https://other.example.org/api/v1",
            None,
        ),
        ("g/s/p!1", {}, GitLab, "https://gitlab.com/api/v4", None),
        ("g/s/p!1", {**GITLAB, **GITHUB}, GitLab, "https://git.example.org/api/v4", "j"),
        ("g/s/p!1", {**GITLAB, "GITLAB_TOKEN": "t"}, GitLab, "https://git.example.org/api/v4", "t"),
        (
            "g/s/p!1",
            {"CI_SERVER_URL": "https://git.example.org/sub/"},
            GitLab,
            "https://git.example.org/sub/api/v4",
            None,
        ),
        ("g/p!1", GITHUB, GitLab, "https://gitlab.com/api/v4", None),
    ],
)
def test_a_token_is_used_with_its_own_address(
    text: str, variables: dict[str, str], kind: type, url: str, token: str | None
) -> None:
    name = parse_name(text)
    assert name is not None
    host = connect(name, variables)
    assert isinstance(host, kind)
    assert isinstance(host, GitHub | GitLab | Forgejo)
    assert (host.url, host.token) == (url, token)
    assert token is None or f"'{token}'" not in repr(host)
