"""A result that contradicts itself since long ago stops no pull request that leaves it alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ...helpers.command_line import CommandLine
from ...helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

LIFT = "projects/churn/01-setup/results/lift.json"


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    """A branch of a knowledge base whose main branch has such a result."""
    base = KnowledgeBase(tmp_path)
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment: approved\n    lift.json\n")
    lift = json.loads(base.read(LIFT))
    lift["seed"] = 7  # of which no table tells
    base.write(LIFT, json.dumps(lift, indent=2, sort_keys=True) + "\n")
    base.in_git()("switch", "--quiet", "--create", "work")
    return base


def codes(base: KnowledgeBase, *arguments: str) -> set[str]:
    done = CommandLine(base.root)("check", *arguments, "--format", "json")
    return {problem["code"] for problem in json.loads(done.out)["problems"]}


def test_earlier_problem_of_a_result_does_not_count(base: KnowledgeBase) -> None:
    base.document("churn/02-more/assessment")
    assert codes(base, "--base", "main") == set()


def test_problem_of_a_changed_result_counts(base: KnowledgeBase) -> None:
    base.change(LIFT, '"seed": 7', '"seed": 8')
    assert "RES024" in codes(base, "--base", "main")


def test_result_can_be_checked_by_its_path(base: KnowledgeBase) -> None:
    assert codes(base, LIFT) == codes(base) == {"RES024"}
