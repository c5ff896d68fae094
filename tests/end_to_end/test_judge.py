"""The judge is not the judged: no file of a pull request is executed by the steps that check it.

Every step of our gate and of the workflows that `init` writes runs in a checkout full of files that a program
started carelessly would execute.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from iterata.actions.init.table import files_for
from iterata.repository import git

from ..helpers.git import HERMETIC, Git
from ..helpers.installation import PACKAGES, offline, stand_in
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
ACTION = ROOT / ".github/actions/check/action.yml"
TEMPLATES = ROOT / "core/iterata/actions/knowledge_base"
WORKFLOWS = [TEMPLATES / file.template for file in files_for("github") if "/workflows/" in file.path]
WORKFLOWS += [path.parent / "monorepo" / path.name for path in WORKFLOWS]
INSTALLING = re.compile(r"-m (venv|pip install) ")
"""Statements that take seconds, and most of which several scripts share."""
LOOT = "LOOT"
"""The variable with the file that a trap writes to."""

MODULES = ("pip", "ensurepip", "venv", "iterata", "click", "yaml", "json", "mkdocs", "sitecustomize")
FOLDERS = ("iterata_cli", "mkdocs_iterata", "pydantic")
PROGRAMS = ("python", "python3", "pip", "git", "iterata", "mkdocs", "sed", "cat")


def traps(root: Path) -> None:
    """Write the files. Each appends its name to the loot when it is executed."""
    python = f"import os\nopen(os.environ[{LOOT!r}], 'a').write(__file__ + '\\n')\n"
    for name in MODULES:
        (root / f"{name}.py").write_text(python, "utf-8")
    for name in FOLDERS:
        (root / name).mkdir()
        (root / name / "__init__.py").write_text(python, "utf-8")
        (root / name / "__main__.py").write_text(python, "utf-8")
    script = f'#!/bin/sh\necho "$0" >> "${LOOT}"\nexit 0\n'
    for folder in ("bin", "."):
        for name in PROGRAMS:
            (root / folder).mkdir(exist_ok=True)
            place = root / folder / name
            place.write_text(script, "utf-8")
            place.chmod(0o755)
    (root / "evil.pth").write_text(f"import os; open(os.environ[{LOOT!r}], 'a').write('pth')\n", "utf-8")
    (root / "setup.py").write_text(python, "utf-8")
    (root / "setup.cfg").write_text("[global]\nindex-url = http://127.0.0.1:9\n", "utf-8")
    (root / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:9\n", "utf-8")
    (root / "pyproject.toml").write_text('[build-system]\nrequires=[]\nbuild-backend="setup"\n', "utf-8")
    (root / ".python-version").write_text("2.7\n", "utf-8")
    (root / ".bash_profile").write_text(script, "utf-8")
    (root / "pyvenv.cfg").write_text(f"home = {root}\n", "utf-8")
    (root / ".gitattributes").write_text("*.md filter=evil diff=evil merge=evil\n", "utf-8")
    _bare_repository(root / "nested", script)


def _bare_repository(folder: Path, script: str) -> None:
    """A folder that Git takes for a repository, with a program in its configuration."""
    folder.mkdir()
    (folder / "HEAD").write_text("ref: refs/heads/main\n", "utf-8")
    for name in ("objects", "refs"):
        (folder / name).mkdir()
        (folder / name / "keep").write_text("", "utf-8")
    program = folder / "monitor"
    program.write_text(script, "utf-8")
    program.chmod(0o755)
    (folder / "config").write_text(
        f"[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = {folder.parent}\n"
        f"\tfsmonitor = {program}\n",
        "utf-8",
    )


class Checkout:
    """A checkout of a pull request full of traps, and a runner."""

    def __init__(self, place: Path) -> None:
        self.root, self.temp, self.loot = place / "work", place / "temp", place / "loot"
        self.place = place
        self.executed: set[str] = set()
        self.temp.mkdir()
        package = stand_in(place / "iterata")
        (package / ".github/actions/check").mkdir(parents=True)
        base = KnowledgeBase(self.root)
        base.write("docs/index.md", "# Ours\n")
        base.write("requirements.txt", f"{package}\n")
        repository = Git(self.root)
        repository.commit("begin")
        repository("update-ref", "refs/remotes/origin/main", "HEAD")
        repository("switch", "--quiet", "--create", "pull-request")
        base.grow("churn\n  requirements: in_review\n")
        traps(self.root)
        repository.commit("traps")
        (place / "page").touch()
        (place / "output").touch()

    def run(self, script: str) -> tuple[int, str]:
        """Run a step as a runner does."""
        variables = {
            **HERMETIC,
            "HOME": str(self.place),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            LOOT: str(self.loot),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTION_PATH": str(self.place / "iterata/.github/actions/check"),
            "GITHUB_STEP_SUMMARY": str(self.place / "page"),
            "GITHUB_OUTPUT": str(self.place / "output"),
            "BASE": "refs/remotes/origin/main",
            "PULL_REQUEST": "",
            "EVENT": "pull_request",
            "LISTED": "true",
            "NO_MKDOCS_2_WARNING": "1",
        }
        environment = {key: value for key, value in offline(variables).items() if key != "PYTHONPATH"}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.root, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    @property
    def sprung(self) -> list[str]:
        """The traps that were executed since the last call."""
        executed = self.loot.read_text("utf-8").splitlines() if self.loot.exists() else []
        self.loot.unlink(missing_ok=True)
        return executed


def scripts(path: Path) -> Iterator[str]:
    """The scripts of a workflow or an action that need no code host."""
    parsed = yaml.safe_load(path.read_text("utf-8"))
    jobs = [parsed["runs"]] if "runs" in parsed else parsed["jobs"].values()
    yield from (
        step["run"] for job in jobs for step in job["steps"] if "run" in step and "gh api" not in step["run"]
    )


def statements(script: str) -> Iterator[str]:
    """The statements of a script: the shortest runs of lines that are complete."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        parsed = subprocess.run(["bash", "-n"], input=statement, capture_output=True, text=True, check=False)
        if not parsed.stderr:
            yield statement
            statement = ""
    assert not statement, "a statement has no end"


def without_repeated_installations(script: str, executed: set[str]) -> str:
    """The script without the installing statements among those that were executed; adds its own to them."""
    of_script = list(statements(script))
    left = [text for text in of_script if text not in executed or not INSTALLING.search(text)]
    executed.update(of_script)
    return "".join(left)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("runner"))


@pytest.mark.parametrize(
    "careless",
    [
        "python -m pip --version",
        "python -c 'import click'",
        "python -m iterata_cli check",
        "PATH=.:$PATH iterata check",
        "PATH=$PWD/bin:$PATH python --version",
        "PYTHONPATH=. python -c ''",
        "cd nested && git status",
    ],
)
def test_traps_work(checkout: Checkout, careless: str) -> None:
    checkout.run(careless)
    assert checkout.sprung, careless


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_steps_execute_nothing_of_the_checkout(checkout: Checkout, path: Path) -> None:
    for whole in scripts(path):
        if whole in checkout.executed:
            continue
        script = without_repeated_installations(whole, checkout.executed)
        code, log = checkout.run(script)
        checkout.executed.add(whole)
        assert checkout.sprung == [], script
        assert code == 0, log


def test_module_is_not_imported_from_the_working_directory(checkout: Checkout, tmp_path: Path) -> None:
    """`python -m iterata_cli` without -I: Python puts the working directory first on the path."""
    (tmp_path / "click.py").write_text("print('sprung')\n", "utf-8")
    paths = [str(Path(str(package.__file__)).parents[1]) for package in PACKAGES]
    done = subprocess.run(
        [sys.executable, "-m", "iterata_cli", "--version"], cwd=tmp_path, capture_output=True, text=True,
        check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )  # fmt: skip
    assert (done.returncode, "sprung" in done.stdout) == (0, False), done.stderr


def test_git_reads_no_repository_that_was_checked_out(checkout: Checkout) -> None:
    folder = checkout.root / "nested"
    os.environ[LOOT] = str(checkout.loot)
    try:
        git.head(folder)
        git.head_info(folder)
        git.is_dirty(folder, ["."])
        git.show(folder, "HEAD", "HEAD")
    finally:
        del os.environ[LOOT]
    assert checkout.sprung == []
