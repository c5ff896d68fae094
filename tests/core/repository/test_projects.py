"""Finding iterations by the names that users type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.errors import NotFoundError
from iterata.repository.iteration_names import MAX_LISTED

if TYPE_CHECKING:
    from ...helpers.knowledge_base import KnowledgeBase


@pytest.fixture
def churn(base: KnowledgeBase) -> KnowledgeBase:
    return base.grow("""
        churn
          requirements
          01-setup
            assessment
          02-weather
            proposal
        churn-abroad
          01-setup
            assessment
        wine
          01-setup
            assessment
    """)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("churn/01-setup", "churn/01-setup"),
        ("churn/01", "churn/01-setup"),
        ("chu/02", "churn/02-weather"),
        ("churn-/0", "churn-abroad/01-setup"),
        ("wine", "wine/01-setup"),
        ("wi", "wine/01-setup"),
        ("churn-abroad", "churn-abroad/01-setup"),
        ("02-weather", "churn/02-weather"),
        ("02", "churn/02-weather"),
        ("projects/churn/01-setup", "churn/01-setup"),
        ("./projects/churn/01-setup/", "churn/01-setup"),
        ("projects/churn/01-setup/assessment.md", "churn/01-setup"),
        ("projects\\churn\\01-setup", "churn/01-setup"),
    ],
)
def test_iteration_is_found_by_path_and_by_prefix(churn: KnowledgeBase, typed: str, meant: str) -> None:
    assert churn.repository.find_iteration(typed).ref == meant


@pytest.mark.parametrize(
    ("typed", "listed"),
    [
        ("churn", ["churn/01-setup", "churn/02-weather", "churn-abroad/01-setup"]),
        ("churn/0", ["churn/01-setup", "churn/02-weather"]),
        ("01-setup", ["churn/01-setup", "churn-abroad/01-setup", "wine/01-setup"]),
        ("churn/03", ["churn/01-setup"]),
        ("", ["wine/01-setup"]),
        (".", ["wine/01-setup"]),
        ("..", ["wine/01-setup"]),
        ("/", ["wine/01-setup"]),
        ("beer/01-setup", ["wine/01-setup"]),
    ],
)
def test_unknown_or_ambiguous_name_lists_iterations(
    churn: KnowledgeBase, typed: str, listed: list[str]
) -> None:
    with pytest.raises(NotFoundError) as refused:
        churn.repository.find_iteration(typed)
    assert refused.value.location.source == typed
    assert all(ref in refused.value.remedy for ref in listed)


def test_list_of_iterations_is_limited(base: KnowledgeBase) -> None:
    for number in range(100):
        (base.root / f"projects/churn/{number:02}-x").mkdir(parents=True)
    with pytest.raises(NotFoundError) as refused:
        base.repository.find_iteration("wine")
    assert refused.value.remedy.count("churn/") == MAX_LISTED


def test_iterations_are_ordered_by_number(base: KnowledgeBase) -> None:
    base.grow("churn\n  100-last\n  02-second\n  11-third\n  01-first\n  data\n")
    (project,) = base.repository.projects
    assert [folder.number for folder in project.iterations] == [1, 2, 11, 100]
    assert list(project.other_folders) == ["projects/churn/data"]


def test_projects_folder_may_be_nested(base: KnowledgeBase) -> None:
    base.projects = "ml/projekte für uns"
    base.write("mkdocs.yml", "plugins:\n  - iterata:\n      projects_dir: ml/projekte für uns/\n")
    base.grow("churn\n  requirements\n  01-setup\n    assessment\n")
    for typed in ("ml/projekte für uns/churn/01-setup", "churn/01"):
        assert base.repository.find_iteration(typed).path == "ml/projekte für uns/churn/01-setup"
    assert base.problems() == []
