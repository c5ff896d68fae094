"""Sequences of pull requests on one knowledge base, each merged whatever its review says."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Literal

from iterata.repository import config
from iterata.review.changes import compare
from iterata.review.review import review

from ...helpers.git import Git
from ...helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Step = Callable[["Sequence"], None]

MergeMethod = Literal["squash", "merge", "fast_forward"]

REQUIREMENTS = "churn/requirements"
ASSESSMENT, PROPOSAL, EXPERIMENT, REPORT = (
    f"churn/01-setup/{stage}" for stage in ("assessment", "proposal", "experiment", "report")
)
TREE = """
    churn
      requirements: approved
      01-setup
        assessment: approved
        lift.json
        proposal: approved
        experiment: completed
        experiment.json
        report: approved
"""
FIRST, SECOND = "2026-05-04", "2026-06-04"
"""The documents of the tree were approved before these days."""


def approvals(day: str) -> list[dict[str, str]]:
    """The approvals of both roles on a day."""
    return [{"role": role, "on": day} for role in ("product", "data science")]


def amendment(day: str) -> dict[str, str]:
    """A reason for reopening a plan or a report."""
    return {"on": day, "what": "Time.", "why": "Illness."}


class Sequence:
    """A copy of a knowledge base, its target branch `main`, and a branch `work`."""

    def __init__(self, template: Path, root: Path, method: MergeMethod = "squash") -> None:
        shutil.copytree(template, root)
        self.base = KnowledgeBase.__new__(KnowledgeBase)
        self.base.root, self.base.projects = root, "projects"
        self.git = Git.__new__(Git)
        self.git.root, self.git.clock = root, 1_774_000_000
        self.git("checkout", "--quiet", "-B", "work", "refs/heads/main")
        self.method = method
        self.codes: set[str] = set()

    def pull_request(self, *commits: Step, method: MergeMethod | None = None) -> set[str]:
        """Make a commit for each step, review them, and merge them; return the codes about changes."""
        for step in commits:
            step(self)
            self.git.commit()
        self.codes = self.review()
        self.merge(method or self.method)
        return self.codes

    def review(self) -> set[str]:
        """The codes about changes of the branch, and of what is not committed yet."""
        with compare(config.load(self.base.root), "refs/heads/main") as comparison:
            own = review(comparison, self.base.root).own
        return {problem.code for problem in own if problem.code.startswith("MOVE")}

    def merge(self, method: MergeMethod) -> None:
        parents = {"squash": ["refs/heads/main"], "merge": ["refs/heads/main", "HEAD"]}
        commit = "HEAD"
        if method in parents:
            options = [option for parent in parents[method] for option in ("-p", parent)]
            commit = self.git("commit-tree", "HEAD^{tree}", "-m", "merged", *options)
        self.git("update-ref", "refs/heads/main", commit)
        self.git("checkout", "--quiet", "-B", "work", "refs/heads/main")


# Steps


def set_fields(path: str, **values: Any) -> Step:
    """Set fields of a document; `__` in a name is a dot, and None removes the field."""

    def step(sequence: Sequence) -> None:
        for field, value in values.items():
            sequence.base.set(path, field.replace("__", "."), value)

    return step


def append(path: str, text: str) -> Step:
    """Write below the prose of a document."""
    place = f"projects/{path}.md"
    return lambda sequence: sequence.base.write(place, sequence.base.read(place) + text)


def restore(path: str, revision: str = "refs/tags/agreed") -> Step:
    """Give a document the content of a revision."""
    place = f"projects/{path}.md"
    return lambda sequence: sequence.base.write(place, sequence.git("show", f"{revision}:{place}") + "\n")


def delete(*paths: str) -> Step:
    """Delete documents or folders."""

    def step(sequence: Sequence) -> None:
        for path in paths:
            sequence.git("rm", "-r", "--quiet", "--force", f"projects/{path}")

    return step


def move(source: str, target: str) -> Step:
    """Rename a document or a folder below the projects."""

    def step(sequence: Sequence) -> None:
        place = sequence.base.root / "projects" / target
        place.parent.mkdir(parents=True, exist_ok=True)
        (sequence.base.root / "projects" / source).rename(place)

    return step


def steps(*parts: Step) -> Step:
    """Several steps in one commit."""

    def step(sequence: Sequence) -> None:
        for part in parts:
            part(sequence)

    return step
