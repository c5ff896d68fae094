from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .team import Team

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """A team with one project, whose requirements are approved."""
    team = Team(tmp_path / "repo")
    team.document("churn/requirements.md", status=None)
    team.change("projects/churn/requirements.md", "status: draft", "status: approved")
    team.commit("the requirements")
    return team
