"""A checkout without some of its files: they exist, or the refusal names the command that brings them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.data.sources.open import open_file
from iterata.errors import ContentMissingError, DataError, IterataError
from iterata.repository.files import write_within
from iterata.repository.tree import DiskTree

from ...helpers.git import Git

if TYPE_CHECKING:
    from pathlib import Path

    from ...helpers.knowledge_base import KnowledgeBase

TREE = """
    churn
      requirements: approved
      01-setup
        assessment: approved
        lift.json
      02-more
        assessment
"""
FIRST = "projects/churn/01-setup"
PATTERNS = {"cone": ["--cone", "projects/churn/02-more"], "no cone": ["--no-cone", "/*", f"!{FIRST}"]}


@pytest.fixture(params=PATTERNS)
def sparse(base: KnowledgeBase, request: pytest.FixtureRequest) -> KnowledgeBase:
    """A knowledge base whose first iteration is not in the working tree."""
    base.grow(TREE)
    git = base.in_git()
    git("sparse-checkout", "set", *PATTERNS[request.param])
    assert not (base.root / FIRST).exists()
    return base


def test_files_outside_a_sparse_checkout_exist(sparse: KnowledgeBase) -> None:
    (project,) = sparse.repository.projects
    assert [folder.name for folder in project.iterations] == ["01-setup", "02-more"]
    assert project.iterations[0].assessment is not None
    assert project.iterations[0].lift_result is not None


def test_files_outside_a_sparse_checkout_are_not_written(sparse: KnowledgeBase) -> None:
    with pytest.raises(IterataError):
        write_within(sparse.root, f"{FIRST}/assessment.md", "other")
    assert not (sparse.root / FIRST).exists()


def test_what_is_no_longer_left_out_is_read_from_disk(sparse: KnowledgeBase) -> None:
    Git(sparse.root)("sparse-checkout", "disable")
    sparse.write(f"{FIRST}/assessment.md", "changed")
    assert DiskTree(sparse.root).read(f"{FIRST}/assessment.md") == b"changed"


def test_content_that_a_partial_clone_lacks_is_no_problem_of_a_document(sparse: KnowledgeBase) -> None:
    sha = Git(sparse.root)("rev-parse", f"HEAD:{FIRST}/assessment.md").strip()
    (sparse.root / ".git/objects" / sha[:2] / sha[2:]).unlink()
    with pytest.raises(ContentMissingError):
        sparse.problems()


LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"

ABSENT = {
    "Git LFS": ({"data/rows.csv": LFS}, "git lfs pull"),
    "DVC": ({"data/rows.csv.dvc": "outs:\n- path: rows.csv\n"}, "dvc pull"),
    "a stage of DVC": ({"dvc.lock": "stages:\n  a:\n    outs:\n    - path: data/rows.csv\n"}, "dvc pull"),
    "an unlocked file of git-annex": ({"data/rows.csv": "/annex/objects/MD5E-s3--1.csv\n"}, "git annex get"),
    "a submodule": (
        {"../../.gitmodules": '[submodule "d"]\n\tpath = projects/churn/data\n'},
        "git submodule",
    ),
    "nothing": ({}, "put the file there"),
}


@pytest.mark.parametrize(("files", "command"), ABSENT.values(), ids=ABSENT)
def test_absent_data_is_named_with_the_command_that_brings_it(
    tmp_path: Path, files: dict[str, str], command: str
) -> None:
    project = tmp_path / "projects" / "churn"
    (project / "data").mkdir(parents=True)
    for name, text in files.items():
        (project / name).write_text(text, "utf-8")
    with pytest.raises(DataError) as caught:
        open_file(project, "data/rows.csv", root=tmp_path)
    assert command in caught.value.remedy


def test_link_of_git_annex_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/rows.csv").symlink_to("../.git/annex/objects/1/2/rows.csv")
    with pytest.raises(DataError) as caught:
        open_file(tmp_path, "data/rows.csv", root=tmp_path)
    assert "git annex get" in caught.value.remedy
