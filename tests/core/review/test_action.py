"""The script of the composite action, run as the code host runs it, on a real branch."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from iterata.stages import Status

from ...helpers.installation import link_interpreter

if TYPE_CHECKING:
    from .team import Team

ACTION = Path(__file__).parents[3] / ".github" / "actions" / "check" / "action.yml"


@pytest.fixture
def script() -> str:
    steps = yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]
    (script,) = (step["run"] for step in steps if step.get("id") == "check")
    return str(script)


def run(team: Team, script: str, base: str) -> tuple[int, str, str, str]:
    """The exit code, the log, the job's summary and its outputs."""
    place = team.root.parent
    files = {name: place / name for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    for file in files.values():
        file.touch()
    link_interpreter(place)
    environment = {
        **os.environ,
        **{name: str(file) for name, file in files.items()},
        "BASE": base,
        "RUNNER_TEMP": str(place),
    }
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=team.root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, *(file.read_text("utf-8") for file in files.values())


def test_push_checks_all_documents(team: Team, script: str) -> None:
    team.write("projects/old/requirements.md", "# no front matter\n")
    team.commit()
    code, log, summary, _ = run(team, script, "")
    assert code == 1
    assert log.startswith("::error file=projects/old/requirements.md,line=1,col=1,title=DOC002::")
    assert summary == ""


def test_pull_request_is_summarised_and_checked(team: Team, script: str) -> None:
    with team.pull_request():
        path = team.document("churn/01-setup/assessment.md", Status.DRAFT)
        team.change(path, "recommendation: go", "recommendation: maybe")
    code, log, summary, outputs = run(team, script, "main")
    assert code == 1
    assert "title=DOC008 recommendation::" in log
    assert "## Status changes" in summary
    assert outputs.startswith("summary=")


def test_branch_name_is_not_executed(team: Team, script: str) -> None:
    code, log, *_ = run(team, script, "$(touch pwned)")
    assert code == 1
    assert not (team.root / "pwned").exists()
    assert "::error" not in log
