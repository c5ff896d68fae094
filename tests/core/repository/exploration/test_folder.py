"""The folder of an exploration: what is in it, what its README says, and what it never decides."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from iterata.lifecycle.context import context_at
from iterata.problems import Severity
from iterata.repository.exploration.folder import Exploration
from iterata.repository.exploration.kinds import MOST_FILES
from iterata.repository.tree import DiskTree
from iterata.rules.check import check

from .test_kinds import POINTER, SVG, png

if TYPE_CHECKING:
    from ....helpers.knowledge_base import KnowledgeBase

ITERATION = "projects/churn/01-setup"
FOLDER = f"{ITERATION}/exploration"
TREE = """
    churn
      requirements: approved
      01-setup
        assessment: approved
        lift.json
        proposal: draft
"""


@pytest.fixture
def explored(base: KnowledgeBase) -> KnowledgeBase:
    """An iteration with an exploration of two images."""
    base.grow(TREE)
    assert base.codes() == []
    base.write(f"{FOLDER}/age.png", png())
    base.write(f"{FOLDER}/plots/region.svg", SVG)
    return base


def exploration(base: KnowledgeBase) -> Exploration:
    return Exploration(DiskTree(base.root), ITERATION)


def described(base: KnowledgeBase, front_matter: str) -> None:
    base.write(f"{FOLDER}/README.md", f"---\n{front_matter}---\n# A look\n")


def test_files_and_those_of_inner_folders_are_listed(explored: KnowledgeBase) -> None:
    explored.write(f"{FOLDER}/look_files/figure.png", png())
    explored.write(f"{FOLDER}/.ipynb_checkpoints/look.ipynb", "{}")
    assert exploration(explored).names == ("age.png", "plots/region.svg")
    assert explored.codes() == []


def test_described_files_come_first_with_what_made_them(explored: KnowledgeBase) -> None:
    described(
        explored,
        "title: Ages\nmade_by: look.py\n"
        "exploration:\n  - {file: plots/region.svg, shows: Regions., made_by: map.py}\n",
    )
    found = exploration(explored)
    assert found.title == "Ages"
    assert [(file.name, file.shows, file.made_by) for file in found.files] == [
        ("plots/region.svg", "Regions.", "map.py"),
        ("age.png", "", "look.py"),
    ]
    assert explored.codes() == []


@pytest.mark.parametrize(
    ("front_matter", "field", "line"),
    [
        ("exploration: [{file: ages.png}]\n", "exploration[0].file", 2),
        ("exploration: [{file: age.png}, {file: age.png}]\n", "exploration[1].file", 2),
        ("exploration:\n  - {shows: x}\n", "exploration[0].file", 3),
        ("exploration:\n  - {file: age.png, show: x}\n", "exploration[0].show", 3),
        ("exploration:\n  - {file: ../../../secret}\n", "exploration[0].file", 3),
        ("exploration: age.png\n", "exploration", 2),
        ("exploration: [age.png]\n", "exploration[0]", 2),
        ("made_by: [look.py]\n", "made_by", 2),
        ("a: [\n", "", 3),
    ],
)
def test_description_is_checked_without_stopping_anything(
    explored: KnowledgeBase, front_matter: str, field: str, line: int
) -> None:
    described(explored, front_matter)
    (problem,) = explored.problems()
    assert (problem.code, problem.severity, problem.field) == ("EXPL003", Severity.WARNING, field)
    assert problem.position.line == line
    assert len(exploration(explored).files) == 2


def test_readme_without_front_matter_is_enough(explored: KnowledgeBase) -> None:
    explored.write(f"{FOLDER}/README.md", "# A look\n")
    assert explored.codes() == []


def test_too_large_file_is_not_read(explored: KnowledgeBase) -> None:
    place = explored.root / FOLDER / "map.png"
    with place.open("wb") as stream:
        os.truncate(stream.fileno(), 5_000_000_000)  # a file with a hole: reading it would take minutes
    (problem,) = explored.problems()
    assert (problem.code, problem.path) == ("EXPL001", f"{FOLDER}/map.png")


def test_many_files_are_told(explored: KnowledgeBase) -> None:
    for number in range(MOST_FILES):
        explored.write(f"{FOLDER}/{number:03}.svg", SVG)
    assert [(problem.code, problem.path) for problem in explored.problems()] == [("EXPL001", FOLDER)]
    assert len(exploration(explored).files) == MOST_FILES


def test_link_that_leads_outside_is_not_read(
    explored: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.png"
    secret.write_bytes(png())
    (explored.root / FOLDER / "link.png").symlink_to(secret)
    (problem,) = explored.problems()
    assert (problem.code, problem.severity) == ("EXPL002", Severity.WARNING)


def test_files_named_like_documents_are_no_documents(explored: KnowledgeBase) -> None:
    for place in (FOLDER, "projects/churn/exploration"):
        explored.write(f"{place}/report.md", "# No report\n")
    assert explored.codes() == []
    (project,) = explored.repository.projects
    assert project.iterations[0].report is None
    assert context_at(explored.repository, f"{FOLDER}/report.md") is None


def test_sparse_checkout_reads_what_it_leaves_out(explored: KnowledgeBase) -> None:
    explored.write(f"{FOLDER}/lfs.png", POINTER)
    git = explored.in_git()
    git("sparse-checkout", "set", "--no-cone", "/*", f"!{FOLDER}")
    assert not (explored.root / FOLDER).exists()
    assert exploration(explored).names == ("age.png", "lfs.png", "plots/region.svg")
    assert [(problem.code, problem.path) for problem in check(explored.repository)] == [
        ("EXPL002", f"{FOLDER}/lfs.png")
    ]
