"""Names of revisions: resolved to exactly one commit, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.errors import IterataError
from iterata.repository import git as repository_git
from iterata.repository.refs import resolve

from ...helpers.git import Git

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> Git:
    """Three commits; some names have more than one meaning."""
    git = Git(tmp_path_factory.mktemp("refs"))
    first, second, third = (git.commit(name) for name in ("first", "second", "third"))
    git("remote", "add", "origin", "https://example.org/none.git")
    git("update-ref", "refs/remotes/origin/main", first)
    git("update-ref", "refs/remotes/origin/plain", second)
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    git("update-ref", "refs/tags/origin/main", third)
    git("update-ref", "refs/tags/origin/gone", third)
    git("update-ref", "refs/tags/main", first)
    git("update-ref", "refs/tags/v1", first)
    git("tag", "--annotate", "-m", "two", "v2", second)
    git("update-ref", "refs/tags/refs/heads/gone", third)
    git("update-ref", "refs/tags/HEAD", first)
    git("update-ref", "refs/tags/FETCH_HEAD", first)
    git("update-ref", f"refs/tags/{second[:8]}", third)
    git("update-ref", f"refs/tags/{second}", third)
    git("update-ref", "refs/heads/release/1", second)
    return git


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("HEAD", "third"),
        ("@", "third"),
        ("HEAD~1", "second"),
        ("HEAD^", "second"),
        ("HEAD~1^1", "first"),
        ("refs/remotes/origin/main", "first"),
        ("refs/heads/main", "third"),
        ("refs/heads/main~2", "first"),
        ("refs/tags/origin/main", "third"),
        ("origin/plain", "second"),
        ("origin", "first"),
        ("v1", "first"),
        ("v2", "second"),
        ("release/1", "second"),
    ],
)
def test_name_of_one_ref_is_resolved(git: Git, name: str, subject: str) -> None:
    commit = resolve(git.root, name)
    assert commit is not None
    assert git("log", "-1", "--format=%s", commit) == subject


def test_commit_is_not_looked_up_among_refs(git: Git) -> None:
    second, first = git("rev-parse", "refs/heads/main~1"), git("rev-parse", "refs/heads/main~2")
    assert resolve(git.root, second) == second
    assert resolve(git.root, first[:10]) == first


@pytest.mark.parametrize("name", ["main", "origin/main", "origin/gone", "FETCH_HEAD", "main~1"])
def test_name_of_several_refs_is_refused(git: Git, name: str) -> None:
    """`origin/gone` is a tag that looks like a branch of the remote, `FETCH_HEAD` like the last fetch."""
    with pytest.raises(IterataError) as error:
        resolve(git.root, name)
    assert error.value.location.source == name
    assert f"refs/tags/{name.removesuffix('~1')}" in error.value.remedy


def test_abbreviated_commit_with_the_name_of_a_tag_is_refused(git: Git) -> None:
    name = git("rev-parse", "refs/heads/main~1")[:8]
    with pytest.raises(IterataError) as error:
        resolve(git.root, name)
    assert f"refs/tags/{name}" in error.value.remedy


@pytest.mark.parametrize(
    "name",
    [
        "", "-", "--all", "@{-1}", "HEAD@{0}", "main@{yesterday}", ":/first", "HEAD^{/first}",
        "HEAD:mkdocs.yml", "v1..v2", "refs/heads/gone", "refs/heads/*", "nothing", "a b",
        "main\n", "~1", "f" * 40, "^v1",
    ],
)  # fmt: skip
def test_other_expressions_name_no_revision(git: Git, name: str) -> None:
    assert resolve(git.root, name) is None


def test_replaced_and_grafted_commits_have_their_own_history(git: Git) -> None:
    head = git("rev-parse", "refs/heads/main")
    first = git("rev-parse", "refs/heads/main~2")
    git("replace", "--graft", head, first)
    (git.root / ".git/info").mkdir(exist_ok=True)
    (git.root / ".git/info/grafts").write_text(f"{head} {first}\n", "ascii")
    try:
        assert resolve(git.root, f"{head}~2") == first
        assert repository_git.merge_bases(git.root, head, first) == [first]
    finally:
        git("replace", "--delete", head)
        (git.root / ".git/info/grafts").unlink()


def test_variables_of_the_caller_have_no_effect(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Git(tmp_path)
    other.commit("elsewhere")
    expected = resolve(git.root, "HEAD")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    monkeypatch.setenv("GIT_NAMESPACE", "other")
    monkeypatch.setenv("GIT_REPLACE_REF_BASE", "refs/heads")
    assert resolve(git.root, "HEAD") == expected
