"""The steps of the workflow that `init` writes, run as a code host runs them.

The working tree is what a code host checks out: the pull request merged into its target, with HEAD
detached.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ..helpers.code_host import CodeHostServer
from ..helpers.git import HERMETIC, Git
from ..helpers.installation import link_interpreter
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

    from ..helpers.command_line import CommandLine

MAIN = "refs/remotes/origin/main"
WORKFLOW = ".github/workflows/iterata.yml"


def scripts(steps: list[dict[str, Any]]) -> dict[str, str]:
    """The scripts of a job's steps, by the names of the steps."""
    return {step["name"]: step["run"] for step in steps if "name" in step and "run" in step}


class Runner:
    """A runner of a code host, with its clone of the repository."""

    def __init__(self, place: Path, origin: Git, merged: str) -> None:
        self.clone = place / "work"
        subprocess.run(["git", "clone", "--quiet", origin.root, self.clone], check=True, capture_output=True)
        subprocess.run(["git", "checkout", "--quiet", merged], cwd=self.clone, check=True)
        self.page, self.temp = place / "page.md", place
        link_interpreter(self.temp)

    def run(self, script: str, **environment: str) -> tuple[int, str]:
        """Run a step; return its exit code and its log."""
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.clone,
            env={
                **os.environ,
                **HERMETIC,
                "GITHUB_STEP_SUMMARY": str(self.page),
                "RUNNER_TEMP": str(self.temp),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


def pull_request(
    base: KnowledgeBase, iterata: CommandLine, tmp_path: Path, mistake: str, status: str = "in_review"
) -> Runner:
    """A pull request that begins a project; with an invalid kind of model unless `mistake` is empty."""
    origin = Git(base.root)
    iterata("init").fine()
    (base.root / "mkdocs.yml").write_text("site_name: Ours\nplugins:\n  - iterata\n", "utf-8")
    origin.commit("begin")
    origin("switch", "--quiet", "--create", "churn")
    base.grow(f"churn\n  requirements: {status}\n")
    if mistake:
        base.set("churn/requirements", "model_kind", mistake)
    origin.commit("add requirements")
    origin("switch", "--quiet", "main")
    base.write("docs/news.md", "# News\n")
    origin.commit("write other news")
    origin("switch", "--quiet", "--create", "merge")
    origin("merge", "--quiet", "--no-edit", "churn")
    merged = origin("rev-parse", "HEAD")
    origin("switch", "--quiet", "main")
    place = tmp_path / "runner"
    place.mkdir()
    return Runner(place, origin, merged)


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    """A knowledge base at the top of a repository."""
    return KnowledgeBase(tmp_path / "origin")


@pytest.mark.parametrize(("mistake", "exit_code"), [("", 0), ("magic", 1)])
def test_workflow_checks_a_pull_request(
    base: KnowledgeBase, iterata: CommandLine, tmp_path: Path, mistake: str, exit_code: int
) -> None:
    runner = pull_request(base, iterata, tmp_path, mistake)
    job = yaml.safe_load((base.root / WORKFLOW).read_text("utf-8"))["jobs"]["check"]
    steps = scripts(job["steps"])
    against = {"BASE": MAIN, "PULL_REQUEST": job["env"]["PULL_REQUEST"]}

    assert runner.run(steps["Summarise the pull request"], **against) == (0, "")
    summary = (runner.temp / "summary.md").read_text("utf-8")
    assert "churn" in summary
    assert runner.page.read_text("utf-8") == summary
    code, log = runner.run(steps["Check the changes of the pull request"], **against)
    assert code == exit_code
    assert ("::error file=projects/churn/requirements.md,line=" in log) == bool(mistake)


def test_failing_summary_stops_the_workflow(
    base: KnowledgeBase, iterata: CommandLine, tmp_path: Path
) -> None:
    """The summary is written through a pipe, whose last command succeeds."""
    runner = pull_request(base, iterata, tmp_path, "")
    workflow = yaml.safe_load((base.root / WORKFLOW).read_text("utf-8"))
    assert workflow["defaults"]["run"]["shell"] == "bash"  # with pipefail; the default shell is without
    steps = scripts(workflow["jobs"]["check"]["steps"])
    base_branch = MAIN.replace("main", "mian")
    code, log = runner.run(steps["Summarise the pull request"], BASE=base_branch, PULL_REQUEST="")
    assert code == 1
    assert "origin/mian" in log


def test_workflow_compares_approvals_with_reviews(
    base: KnowledgeBase, iterata: CommandLine, tmp_path: Path
) -> None:
    runner = pull_request(base, iterata, tmp_path, "", "approved")
    job = yaml.safe_load((base.root / WORKFLOW).read_text("utf-8"))["jobs"]["check"]
    script = scripts(job["steps"])["Check the changes of the pull request"]
    server = CodeHostServer()
    host = {"GITHUB_API_URL": server.url, "GITHUB_TOKEN": "a-token"}
    try:
        code, log = runner.run(script, BASE=MAIN, PULL_REQUEST="ours/base#12", **host)
    finally:
        server.close()
    assert code == 1
    assert server.requests[0] == ("/repos/ours/base/pulls/12", "Bearer a-token")
    assert "ours/base#12" in log
