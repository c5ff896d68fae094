"""Two people walk through a setup round and a feature round, by pull requests that are squash-merged.

Each has a clone. The data scientist writes and runs; the product owner agrees, on another day, in the clone's
editor. Every pull request is checked as a workflow checks it: the merge of both branches, in a new clone.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from iterata.stages import Status

from ..helpers.command_line import CommandLine
from ..helpers.git import Git
from ..helpers.knowledge_base import KnowledgeBase
from ..helpers.typing_author import type_into
from .test_typed_values import GET_DATA, PROJECT, ROUNDS

if TYPE_CHECKING:
    from pathlib import Path

SCIENCE, PRODUCT = "data science", "product"


class Person:
    """A clone, with the commands of its owner in it."""

    def __init__(self, role: str, root: Path, git: Git) -> None:
        self.role, self.root, self.git = role, root, git
        self.base, self.iterata = KnowledgeBase(root), CommandLine(root)

    def new(self, *arguments: str) -> None:
        self.iterata("new", *arguments).fine()

    def ask(self, path: str, typed: dict[str, Any]) -> None:
        """Type values into a document, and ask for a review of it."""
        type_into(self.root, path, typed)
        self.iterata("move", path, "in_review").fine()

    def agree(self, path: str) -> None:
        self.iterata("move", path, "approved", "--as", self.role).fine()

    def agree_in_the_web_editor(self, path: str) -> None:
        """Add an entry to `approvals`; commands and digests are left to others."""
        day = datetime.now(UTC).date().isoformat()
        entry = f"\\1- {{role: {self.role}, on: {day}}}\n\\1- "  # indented as the entry that is there
        changed, count = re.subn(r"(?<=^approvals:\n)( *)- ", entry, self.base.read(path), flags=re.MULTILINE)
        assert count == 1
        self.base.write(path, changed)


class CodeHost:
    """A bare repository that two people share."""

    def __init__(self, root: Path) -> None:
        self.root, self.merges = root, 0
        base = KnowledgeBase(root / "main")
        base.write(".gitignore", ".iterata/\nsite/\n")
        self.hub = Git(base.root)
        self.hub.commit("the knowledge base")
        self.hub("switch", "--quiet", "--detach")
        self.people = {role: self._clone(role) for role in (SCIENCE, PRODUCT)}

    def _clone(self, name: str) -> Person:
        git = self.hub.clone(self.root / name.replace(" ", "-"))
        return Person(name, git.root, git)

    def begin(self, role: str) -> Person:
        """Begin a branch at the present state of main."""
        person = self.people[role]
        person.git("fetch", "--quiet", "--prune", "origin")
        person.git("switch", "--quiet", "--force-create", "work", "origin/main")
        return person

    def review(self, person: Person) -> str:
        """Push the branch, and check it as a workflow does; return the summary of the pull request."""
        person.git.commit()
        person.git.force_push("work")
        workflow = self._clone("workflow")
        try:
            workflow.git("switch", "--quiet", "--detach", "origin/main")
            workflow.git.merge("origin/work")
            workflow.iterata("check", "--base", "origin/main").fine()
            return workflow.iterata("summary", "--base", "origin/main").fine().out
        finally:
            shutil.rmtree(workflow.root)

    def merge(self, person: Person) -> None:
        """Check the branch, squash it into main, and delete it."""
        self.review(person)
        self.merges += 1
        self.hub("switch", "--quiet", "main")
        self.hub.squash_merge("work", f"Step {self.merges} (#{self.merges})")
        self.hub("switch", "--quiet", "--detach")
        self.hub("branch", "--quiet", "--delete", "--force", "work")

    def new_clone(self) -> Person:
        return self._clone(f"clone {self.merges}")


class Walk:
    """The pull requests of both rounds."""

    def __init__(self, host: CodeHost) -> None:
        self.host = host

    def agreed(self, path: str, typed: dict[str, Any]) -> None:
        """The data scientist asks in one pull request; the product owner agrees in another."""
        science = self.host.begin(SCIENCE)
        science.ask(path, typed)
        self.host.merge(science)
        product = self.host.begin(PRODUCT)
        product.agree(path)
        self.host.merge(product)

    def setup_round(self) -> None:
        typed, iteration = ROUNDS["setup"], f"{PROJECT}/01-setup"
        science = self.host.begin(SCIENCE)
        science.new("project", "nurse-calls")
        science.base.write(f"{PROJECT}/get_data.py", GET_DATA)
        subprocess.run([sys.executable, science.root / PROJECT / "get_data.py"], check=True)
        self.host.merge(science)
        self.agreed(f"{PROJECT}/requirements.md", typed["requirements"])
        science = self.host.begin(SCIENCE)
        science.new("iteration", "nurse-calls")
        type_into(science.root, f"{iteration}/assessment.md", typed["assessment"])
        science.iterata("lift", iteration).fine()
        self.host.merge(science)
        self.agreed(f"{iteration}/assessment.md", {})
        science = self.host.begin(SCIENCE)
        science.new("document", iteration, "proposal")
        self.host.merge(science)
        self.end_of_round("setup", iteration)

    def feature_round(self) -> None:
        science = self.host.begin(SCIENCE)
        science.new("iteration", "nurse-calls", "--kind", "feature", "--follows", "01-setup")
        self.host.merge(science)
        self.end_of_round("feature", f"{PROJECT}/02-feature")

    def end_of_round(self, name: str, iteration: str) -> None:
        typed = ROUNDS[name]
        self.plan_of_two(f"{iteration}/proposal.md", typed["proposal"])
        science = self.host.begin(SCIENCE)
        science.iterata("run", iteration, "--jobs", "1").fine()
        self.host.merge(science)
        science = self.host.begin(SCIENCE)
        science.iterata("report", iteration).fine()
        type_into(science.root, f"{iteration}/report.md", typed["report"])
        self.host.merge(science)
        self.agreed(f"{iteration}/report.md", typed["decision"])

    def plan_of_two(self, path: str, typed: dict[str, Any]) -> None:
        """Data science agrees on Monday, the product owner in the web editor on Tuesday."""
        science = self.host.begin(SCIENCE)
        science.ask(path, typed)
        science.agree(path)
        assert _status(science, path) is Status.IN_REVIEW
        self.host.merge(science)
        product = self.host.begin(PRODUCT)
        product.agree_in_the_web_editor(path)
        self.host.merge(product)
        science = self.host.begin(SCIENCE)
        science.iterata("move", path, "approved").fine()
        self.host.merge(science)


def _status(person: Person, path: str) -> Status | None:
    project = path.removeprefix("projects/").removesuffix(".md")
    return person.base.parsed(project).status


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> CodeHost:
    host = CodeHost(tmp_path_factory.mktemp("team"))
    walk = Walk(host)
    walk.setup_round()
    walk.feature_round()
    return host


def test_both_rounds_end_with_an_approved_report(host: CodeHost) -> None:
    clone = host.new_clone()
    assert clone.base.problems() == []
    for iteration in ("01-setup", "02-feature"):
        assert _status(clone, f"{PROJECT}/{iteration}/report.md") is Status.APPROVED


@pytest.mark.parametrize("iteration", ["01-setup", "02-feature"])
def test_results_of_deleted_branches_can_be_verified(host: CodeHost, iteration: str) -> None:
    clone = host._clone(f"verify {iteration}")
    done = clone.iterata("verify", f"nurse-calls/{iteration}", "--make", "--jobs", "1").fine()
    assert clone.git.status == ""
    assert done.code == 0
