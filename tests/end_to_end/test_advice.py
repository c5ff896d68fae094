"""Whoever only ever does what `iterata status` says gets from an idea to the next iteration."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from sklearn.datasets import load_breast_cancer

from iterata.stages import Outcome, Stage

from ..helpers import samples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..helpers.command_line import CommandLine
    from ..helpers.knowledge_base import KnowledgeBase

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
    """Does what the board says, and writes what only an author or a stakeholder can."""

    def __init__(self, base: KnowledgeBase, iterata: CommandLine, decisions: Iterable[Outcome]) -> None:
        self.base, self.iterata, self.decisions = base, iterata, iter(decisions)
        self.typed: list[str] = []

    def row(self) -> dict[str, Any]:
        """The latest iteration, or the project before it has any."""
        rows = json.loads(self.iterata("status", "--format", "json").fine().out)["iterations"]
        return dict(rows[-1])

    def follow(self) -> dict[str, Any]:
        """Go on until nothing is left to type; what is then waited for."""
        for _ in range(40):
            row = self.row()
            if row["command"]:
                self.type(shlex.split(row["command"]))
            elif "have not decided" in row["waits_for"]:
                self.decide(row["ref"])
            else:
                return row
            assert self.iterata("check").fine().err == "no problems\n"
        raise AssertionError("\n".join(self.typed))

    def type(self, words: list[str]) -> None:
        """Type a command that the board gave; a document is written before it is handed in, a plan committed
        before it is run."""
        assert words[0] == "iterata"
        if words[1] == "run":
            self.base.in_git()
        if words[-1] == "in_review":
            self.write(words[2].removeprefix("projects/").removesuffix(".md"))
        self.iterata(*words[1:]).fine()
        self.typed.append(" ".join(words[1:]))

    def write(self, path: str) -> None:
        """What an author writes; what commands filled in stays."""
        document = self.base.parsed(path)
        known = samples.merge(samples.values(document.stage), ANSWERS.get(document.stage, {}))
        known.pop("status")
        if "iteration" in document.data:
            known["iteration"] = document.data["iteration"]
        if document.stage is Stage.REPORT:
            answers = document.data["hypotheses"]
            known["hypotheses"] = [each | {"interpretation": "Size is not all."} for each in answers]
        front = samples.document(document.stage, **known).split("---\n")[1]
        self.base.write(document.path, f"---\n{front}---\n{document.body}")

    def decide(self, ref: str) -> None:
        """What the stakeholders write."""
        by = [{"role": "product"}]
        decision = {"outcome": next(self.decisions).value, "by": by, "on": "2026-11-23", "why": "It pays."}
        self.base.set(f"{ref}/report", "decision", decision)


@pytest.fixture
def tumours(base: KnowledgeBase) -> KnowledgeBase:
    """A knowledge base in Git, with data, and a project that nobody has begun."""
    frame = load_breast_cancer(as_frame=True).frame.rename(columns=lambda name: name.replace(" ", "_"))
    frame["malignant"] = 1 - frame.pop("target")
    (base.root / "projects/tumours/data").mkdir(parents=True)
    frame.to_csv(base.root / "projects/tumours" / str(DATA["source"]), index=False)
    base.in_git()
    return base


UP_TO_A_DECISION = """
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
move projects/tumours/01-setup/report.md approved --as product
""".strip().splitlines()

A_SECOND_TIME = """
new iteration tumours --kind feature --follows 01-setup
move projects/tumours/02-feature/proposal.md in_review
move projects/tumours/02-feature/proposal.md approved --as product --as data science
run tumours/02-feature
report tumours/02-feature
move projects/tumours/02-feature/report.md in_review
move projects/tumours/02-feature/report.md approved --as product
""".strip().splitlines()


@pytest.mark.parametrize(
    ("decisions", "then", "left"),
    [
        ([Outcome.STOP], [], "nothing: decided stop"),
        ([Outcome.DEPLOY], ["new document tumours/01-setup deployment"], "its rollout to begin"),
        ([Outcome.REVISIT_REQUIREMENTS], [], "the requirements to be revised"),
        ([Outcome.ITERATE, Outcome.STOP], A_SECOND_TIME, "nothing: decided stop"),
    ],
)
def test_the_board_leads_from_an_idea_to_what_was_decided(
    tumours: KnowledgeBase, iterata: CommandLine, decisions: list[Outcome], then: list[str], left: str
) -> None:
    follower = Follower(tumours, iterata, decisions)
    row = follower.follow()
    assert follower.typed == [*UP_TO_A_DECISION, *then]
    assert row["waits_for"] == left
