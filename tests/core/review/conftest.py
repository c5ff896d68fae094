from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...helpers.code_host import Answer, CodeHostServer
from .team import Team

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """A team with one project, whose requirements are approved."""
    team = Team(tmp_path / "repo")
    team.document("churn/requirements.md", status=None)
    team.change("projects/churn/requirements.md", "status: draft", "status: approved")
    team.commit("the requirements")
    return team


@pytest.fixture
def server() -> Iterator[CodeHostServer]:
    server = CodeHostServer()
    server.answer("/orgs/team/teams/product/members?per_page=100", Answer(body=[{"login": "Cy"}]))
    server.answer("/orgs/team/teams/data-science/members?per_page=100", Answer(body=[{"login": "di"}]))
    yield server
    server.close()
