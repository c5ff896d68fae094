"""What a code host runs: the very steps of the workflow that `init` writes.

The working tree is what a code host checks out: the pull request merged into its target, on no branch.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ..helpers.code_host import CodeHostServer
from ..helpers.git import HERMETIC, Git

if TYPE_CHECKING:
    from ..helpers.command_line import CommandLine
    from ..helpers.knowledge_base import KnowledgeBase

WORKFLOW = ".github/workflows/iterata.yml"
BIN = Path(sys.executable).parent


def scripts(steps: list[dict[str, Any]]) -> dict[str, str]:
    """What the steps of a job run, by their names."""
    return {step["name"]: step["run"] for step in steps if "name" in step and "run" in step}


class Runner:
    """A machine of a code host, with its clone of the repository."""

    def __init__(self, place: Path, origin: Git, merged: str) -> None:
        self.clone = place / "work"
        subprocess.run(["git", "clone", "--quiet", origin.root, self.clone], check=True, capture_output=True)
        subprocess.run(["git", "checkout", "--quiet", merged], cwd=self.clone, check=True)
        self.page = place / "page.md"

    def run(self, script: str, folder: str = ".", **environment: str) -> tuple[int, str]:
        """How a step ends, and its log."""
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.clone / folder,
            env={
                **os.environ,
                **HERMETIC,
                "GITHUB_STEP_SUMMARY": str(self.page),
                "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


def proposed(
    base: KnowledgeBase, iterata: CommandLine, tmp_path: Path, wrong: str, status: str = "in_review"
) -> Runner:
    """A pull request that begins a project, with a mistake in it if `wrong` is not empty."""
    origin = Git(base.root.parent)
    iterata("init").fine()
    (base.root / "mkdocs.yml").write_text("site_name: Ours\nplugins:\n  - iterata\n", "utf-8")
    origin.commit("begin")
    origin("switch", "--quiet", "--create", "churn")
    base.grow(f"churn\n  requirements: {status}\n")
    if wrong:
        base.set("churn/requirements", "model_kind", wrong)
    origin.commit("ask")
    origin("switch", "--quiet", "main")
    base.write("docs/news.md", "# Elsewhere\n")
    origin.commit("something else meanwhile")
    origin("switch", "--quiet", "--create", "merge")
    origin("merge", "--quiet", "--no-edit", "churn")
    merged = origin("rev-parse", "HEAD")
    origin("switch", "--quiet", "main")
    place = tmp_path / "machine"
    place.mkdir()
    return Runner(place, origin, merged)


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    """A knowledge base in a folder of a repository, as in many a company."""
    from ..helpers.knowledge_base import KnowledgeBase  # noqa: PLC0415

    return KnowledgeBase(tmp_path / "origin/base")


@pytest.mark.parametrize(("wrong", "ends"), [("", 0), ("magic", 1)])
def test_the_workflow_judges_a_pull_request(
    base: KnowledgeBase, iterata: CommandLine, tmp_path: Path, wrong: str, ends: int
) -> None:
    machine = proposed(base, iterata, tmp_path, wrong)
    job = yaml.safe_load((base.root / WORKFLOW).read_text("utf-8"))["jobs"]["check"]
    steps = scripts(job["steps"])
    against = {"BASE": "origin/main", "PULL_REQUEST": job["env"]["PULL_REQUEST"]}

    assert machine.run(steps["Summarise the pull request"], "base", **against) == (0, "")
    kept = (machine.clone / "base/summary.md").read_text("utf-8")
    assert "churn" in kept
    assert machine.page.read_text("utf-8") == kept
    code, log = machine.run(steps["Check the changes of the pull request"], "base", **against)
    assert code == ends
    assert ("::error file=base/projects/churn/requirements.md,line=" in log) == bool(wrong)


def test_a_summary_that_cannot_be_written_stops_the_workflow(
    base: KnowledgeBase, iterata: CommandLine, tmp_path: Path
) -> None:
    """Though it is written through a pipe, whose last command succeeds."""
    machine = proposed(base, iterata, tmp_path, "")
    workflow = yaml.safe_load((base.root / WORKFLOW).read_text("utf-8"))
    assert workflow["defaults"]["run"]["shell"] == "bash"  # with pipefail, as here; nothing said is without
    steps = scripts(workflow["jobs"]["check"]["steps"])
    code, log = machine.run(steps["Summarise the pull request"], "base", BASE="origin/mian", PULL_REQUEST="")
    assert code == 1
    assert "origin/mian" in log


def test_approvals_are_held_against_reviews_once_the_pull_request_is_named(
    base: KnowledgeBase, iterata: CommandLine, tmp_path: Path
) -> None:
    machine = proposed(base, iterata, tmp_path, "", "approved")
    job = yaml.safe_load((base.root / WORKFLOW).read_text("utf-8"))["jobs"]["check"]
    script = scripts(job["steps"])["Check the changes of the pull request"]
    server = CodeHostServer()
    host = {"GITHUB_API_URL": server.url, "GITHUB_TOKEN": "a-token"}
    try:
        code, log = machine.run(script, "base", BASE="origin/main", PULL_REQUEST="ours/base#12", **host)
    finally:
        server.close()
    assert code == 1
    assert server.requests[0] == ("/repos/ours/base/pulls/12", "Bearer a-token")
    assert "ours/base#12" in log
