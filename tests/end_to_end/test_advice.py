"""Following the commands of `iterata status` leads from an idea to the next iteration."""

from __future__ import annotations

import json
import shlex
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from sklearn.datasets import load_breast_cancer

from iterata.stages import Outcome, Stage

from ..helpers import samples
from ..helpers.command_line import CommandLine
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

DATA = {"source": "data/tumours.csv", "target": "malignant", "status_quo": {"column": "mean_radius"}}
ANSWERS: dict[Stage, dict[str, Any]] = {
    Stage.ASSESSMENT: {"lift": {"data": DATA, "resamples": 200}},
    Stage.PROPOSAL: {
        "plan": {
            "data": [{"name": "rows", "source": DATA["source"]}],
            "target": {"column": "malignant"},
            "status_quo": {"column": "mean_radius"},
            "split": {"folds": 2, "repeats": 1},
            "metrics": {"guardrail": []},
            "segments": [],
            "features": {"all": ["!malignant", "mean_*"]},
            "variants": [
                {
                    "name": "logistic",
                    "estimator": "sklearn.linear_model.LogisticRegression",
                    "features": "all",
                }
            ],
            "resamples": 200,
        }
    },
}  # fmt: skip


class Follower:
    """Types the commands of the board, and writes what only an author or a stakeholder can write."""

    def __init__(self, root: Path) -> None:
        self.base, self.iterata = KnowledgeBase(root), CommandLine(root)
        self.typed: list[str] = []

    def latest_row(self) -> dict[str, Any]:
        """The board's row of the latest iteration, or of a project without iterations."""
        rows = json.loads(self.iterata("status", "--format", "json").fine().out)["iterations"]
        return dict(rows[-1])

    def follow(self) -> dict[str, Any]:
        """Type commands until the board names none; return its last row."""
        for _ in range(40):
            row = self.latest_row()
            if not row["command"]:
                return row
            self.type(shlex.split(row["command"]))
            self.iterata("check").fine()
        raise AssertionError("\n".join(self.typed))

    def type(self, words: list[str]) -> None:
        """Type a command; fill in a document before its review, and commit a plan before its run."""
        assert words[0] == "iterata"
        if words[1] == "run":
            self.base.in_git()
        if words[-1] == "in_review":
            self.write(words[2].removeprefix("projects/").removesuffix(".md"))
        self.iterata(*words[1:]).fine()
        if words[-1] == "draft":
            self.base.set("tumours/requirements", "revision", 2)
            reason = {"revision": 2, "on": "2026-11-24", "reason": "A second clinic takes part."}
            self.base.set("tumours/requirements", "revisions", [reason])
        self.typed.append(" ".join(words[1:]))

    def write(self, path: str) -> None:
        """Fill in what a command left open in a document."""
        document = self.base.parsed(path)
        values = samples.merge(samples.values(document.stage), ANSWERS.get(document.stage, {}))
        values.pop("status")
        kept = ("iteration", "revision", "revisions")
        values |= {key: document.data[key] for key in kept if key in document.data}
        if document.stage is Stage.REPORT:
            hypotheses = document.data["hypotheses"]
            values["hypotheses"] = [
                hypothesis | {"interpretation": "Size is not all."} for hypothesis in hypotheses
            ]
        front = samples.document(document.stage, **values).split("---\n")[1]
        self.base.write(document.path, f"---\n{front}---\n{document.body}")

    def decide(self, outcome: Outcome) -> None:
        """Write the decision of the stakeholders into the report of the latest iteration."""
        by = [{"role": "product"}]
        decision = {"outcome": outcome.value, "by": by, "on": "2026-11-23", "why": "It pays."}
        self.base.set(f"{self.latest_row()['ref']}/report", "decision", decision)


@pytest.fixture(scope="module")
def undecided(tmp_path_factory: pytest.TempPathFactory) -> Follower:
    """A knowledge base whose first report waits for a decision, and the commands that led there."""
    follower = Follower(tmp_path_factory.mktemp("undecided") / "base")
    frame = load_breast_cancer(as_frame=True).frame.rename(columns=lambda name: name.replace(" ", "_"))
    frame["malignant"] = 1 - frame.pop("target")
    data = follower.base.root / "projects/tumours" / str(DATA["source"])
    data.parent.mkdir(parents=True)
    frame.to_csv(data, index=False)
    follower.base.in_git()
    follower.follow()
    return follower


FIRST_ITERATION = """
new document tumours requirements
move projects/tumours/requirements.md in_review
move projects/tumours/requirements.md approved --as product
new iteration tumours
move projects/tumours/01-setup/assessment.md in_review
lift tumours/01-setup
move projects/tumours/01-setup/assessment.md approved --as product
new document tumours/01-setup proposal
move projects/tumours/01-setup/proposal.md in_review
move projects/tumours/01-setup/proposal.md approved --as product --as data science
run tumours/01-setup
report tumours/01-setup
move projects/tumours/01-setup/report.md in_review
""".strip().splitlines()

APPROVE_FIRST_REPORT = "move projects/tumours/01-setup/report.md approved --as product"

REVISION = """
move projects/tumours/requirements.md draft
move projects/tumours/requirements.md in_review
move projects/tumours/requirements.md approved --as product
""".strip().splitlines()

SECOND_ITERATION = """
new iteration tumours --kind feature --follows 01-setup
move projects/tumours/02-feature/proposal.md in_review
move projects/tumours/02-feature/proposal.md approved --as product --as data science
run tumours/02-feature
report tumours/02-feature
move projects/tumours/02-feature/report.md in_review
""".strip().splitlines()


def test_commands_lead_from_an_idea_to_a_decision(undecided: Follower) -> None:
    assert undecided.typed == FIRST_ITERATION


@pytest.mark.parametrize(
    ("outcome", "commands"),
    [
        (Outcome.STOP, []),
        (Outcome.DEPLOY, ["new document tumours/01-setup deployment"]),
        (Outcome.REVISIT_REQUIREMENTS, [*REVISION, *SECOND_ITERATION]),
        (Outcome.ITERATE, SECOND_ITERATION),
    ],
)
def test_commands_lead_on_from_a_decision(
    undecided: Follower, tmp_path: Path, outcome: Outcome, commands: list[str]
) -> None:
    shutil.copytree(undecided.base.root, tmp_path / "base")
    follower = Follower(tmp_path / "base")
    follower.decide(outcome)
    row = follower.follow()
    assert follower.typed == [APPROVE_FIRST_REPORT, *commands]
    assert row["command"] == ""
