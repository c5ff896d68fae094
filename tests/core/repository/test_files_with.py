"""Git finds the files that may refer to other projects; they are those that reading each would find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.repository.git_tree import GitTree
from iterata.rules.cache import REFERENCES_OUTSIDE, may_refer_outside

from ...helpers.git import Git

if TYPE_CHECKING:
    from pathlib import Path

CONTENTS = {
    "a finding.md": b"supports: [churn/01-setup#F2]\n",
    "a finding of requirements.md": b"supports: [churn/#F2]\n",
    "the end of the file.md": b"churn/01-setup#F2",
    "a result.json": b'{"path": "churn/01-setup/results/lift.json"}',
    "a key.md": b"superseded_by: pricing\n",
    "no text.md": b"\0\xff\xfe\r\nchurn/01-setup#F2\0",
    "a long line.md": b"x" * 200_000 + b"/results/",
    "\xc3\xa4 b\n.md".encode("latin-1").decode("utf-8"): b"churn/12-more#F2",
    "own finding.md": b"supports: [01-setup#F2, '#F1']\n# Heading\n",
    "two lines.md": b"churn/\n01-setup#F2\n/res\nults/\n",
    "upper case.md": b"CHURN/#F1 Superseded_By /Results/\n",
    "an address.md": b"https://example.org//#F1\n",
    "empty.md": b"",
}


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge base in a folder of a repository, whose settings of Git are unusual."""
    top = tmp_path_factory.mktemp("monorepo")
    git, root = Git(top), top / "team"
    (root / "projects").mkdir(parents=True)
    for name, content in CONTENTS.items():
        (root / "projects" / name).write_bytes(content)
    (root / "other.md").write_bytes(b"churn/01-setup#F2")
    (top / ".gitattributes").write_text("*.md -diff\n*.json binary\n", "utf-8")
    git.commit()
    for key in ("color.ui=always", "grep.fullName=true", "grep.lineNumber=true", "submodule.recurse=true"):
        git("config", *key.split("="))
    return root


def test_git_finds_what_reading_finds(team: Path) -> None:
    expected = {f"projects/{name}" for name, content in CONTENTS.items() if may_refer_outside(content)}
    assert len(expected) == 8
    assert GitTree(team, "HEAD", "projects").files_with(REFERENCES_OUTSIDE) == expected


def test_git_does_not_tell_if_it_cannot_read_a_file(team: Path) -> None:
    git = Git(team, init=False)
    name = git("rev-parse", "HEAD:./projects/own finding.md")
    place = team.parent / ".git" / "objects" / name[:2] / name[2:]
    content = place.read_bytes()
    place.unlink()
    try:
        assert GitTree(team, "HEAD", "projects").files_with(REFERENCES_OUTSIDE) is None
    finally:
        place.write_bytes(content)


def test_git_does_not_tell_if_it_has_no_such_expressions(team: Path) -> None:
    assert GitTree(team, "HEAD", "projects").files_with(["("]) is None
