"""A remedy that is a command can be typed as it is: the problem goes, or another step is asked."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from iterata.repository import config
from iterata.repository.projects import Repository
from iterata.rules.check import check
from iterata.stages import Status

from ..core.rules.example_base import Base
from ..core.rules.test_every_code import REFUSED
from ..helpers.command_line import CommandLine
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.problems import Problem

_COMMAND = re.compile(r"`((?:iterata|git) [^`]+)`")

MOST_STEPS = 20
"""The most commands that one problem may need."""

COMPUTED = {"RES001", "RES002", "GATE004", "GATE008", "GATE010"}
"""Codes whose remedies compute results; the small knowledge base has them."""


ELSEWHERE = {"RES030", "RES031", "DOC020", "TREE017", "EXPL002"}
"""Codes whose remedies update the installation, or fetch something, which a test leaves alone."""

WRITTEN = {"GATE023"}
"""Codes whose remedies are a step, after which a person writes."""


def alternatives(remedy: str) -> list[list[str]]:
    """The commands of each part of a remedy between which its reader chooses."""
    found = (_COMMAND.findall(part) for part in re.split(r"; ", remedy))
    return [commands for commands in found if commands]


class Step(NamedTuple):
    """A command that was typed, and what came of it."""

    command: str
    code: int
    output: str

    @property
    def asked(self) -> list[str]:
        """The commands of its first remedy that has some."""
        lines = (line for line in self.output.splitlines() if line.lstrip().startswith("fix:"))
        return next((commands for line in lines for commands in alternatives(line)), [])


class Reader:
    """Types what the messages say, and nothing else."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.steps: list[Step] = []
        self.asked_to_write = False
        """Whether the last refusal asks for something that only a person can write."""

    def problems(self) -> list[Problem]:
        return check(Repository.on_disk(config.load(self.root)))

    def files(self) -> dict[str, bytes]:
        paths = (path for path in self.root.rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in paths if not {".git", ".iterata"} & {*path.parts}}

    def type(self, command: str) -> Step:
        program, *words = shlex.split(command)
        if program == "git":
            who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
            done = subprocess.run(
                ["git", *who, *words], cwd=self.root, capture_output=True, text=True, check=True
            )
            self.steps.append(Step(command, 0, done.stdout))
        else:
            result = CommandLine(self.root)(*words)
            self.steps.append(Step(command, result.code, result.output))
        step = self.steps[-1]
        assert step.code in (0, 1), self.steps
        assert len(self.steps) <= MOST_STEPS, self.steps
        return step

    def follow(self, command: str, waiting: tuple[str, ...] = ()) -> None:
        """Type a command; if it is refused, type what it asks for and then the command again."""
        assert command not in waiting, f"it comes back to where it was: {self.steps}"
        step = self.type(command)
        while step.code == 1 and step.asked:
            before = self.files()
            for other in step.asked:
                self.follow(other, (*waiting, command))
                if self.asked_to_write:
                    return
            is_recorded = step.asked[-1].startswith("git commit")
            assert self.files() != before or is_recorded, f"nothing is done: {self.steps}"
            step = self.type(command)
        self.asked_to_write = step.code == 1


def identity(problem: Problem) -> tuple[str, ...]:
    return problem.code, problem.path, problem.field, problem.message


def follow_all(make: Callable[[], Reader], code: str) -> int:
    """Follow every alternative of the problems of a code, each from the beginning; return how many."""
    choices = {
        (identity(problem), tuple(commands))
        for problem in make().problems()
        if problem.code == code
        for commands in alternatives(problem.remedy)
    }
    for problem, commands in sorted(choices):
        reader = make()
        for command in commands:
            reader.follow(command)
        is_gone = problem not in {identity(other) for other in reader.problems()}
        assert is_gone or reader.asked_to_write, (problem, reader.steps)
    return len(choices)


def in_git(root: Path) -> None:
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *who, *words], cwd=root, check=True)


@pytest.mark.parametrize("code", [code for code in REFUSED if code not in COMPUTED | ELSEWHERE | WRITTEN])
def test_remedies_of_problems_lead_on(tmp_path: Path, code: str) -> None:
    made = iter(range(99))

    def make() -> Reader:
        base = Base(tmp_path / str(next(made)))
        REFUSED[code](base)
        return Reader(base.root)

    follow_all(make, code)


SMALL = """
    churn
      requirements: approved
      01-setup
        assessment: approved
        lift.json
        experiment: completed
        report: approved
"""

_QUICK = {
    "resamples": 200,
    "split": {"folds": 2, "repeats": 1},
    "variants": [
        {"name": "logistic", "estimator": "sklearn.linear_model.LogisticRegression", "features": "all"}
    ],
}


def grown(root: Path, tree: str) -> KnowledgeBase:
    """A knowledge base with documents, and the data that its plans name."""
    base = KnowledgeBase(root).grow(tree)
    rows = "".join(f"{n % 7},{n % 90},{('blue', 'red')[n % 2]},{n % 3 % 2}\n" for n in range(60))
    base.write("projects/churn/data/customers.csv", f"newness,age,tariff,left\n{rows}")
    return base


_RESULTS = "projects/churn/01-setup/results"


def without_result(kind: str) -> Callable[[KnowledgeBase], None]:
    return lambda base: (base.root / f"{_RESULTS}/{kind}.json").unlink()


def broken_result(kind: str) -> Callable[[KnowledgeBase], None]:
    return lambda base: base.write(f"{_RESULTS}/{kind}.json", "{}")


def other_plan(base: KnowledgeBase) -> None:
    text = base.read(f"{_RESULTS}/experiment.json")
    base.write(
        f"{_RESULTS}/experiment.json", re.sub(r"(\"plan_digest\": \"sha256:)\w{8}", r"\g<1>00000000", text)
    )


def other_plan_and_open_report(base: KnowledgeBase) -> None:
    other_plan(base)
    base.set("churn/01-setup/report", "status", "draft")


FAULTS: dict[str, tuple[str, Callable[[KnowledgeBase], None]]] = {
    "no lift": ("GATE004", without_result("lift")),
    "broken lift": ("RES001", broken_result("lift")),
    "no result": ("GATE008", without_result("experiment")),
    "broken result": ("RES001", broken_result("experiment")),
    "running": ("GATE010", lambda base: base.set("churn/01-setup/experiment", "status", "running")),
    "other plan": ("RES002", other_plan),
    "other plan, report in draft": ("RES002", other_plan_and_open_report),
}  # fmt: skip


def test_every_computed_code_has_a_fault() -> None:
    assert {code for code, _ in FAULTS.values()} == COMPUTED


@pytest.mark.parametrize("fault", FAULTS)
def test_remedies_that_compute_lead_on(tmp_path: Path, fault: str) -> None:
    code, spoil = FAULTS[fault]
    made = iter(range(99))

    def make() -> Reader:
        base = grown(tmp_path / str(next(made)), SMALL)
        base.document("churn/01-setup/proposal", Status.APPROVED, plan=_QUICK)
        base.result("churn/01-setup", "experiment")
        spoil(base)
        in_git(base.root)
        return Reader(base.root)

    assert follow_all(make, code) >= 1


AGREED = "requirements: approved, 01-setup, assessment: approved, lift.json"

REFUSED_COMMANDS = {
    "run without a proposal": (AGREED, "run churn/01-setup"),
    "run without an assessment": (
        "requirements: approved, 01-setup, proposal: approved",
        "run churn/01-setup",
    ),
    "run a draft": (f"{AGREED}, proposal: draft", "run churn/01-setup"),
    "run what is in review": (f"{AGREED}, proposal: in_review", "run churn/01-setup"),
    "run without a commit": (f"{AGREED}, proposal: approved", "run churn/01-setup"),
    "report without a result": (f"{AGREED}, proposal: draft", "report churn/01-setup"),
    "lift without an assessment": ("requirements: approved, 01-setup", "lift churn/01-setup"),
    "verify without a result": (f"{AGREED}, proposal: approved", "verify churn/01-setup"),
    "monitor without a deployment": (AGREED, "monitor churn/01-setup"),
    "no iteration": ("requirements: approved", "run churn"),
    "nothing to follow": ("requirements: approved", "new iteration churn --kind feature"),
    "approve on open documents": (
        "requirements: draft, 01-setup, assessment: rejected, lift.json, proposal: in_review",
        "move projects/churn/01-setup/proposal.md approved",
    ),
    "approve without a role": (
        "requirements: in_review",
        "move projects/churn/requirements.md approved",
    ),
    "start an experiment": (
        f"{AGREED}, proposal: in_review, experiment: planned",
        "move projects/churn/01-setup/experiment.md running",
    ),
    "start a rollout": (
        f"{AGREED}, proposal: approved, experiment: completed, experiment.json, report: draft, "
        "deployment: planned",
        "move projects/churn/01-setup/deployment.md rolling_out",
    ),
}  # fmt: skip
"""Documents, and a command that cannot be carried out yet."""


@pytest.mark.parametrize("name", REFUSED_COMMANDS)
def test_remedies_of_refused_commands_lead_on(tmp_path: Path, name: str) -> None:
    documents, command = REFUSED_COMMANDS[name]
    depth, lines = 1, ["churn"]
    for document in documents.split(", "):
        lines.append("  " * depth + document)
        depth += document == "01-setup"
    base = grown(tmp_path, "\n".join(lines) + "\n")
    if name != "run without a commit":
        in_git(base.root)
    reader = Reader(base.root)
    reader.follow(f"iterata {command}")
    assert len(reader.steps) > 1, "its refusal names no command"
