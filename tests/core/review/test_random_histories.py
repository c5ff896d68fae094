"""Random sequences of pull requests: `check --base` accepts exactly those that the table allows.

The expected problems of a change come from a second, small implementation at the end of this file; those of
the tree itself come from `check` without a base.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from iterata.stages import TRANSITIONS, Stage, Status, initial, statuses, successors

from ...helpers import samples
from ...helpers.command_line import CommandLine
from ...helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    import pytest

    from ...helpers.git import Git

ITERATION = "churn/01-setup"
ENDS = {Stage.EXPERIMENT: Status.COMPLETED, Stage.DEPLOYMENT: Status.DEPLOYED}
"""The final status of a stage; of all others it is approved."""
SETTLED = {Status.APPROVED, Status.COMPLETED, Status.STOPPED, Status.SUPERSEDED, Status.ABANDONED}
REASONS = {Stage.REQUIREMENTS: "revisions", Stage.PROPOSAL: "amendments"}
"""The key with the reason for reopening a document."""
REOPENED = {*REASONS, Stage.REPORT}
REMOVABLE = {Status.DRAFT, Status.PLANNED, Status.REJECTED}
TODAY = datetime.now(UTC).date().isoformat()
REASON = {"on": TODAY, "what": "More time.", "why": "Illness."}

Place = tuple[str, Stage]
"""The name of an iteration (empty for requirements), and a stage."""


class RandomHistory:
    """A repository with random changes, and the expected review of each."""

    def __init__(self, base: KnowledgeBase, reached: Stage, status: Status) -> None:
        self.base, self.iterata = base, CommandLine(base.root)
        rows = "".join(f"{n % 7},{n % 90},{('blue', 'red')[n % 2]},{n % 3 % 2}\n" for n in range(60))
        base.write("projects/churn/data/customers.csv", f"newness,age,tariff,left\n{rows}")
        base.grow("churn\n  02-more\n    assessment")
        base.document("churn/02-more/assessment", iteration={"kind": "algorithm", "follows": "01-setup"})
        for stage in Stage:
            done = ENDS.get(stage, Status.APPROVED)
            ahead = stage.number - reached.number
            at = done if ahead < 0 else status if ahead == 0 else initial(stage)
            more = {"decision": {"outcome": "deploy"}} if stage is Stage.REPORT and at is done else {}
            more |= {"superseded_by": "02-more/assessment.md"} if at is Status.SUPERSEDED else {}
            base.document(self.path(stage), at, **more)
        base.result(ITERATION, "lift")
        base.result(ITERATION, "experiment")
        self.git: Git = base.in_git()
        self.merged = self.documents()
        self.agreed = {place: data for place, data in self.merged.items() if data["status"] in SETTLED}
        self.git("switch", "--quiet", "--create", "work")

    @staticmethod
    def path(stage: Stage) -> str:
        return "churn/requirements" if stage is Stage.REQUIREMENTS else f"{ITERATION}/{stage}"

    def place(self, stage: Stage) -> str:
        return f"projects/{self.path(stage)}.md"

    def documents(self) -> dict[Place, dict[str, Any]]:
        """The front matter of every document."""
        documents = {}
        for project in self.base.repository.projects:
            if project.requirements:
                documents["", Stage.REQUIREMENTS] = project.requirements.data
            for folder in project.iterations:
                for stage, document in folder.documents.items():
                    documents[folder.name, stage] = document.data
        return documents

    def exists(self, stage: Stage) -> bool:
        return (self.base.root / self.place(stage)).exists()

    def codes(self, *arguments: str) -> set[str]:
        done = self.iterata("check", "--format", "json", *arguments)
        problems = json.loads(done.out)["problems"]
        codes = {problem["code"] for problem in problems if problem["severity"] == "error"}
        assert done.code == (1 if codes else 0), done.output
        return codes

    # Changes

    def move(self, stage: Stage, target: Status) -> None:
        """Run `move`, which must refuse exactly what the table or a gate does not allow."""
        roles = ("--as", "product", "--as", "data science") if target is Status.APPROVED else ()
        before = self.documents()
        done = self.iterata("move", self.place(stage), target, *roles)
        key = ("", stage) if stage is Stage.REQUIREMENTS else ("01-setup", stage)
        old, new = Status(before[key]["status"]), Status(self.documents()[key]["status"])
        if done.code:
            assert done.code == 1, done.output
            assert new is old
            return
        assert new is target
        assert target in successors(stage, old) or old is target is Status.APPROVED, (old, target)
        missing = {"LIFE002"}  # an earlier stage may be missing, which `move` does not check
        assert self.codes(self.place(stage)) <= missing, "`check` accepts what `move` allows"

    def write(self, stage: Stage, target: Status) -> None:
        """Edit by hand: add the keys that the status requires."""
        values = samples.values(stage, target) | {"superseded_by": "02-more/assessment.md"}
        for key, value in values.items():
            if key == "status" or key not in self.base.parsed(self.path(stage)).data:
                self.base.set(self.path(stage), key, value)

    def retitle(self, stage: Stage, title: str) -> None:
        self.base.set(self.path(stage), "title", title)

    def revise(self, stage: Stage, title: str) -> None:
        """Reopen, change with a reason, and approve again, as the method requires."""
        self.move(stage, Status.DRAFT)
        self.retitle(stage, title)
        if stage is Stage.REQUIREMENTS:
            revision = self.base.parsed(self.path(stage)).data.get("revision", 1) + 1
            entry = {"revision": revision, "on": REASON["on"], "reason": "A new market."}
            earlier = self.base.parsed(self.path(stage)).data.get("revisions", [])
            self.base.set(self.path(stage), "revision", revision)
            self.base.set(self.path(stage), "revisions", [*earlier, entry])
        if stage is Stage.PROPOSAL:
            earlier = self.base.parsed(self.path(stage)).data.get("amendments", [])
            self.base.set(self.path(stage), "amendments", [*earlier, REASON])
        self.move(stage, Status.IN_REVIEW)
        self.move(stage, Status.APPROVED)

    def delete(self, stage: Stage) -> None:
        (self.base.root / self.place(stage)).unlink()

    def undo(self) -> None:
        self.git("reset", "--quiet", "--hard")
        self.git("clean", "--quiet", "--force", "-d")

    def rename(self) -> None:
        if (self.base.root / "projects" / ITERATION).exists():
            self.git("mv", "-k", f"projects/{ITERATION}", "projects/churn/01-other")

    # Reviews

    def review(self) -> bool:
        """Whether the change can be merged; asserts that `check` finds exactly the expected problems."""
        expected = self.codes() | self.change_problems()
        renamed = "01-other" in {name for name, _ in self.documents()}
        ignored = {"SCOPE001", "MOVE001", "MOVE003"} if renamed else set()  # Git guesses renames
        if self.settled_otherwise():  # the keys of that status are changed content, too
            ignored |= {"MOVE003"}
        codes = self.codes("--base", "main")
        assert codes - ignored == expected - ignored, {
            key: value.get("status") for key, value in self.merged.items()
        }
        return not codes

    def settled_otherwise(self) -> bool:
        """Whether a settled document has another settled status that the table does not allow."""
        now = self.documents()
        pairs = [(place[1], old, now.get(place)) for place, old in self.merged.items()]
        return any(
            new is not None
            and {old["status"], new["status"]} <= SETTLED
            and change_problem(stage, old, new) == "MOVE001"
            for stage, old, new in pairs
        )

    def merge(self) -> None:
        """Merge the present state."""
        self.git.commit("merged")
        self.git("branch", "--force", "main", "HEAD")
        self.merged = self.documents()
        self.agreed |= {place: data for place, data in self.merged.items() if data["status"] in SETTLED}

    def change_problems(self) -> set[str]:
        """The expected codes of the changes, whatever the present state."""
        now = self.documents()
        pairs = [(place, self.merged.get(place), now.get(place)) for place in {*self.merged, *now}]
        codes = {change_problem(stage, old, new) for (_, stage), old, new in pairs}
        for place, old, new in pairs:
            agreed, was_open = self.agreed.get(place), old is None or old["status"] not in SETTLED
            if agreed is None or not was_open:
                continue
            if new is None:
                codes.add("MOVE002")
            elif old is None or (place[1] in REOPENED and new["status"] in SETTLED):
                codes.add(change_problem(place[1], agreed, new))
        return {code for code in codes if code is not None}


def change_problem(stage: Stage, old: dict[str, Any] | None, new: dict[str, Any] | None) -> str | None:
    """The expected code for the change of one document, None if it is allowed."""
    was = Status(old["status"]) if old else initial(stage)
    if new is None:
        return None if was in REMOVABLE else "MOVE002"
    status = Status(new["status"])
    if (was, status) not in REACHABLE[stage]:
        return "MOVE001"
    if old is None or not {was, status} <= SETTLED or old["title"] == new["title"]:
        return None
    return None if reapproved(stage, old, new) else "MOVE003"


def reapproved(stage: Stage, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether an approved document was reopened with a reason, and approved afterwards."""
    approvals, earlier = new.get("approvals", []), old.get("approvals", [])
    if stage not in REOPENED or old["status"] != "approved" or not approvals:
        return False
    since = max((entry["on"] for entry in earlier), default="")
    if stage is Stage.REPORT:
        return all(entry not in earlier and entry["on"] >= since for entry in approvals)
    reasons = new.get(REASONS[stage], [])
    return (
        len(reasons) > len(old.get(REASONS[stage], []))
        and reasons[-1]["on"] >= since
        and all(entry["on"] >= reasons[-1]["on"] for entry in approvals)
    )


def _reachable_pairs(stage: Stage) -> set[tuple[Status, Status]]:
    """Every pair of statuses that the table connects, in any number of steps."""
    pairs = {(status, status) for status in statuses(stage)}
    while (
        more := {
            (start, step.target) for start, end in pairs for step in TRANSITIONS[stage] if step.source is end
        }
        - pairs
    ):
        pairs |= more
    return pairs


REACHABLE = {stage: _reachable_pairs(stage) for stage in Stage}

stages = st.sampled_from(list(Stage))
titles = st.sampled_from(["One", "Two"])
steps = st.one_of(
    st.tuples(st.just("move"), stages, st.sampled_from(list(Status))),
    st.tuples(st.just("along"), stages, st.integers(0, 4)),
    st.tuples(st.just("along"), stages, st.integers(0, 4)),
    st.tuples(st.just("write"), stages, st.sampled_from(list(Status))),
    st.tuples(st.just("retitle"), stages, titles),
    st.tuples(st.just("revise"), st.sampled_from([Stage.REQUIREMENTS, Stage.PROPOSAL, Stage.REPORT]), titles),
    st.tuples(st.just("delete"), stages),
    st.tuples(st.just("rename")),
    st.tuples(st.just("undo")),
    st.tuples(st.just("undo")),
)


@st.composite
def initial_states(draw: st.DrawFn) -> tuple[Stage, Status]:
    """The stage that the iteration has reached, and its status."""
    stage = draw(stages)
    return stage, draw(st.sampled_from(statuses(stage)))


def take(history: RandomHistory, step: tuple[Any, ...]) -> None:
    name, *arguments = step
    if arguments and not history.exists(arguments[0]):
        return
    if name == "along":
        stage, choice = arguments
        status = Status(history.base.parsed(history.path(stage)).data["status"])
        targets = successors(stage, status) if status in statuses(stage) else ()
        if targets:
            history.move(stage, targets[choice % len(targets)])
        return
    getattr(history, name)(*arguments)


@settings(max_examples=12)
@given(initial_states(), st.lists(steps, min_size=1, max_size=6))
@example((Stage.DEPLOYMENT, Status.PLANNED), [("write", Stage.EXPERIMENT, Status.STOPPED)])
def test_review_accepts_exactly_what_the_table_allows(
    tmp_path_factory: pytest.TempPathFactory, state: tuple[Stage, Status], changes: list[tuple[Any, ...]]
) -> None:
    history = RandomHistory(KnowledgeBase(tmp_path_factory.mktemp("walk") / "base"), *state)
    if history.codes():
        return  # no sequence of pull requests leads to this state
    for step in changes:
        take(history, step)
        if history.review():
            history.merge()
