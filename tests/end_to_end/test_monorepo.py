"""A repository with two knowledge bases and other code: pull requests that touch one, both or none.

The steps of the workflow that `init` writes are run as a runner does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
import yaml

from ..helpers.command_line import CommandLine
from ..helpers.git import HERMETIC, Git
from ..helpers.installation import offline, stand_in
from ..helpers.knowledge_base import MKDOCS, KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FOLDERS = ("teams/a", "teams/b c")
WORKFLOW = ".github/workflows/iterata.yml"


class Checked(NamedTuple):
    """What the check of a pull request did."""

    passed: bool
    log: str
    summary: str
    outputs: str


class Monorepo:
    """The repository, and a runner."""

    def __init__(self, place: Path) -> None:
        self.place, self.root = place, place / "work"
        self.root.mkdir()
        self.git = Git(self.root)
        (self.root / "src").mkdir()
        (self.root / "src/app.py").write_text("print('other code')\n", "utf-8")
        (self.root / "CODEOWNERS").write_text("* @everybody\n", "utf-8")
        package = stand_in(place / "iterata")
        for folder in FOLDERS:
            CommandLine(self.root)("init", folder).fine()
            base = KnowledgeBase(self.root / folder)  # writes a smaller mkdocs.yml
            base.grow("churn\n  requirements: approved\n")
            base.write("requirements.txt", f"{package}\n")
        self.git.commit("begin")
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")

    def base(self, folder: str) -> KnowledgeBase:
        """One of the two, as it is checked out."""
        base = KnowledgeBase.__new__(KnowledgeBase)
        base.root, base.projects = self.root / folder, "projects"
        return base

    def check(self, name: str, change: Callable[[Monorepo], object]) -> Checked:
        """The check of a pull request."""
        self.git("switch", "--quiet", "--force-create", name, "refs/remotes/origin/main")
        change(self)
        self.git.commit(name)
        workflow = yaml.safe_load((self.root / WORKFLOW).read_text("utf-8"))
        runner = self.place / name
        runner.mkdir()
        for environment in self.place.glob("*/environment-*"):  # a runner would install it again
            if not environment.is_symlink():
                (runner / environment.name).symlink_to(environment)
        log, passed = "", True
        for step in workflow["jobs"]["check"]["steps"]:
            condition = str(step.get("if", ""))
            goes_on = passed or "cancelled" in condition
            is_wanted = "any" not in condition or "any=true" in _read(runner / "output")
            if "run" in step and "'push'" not in condition and goes_on and is_wanted:
                code, output = self._run(step["run"], runner)
                passed, log = passed and code == 0, log + output
        summary = _read(runner / "summary.md")
        return Checked(passed, log, summary, _read(runner / "output"))

    def _run(self, script: str, runner: Path) -> tuple[int, str]:
        variables = {
            **HERMETIC,
            "PATH": f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}",  # noqa: PTH120
            "HOME": str(runner),
            "RUNNER_TEMP": str(runner),
            "GITHUB_OUTPUT": str(runner / "output"),
            "GITHUB_STEP_SUMMARY": str(runner / "page"),
            "BASE": "refs/remotes/origin/main",
            "EVENT": "pull_request",
            "PULL_REQUEST": "",
        }
        environment = {key: value for key, value in offline(variables).items() if key != "PYTHONPATH"}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.root, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


@pytest.fixture(scope="module")
def monorepo(tmp_path_factory: pytest.TempPathFactory) -> Monorepo:
    return Monorepo(tmp_path_factory.mktemp("monorepo"))


def test_init_of_another_knowledge_base_overwrites_nothing(monorepo: Monorepo) -> None:
    before = monorepo.git("status", "--porcelain")
    for folder in FOLDERS:
        done = CommandLine(monorepo.root)("init", folder).fine()
        assert "wrote" not in done.out
        assert "added" not in done.out
    assert monorepo.git("status", "--porcelain") == before
    owners = (monorepo.root / "CODEOWNERS").read_text("utf-8")
    assert owners.startswith("* @everybody\n")
    assert owners.index("/teams/a/projects/ ") < owners.index(r"/teams/b\ c/projects/ ")
    hooks = yaml.safe_load((monorepo.root / ".pre-commit-config.yaml").read_text("utf-8"))
    assert len(hooks["repos"]) == len(FOLDERS)


def test_pull_request_with_other_code_installs_nothing_and_passes(monorepo: Monorepo) -> None:
    done = monorepo.check("none", lambda it: (it.root / "src/app.py").write_text("print('new')\n", "utf-8"))
    assert done.passed, done.log
    assert "listed=true" in done.outputs
    assert "any=true" not in done.outputs
    assert not list((monorepo.place / "none").glob("requirements-*"))


def test_pull_request_with_one_knowledge_base_checks_that_one(monorepo: Monorepo) -> None:
    done = monorepo.check("one", lambda it: it.base("teams/a").grow("tides\n  requirements\n"))
    assert done.passed, done.log
    assert "# teams/a" in done.summary
    assert "teams/b" not in done.summary


def test_pull_request_with_both_reports_the_place_from_the_top(monorepo: Monorepo) -> None:
    def change(it: Monorepo) -> None:
        for folder in FOLDERS:
            it.base(folder).grow("tides\n  requirements\n")
        it.base("teams/b c").write("projects/tides/requirements.md", "# Tides\n")

    done = monorepo.check("both", change)
    assert not done.passed
    assert "::error file=teams/b c/projects/tides/requirements.md,line=1," in done.log
    assert "file=teams/a/" not in done.log
    assert done.summary.index("# teams/a") < done.summary.index(r"# teams/b\ c")


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        ("owners", "CODEOWNERS", "* @somebody-else\n"),
        ("workflow", ".github/workflows/iterata-site.yml", "on: push\n"),
    ],
)
def test_change_of_the_rules_is_a_change_of_every_knowledge_base(
    monorepo: Monorepo, name: str, path: str, text: str
) -> None:
    done = monorepo.check(name, lambda it: (it.root / path).write_text(text, "utf-8"))
    assert done.passed, done.log
    assert "# teams/a" in done.summary
    assert r"# teams/b\ c" in done.summary
    assert done.summary.count(path) >= len(FOLDERS)


def test_pull_request_cannot_leave_the_check_by_hiding_its_knowledge_base(monorepo: Monorepo) -> None:
    done = monorepo.check("hidden", lambda it: (it.root / "teams/a/mkdocs.yml").unlink())
    assert not done.passed


def test_new_knowledge_base_is_checked_without_a_change_of_the_workflow(monorepo: Monorepo) -> None:
    def change(it: Monorepo) -> None:
        base = it.base("lab")
        base.write("mkdocs.yml", MKDOCS)
        base.write("requirements.txt", (it.root / "teams/a/requirements.txt").read_text("utf-8"))
        base.write("projects/tides/requirements.md", "# Tides\n")

    done = monorepo.check("new", change)
    assert not done.passed
    assert "::error file=lab/projects/tides/requirements.md,line=1," in done.log
