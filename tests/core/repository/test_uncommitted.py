"""The working tree as Git would commit it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from iterata.repository.uncommitted import changed_files, write_tree

from ...helpers.git import Git

if TYPE_CHECKING:
    from pathlib import Path

POUND = b"costs \xc2\xa3 5\n"
"""A pound sign, which the encoding ISO646-GB writes like `#` in ASCII."""


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = Git(tmp_path)
    (tmp_path / "a.md").write_text("one\n", "utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/b.md").write_text("two\n", "utf-8")
    (tmp_path / ".gitignore").write_text("ignored.md\n", "utf-8")
    git.commit()
    return git


def content(git: Git, path: str) -> str:
    """A file of the tree that would be committed."""
    tree = write_tree(git.root, changed_files(git.root))
    return git("cat-file", "blob", f"{tree}:{path}")


def test_clean_tree_has_no_changes(git: Git) -> None:
    (git.root / "ignored.md").write_text("x\n", "utf-8")
    (git.root / "a.md").touch()
    assert changed_files(git.root) == []


def test_tree_has_what_a_commit_would_have(git: Git) -> None:
    (git.root / "a.md").unlink()
    (git.root / "folder/b.md").write_text("staged\n", "utf-8")
    git("add", "folder/b.md")
    (git.root / "folder/b.md").write_text("changed\n", "utf-8")
    (git.root / "Ünî\ttwo.md").write_text("new\n", "utf-8")
    (git.root / "link").symlink_to("folder")
    status = git.status
    tree = write_tree(git.root, changed_files(git.root))
    assert git.status == status
    assert git.commit()
    assert git("rev-parse", "HEAD^{tree}") == tree


def test_paths_are_relative_to_a_folder_of_the_repository(git: Git) -> None:
    (git.root / "folder/b.md").write_text("changed\n", "utf-8")
    (git.root / "a.md").write_text("changed\n", "utf-8")
    assert changed_files(git.root / "folder") == ["b.md"]
    tree = write_tree(git.root / "folder", ["b.md"])
    assert git("cat-file", "blob", f"{tree}:folder/b.md") == "changed"
    assert git("cat-file", "blob", f"{tree}:a.md") == "one"


def test_checkout_in_another_encoding_is_no_change(git: Git) -> None:
    (git.root / "a.md").write_bytes(POUND)
    (git.root / ".gitattributes").write_text("a.md working-tree-encoding=ISO646-GB\n", "utf-8")
    blob = git("hash-object", "-w", "--no-filters", "a.md")
    git("update-index", "--cacheinfo", f"100644,{blob},a.md")
    git("add", ".gitattributes")
    git("commit", "--quiet", "--message", "an encoding")
    (git.root / "a.md").unlink()
    git("checkout", "--quiet", "--", "a.md")
    assert (git.root / "a.md").read_bytes() == b"costs # 5\n"
    assert changed_files(git.root) == []
    (git.root / "a.md").write_bytes(b"costs # 6\n")
    assert changed_files(git.root) == ["a.md"]
    assert content(git, "a.md") == "costs £ 6"


def test_line_ends_that_git_would_change_are_no_change(git: Git) -> None:
    """After a checkout, `git status` lists a file whose stored line ends contradict the attributes."""
    (git.root / "a.md").write_bytes(b"one\r\n")
    git.commit("stored with CRLF")
    (git.root / ".gitattributes").write_text("*.md text eol=crlf\n", "utf-8")
    git("add", ".gitattributes")
    git("commit", "--quiet", "--message", "attributes", "--", ".gitattributes")
    (git.root / "a.md").unlink()
    git("checkout", "--quiet", "--", "a.md")
    os.utime(git.root / "a.md", (1, 1))
    assert "a.md" in git.status
    assert changed_files(git.root) == []


def test_hidden_changes_are_what_git_takes_them_for(git: Git) -> None:
    git("update-index", "--assume-unchanged", "a.md")
    (git.root / "a.md").write_text("changed\n", "utf-8")
    assert changed_files(git.root) == []


def test_another_repository_without_a_commit_is_left_out(git: Git) -> None:
    (git.root / "other").mkdir()
    Git(git.root / "other")
    (git.root / "other/x").write_text("x", "utf-8")
    assert changed_files(git.root) == []
