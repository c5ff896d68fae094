"""Many files of a revision are read with few requests, and each is the file that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.errors import IterataError
from iterata.repository.git_objects import AT_ONCE, BlobReader
from iterata.repository.git_tree import GitTree

from ...helpers.git import Git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXTS = {f"projects/note-{number}.md": f"{number}\n" * (number + 1) for number in range(2 * AT_ONCE + 3)}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A commit of more files than are requested at once, one of them empty, and a link."""
    root = tmp_path_factory.mktemp("many")
    git = Git(root)
    (root / "projects").mkdir()
    for path, text in TEXTS.items():
        (root / path).write_text(text, "utf-8")
    (root / "projects" / "empty.md").touch()
    (root / "projects" / "link.md").symlink_to("note-1.md")
    git.commit("many")
    return root


@pytest.fixture
def tree(root: Path) -> Iterator[GitTree]:
    tree = GitTree(root, "HEAD", "projects")
    yield tree
    tree.close()


def test_every_file_has_its_own_content(tree: GitTree) -> None:
    tree.read_ahead([*TEXTS, "projects/empty.md"])
    assert {path: tree.read(path).decode() for path in TEXTS} == TEXTS
    assert tree.read("projects/empty.md") == b""
    assert tree.read("projects/note-7.md").decode() == TEXTS["projects/note-7.md"], "it can be read again"


def test_what_cannot_be_read_ahead_is_refused_when_it_is_read(tree: GitTree) -> None:
    tree.read_ahead(["projects/link.md", "projects/none.md", "projects/note-2.md"])
    for path in ("projects/link.md", "projects/none.md"):
        with pytest.raises(IterataError) as refused:
            tree.read(path)
        assert refused.value.location.source == path
    assert tree.read("projects/note-2.md").decode() == TEXTS["projects/note-2.md"]


def test_blobs_that_are_missing_are_left_out(root: Path, tree: GitTree) -> None:
    git = Git(root, init=False)
    shas = [git("rev-parse", f"HEAD:{path}").strip() for path in list(TEXTS)[:3]]
    reader = BlobReader(root)
    contents = reader.read_many([shas[0], "0" * 40, shas[1], shas[2]])
    reader.close()
    assert [contents.get(sha, b"").decode() for sha in shas] == list(TEXTS.values())[:3]
    assert "0" * 40 not in contents
