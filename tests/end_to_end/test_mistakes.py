"""Mistakes of users: one clear message, the right exit code, and nothing written."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from iterata.repository.files import locked
from iterata.stages import Status

from ..core.actions.approved_plan import DATA, FOLDER, ROWS, planned
from ..helpers.command_line import INSTALLED, CommandLine
from ..helpers.git import Git
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..helpers.golden import Golden

ITERATION = "churn/01-setup"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge base up to its first approved plan, in Git."""
    base = KnowledgeBase(tmp_path_factory.mktemp("template") / "base")
    planned(base)
    base.document(f"{ITERATION}/experiment", Status.RUNNING)
    Git(base.root).commit("begin the experiment")
    return base.root


@pytest.fixture
def base(template: Path, tmp_path: Path) -> KnowledgeBase:
    """A copy of that knowledge base."""
    root = tmp_path / "base"
    shutil.copytree(template, root, symlinks=True)
    return KnowledgeBase(root)


@pytest.fixture
def iterata(base: KnowledgeBase) -> CommandLine:
    return CommandLine(base.root)


def without(path: str) -> Callable[[KnowledgeBase], None]:
    """Removes a file or a folder."""

    def change(base: KnowledgeBase) -> None:
        place = base.root / path
        shutil.rmtree(place) if place.is_dir() else place.unlink()

    return change


def with_text(path: str, text: str) -> Callable[[KnowledgeBase], None]:
    """Replaces a file."""
    return lambda base: base.write(path, text)


def with_field(document: str, field: str, value: Any) -> Callable[[KnowledgeBase], None]:
    """Sets a field of a document's front matter."""
    return lambda base: base.set(f"{ITERATION}/{document}", field, value)


def unchanged(_: KnowledgeBase) -> None: ...


class Mistake(NamedTuple):
    """A command that fails, and what its message names."""

    words: str
    names: str
    """The place, the rule or the choice that the message names."""
    change: Callable[[KnowledgeBase], None] = unchanged
    """What is wrong in the knowledge base."""
    code: int = 1


MISTAKES = {
    "unknown iteration": Mistake("lift nobody/01", "nobody/01"),
    "unknown document": Mistake("move projects/x/report.md draft", "projects/x/report.md"),
    "unknown command": Mistake("lfit x", "'lift'", code=2),
    "unknown status": Mistake("move x done", "done", code=2),
    "unknown rule": Mistake("rule DOC099", "DOC099", code=2),
    "unknown file": Mistake("check projects/nobody", "projects/nobody"),
    "unknown revision": Mistake("check --base origin/main", "origin/main"),
    "unknown transition": Mistake(f"move {FOLDER}/proposal.md rejected", f"{FOLDER}/proposal.md"),
    "closed gate": Mistake(f"move {FOLDER}/experiment.md completed", "GATE008"),
    "no knowledge base": Mistake("status", "mkdocs.yml", without("mkdocs.yml")),
    "plugin not listed": Mistake("status", "iterata", with_text("mkdocs.yml", "site_name: x\n")),
    "broken configuration": Mistake("status", "mkdocs.yml:1: ", with_text("mkdocs.yml", "a: b: c\n")),
    "unknown option": Mistake(
        "status", "`projects_dir`", with_text("mkdocs.yml", "plugins: [{iterata: {project_dir: x}}]\n")
    ),
    "no projects": Mistake("check", "TREE001", without("projects")),
    "missing data": Mistake("lift churn/01", "data/customers.csv", without(DATA)),
    "missing column": Mistake("lift churn/01", "newness", with_text(DATA, ROWS.replace("newness", "newnes"))),
    "empty data": Mistake("lift churn/01", "data/customers.csv", with_text(DATA, "")),
    "one class": Mistake("lift churn/01", "left", with_text(DATA, "newness,left\n" + "1,0\n" * 9)),
    "text for numbers": Mistake(
        "lift churn/01", "newness", with_text(DATA, "newness,left\n" + "high,1\nlow,0\n" * 9)
    ),
    "no plan": Mistake("run churn/01", ITERATION, without(f"{FOLDER}/proposal.md")),
    "plan not approved": Mistake("run churn/01", "in_review", with_field("proposal", "status", "in_review")),
    "plan changed": Mistake("run churn/01", "PLAN003", with_field("proposal", "plan.split.seed", 9)),
    "data changed": Mistake("run churn/01", "data/customers.csv", with_text(DATA, f"{ROWS}1,1,red,1\n")),
    "nothing to report": Mistake("report churn/01", ITERATION),
    "nothing to affirm": Mistake("affirm projects/churn/requirements.md", "projects/churn/requirements.md"),
    "existing document": Mistake("new document churn/01 proposal", f"{FOLDER}/proposal.md"),
    "invalid name": Mistake("new project Ünwise", "Ünwise"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_one_message_and_writes_nothing(
    base: KnowledgeBase, iterata: CommandLine, name: str
) -> None:
    mistake = MISTAKES[name]
    mistake.change(base)
    Git(base.root).commit("make the mistake")
    before = base.files()
    done = iterata(*mistake.words.split())
    assert done.code == mistake.code, done.output
    assert mistake.names in done.output
    assert "Traceback" not in done.output
    assert base.files() == before


def test_run_outside_git_is_refused(base: KnowledgeBase, iterata: CommandLine, golden: Golden) -> None:
    shutil.rmtree(base.root / ".git")
    done = iterata("run", "churn/01")
    assert done.code == 1
    golden.check("run_outside_git", done.err)


def test_commands_on_one_iteration_exclude_each_other(base: KnowledgeBase, iterata: CommandLine) -> None:
    with locked(base.root, ITERATION):
        done = iterata("lift", "churn/01")
    assert done.code == 1
    assert done.err.startswith(f"{ITERATION}: error: ")


def test_output_of_a_pipe_has_no_colours(base: KnowledgeBase, iterata: CommandLine) -> None:
    base.change("projects/churn/requirements.md", "model_kind:", "model_sort:")
    assert "\x1b" not in iterata.in_subprocess("check").output


def test_closed_pipe_is_no_error(base: KnowledgeBase) -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; '{INSTALLED}' rule | head -n 1"],
        cwd=base.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
