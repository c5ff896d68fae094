"""Random pull requests, one after the other: `check --base` accepts exactly those that the table allows.

What a step does to the tree is judged a second time, by the few sentences at the end of this file; what is
wrong with the tree as it stands, whatever it was before, is asked of `check` without a base.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
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
"""Where a stage's work is done; elsewhere it is approved."""
AGREED = {Status.APPROVED, Status.COMPLETED, Status.STOPPED, Status.SUPERSEDED, Status.ABANDONED}
REASONS = {Stage.REQUIREMENTS: "revisions", Stage.PROPOSAL: "amendments"}
"""Where a document says why it was opened again."""
NOBODYS = {Status.DRAFT, Status.PLANNED, Status.REJECTED}
TODAY = datetime.now(UTC).date().isoformat()
REASON = {"on": TODAY, "what": "More time.", "why": "Illness."}

Place = tuple[str, Stage]
"""An iteration's name, or none, and a stage."""


class Walk:
    """A team that does something at random, while somebody looks over its shoulder."""

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
        self.agreed = self.documents()
        self.approved = dict(self.agreed)
        self.git("switch", "--quiet", "--create", "work")

    @staticmethod
    def path(stage: Stage) -> str:
        return "churn/requirements" if stage is Stage.REQUIREMENTS else f"{ITERATION}/{stage}"

    def place(self, stage: Stage) -> str:
        return f"projects/{self.path(stage)}.md"

    def documents(self) -> dict[Place, dict[str, Any]]:
        """The front matter of every document."""
        found = {}
        for project in self.base.repository.projects:
            if project.requirements:
                found["", Stage.REQUIREMENTS] = project.requirements.data
            for folder in project.iterations:
                for stage, document in folder.documents.items():
                    found[folder.name, stage] = document.data
        return found

    def is_there(self, stage: Stage) -> bool:
        return (self.base.root / self.place(stage)).exists()

    def codes(self, *arguments: str) -> set[str]:
        done = self.iterata("check", "--format", "json", *arguments)
        found = {each["code"] for each in json.loads(done.out)["problems"] if each["severity"] == "error"}
        assert done.code == (1 if found else 0), done.said
        return found

    # What may happen

    def move(self, stage: Stage, target: Status) -> None:
        """By the command, which is refused unless the table and the gates allow it."""
        roles = ("--as", "product", "--as", "data science") if target is Status.APPROVED else ()
        before = self.documents()
        done = self.iterata("move", self.place(stage), target, *roles)
        key = ("", stage) if stage is Stage.REQUIREMENTS else ("01-setup", stage)
        old, new = Status(before[key]["status"]), Status(self.documents()[key]["status"])
        if done.code:
            assert done.code == 1, done.said
            assert new is old
            return
        assert new is target
        assert target in successors(stage, old) or old is target is Status.APPROVED, (old, target)
        missing = {"LIFE002"}  # an earlier stage is not there, which no move makes or mends
        assert self.codes(self.place(stage)) <= missing, "what a command lets through, `check` does as well"

    def write(self, stage: Stage, target: Status) -> None:
        """By hand, with all that a document in that status has to say; what it says already stays."""
        wanted = samples.values(stage, target) | {"superseded_by": "02-more/assessment.md"}
        for key, value in wanted.items():
            if key == "status" or key not in self.base.parsed(self.path(stage)).data:
                self.base.set(self.path(stage), key, value)

    def retitle(self, stage: Stage, title: str) -> None:
        self.base.set(self.path(stage), "title", title)

    def revise(self, stage: Stage, title: str) -> None:
        """As the method wants it: opened, changed for a reason, and agreed to anew."""
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

    # What must be said of it

    def judge(self) -> bool:
        """Whether it may be merged; fails if `check` does not say just what it should."""
        expected = self.codes() | self.wrong()
        renamed = "01-other" in {name for name, _ in self.documents()}
        unsaid = (
            {"SCOPE001", "MOVE001", "MOVE003"} if renamed else set()
        )  # as Git guesses what was renamed to what
        found = self.codes("--base", "main")
        assert found - unsaid == expected - unsaid, {
            key: value.get("status") for key, value in self.agreed.items()
        }
        return not found

    def merge(self) -> None:
        """Agree to everything as it is."""
        self.git.commit("merged")
        self.git("branch", "--force", "main", "HEAD")
        self.agreed = self.documents()
        self.approved |= {each: said for each, said in self.agreed.items() if said["status"] == "approved"}

    def wrong(self) -> set[str]:
        """The codes that the way here deserves, wherever it led."""
        now = self.documents()
        pairs = [(place, self.agreed.get(place), now.get(place)) for place in {*self.agreed, *now}]
        found = {code for (_, stage), old, new in pairs if (code := fault(stage, old, new))}
        closed = [
            place for place, old, new in pairs
            if place[1] in REASONS and old and new and new["status"] == "approved"
            and old["status"] in ("draft", "in_review", "rejected")
            and self.approved[place]["status"] == "approved"
        ]  # fmt: skip
        return found | {fault(place[1], self.approved[place], now[place]) for place in closed} - {None}


def fault(stage: Stage, old: dict[str, Any] | None, new: dict[str, Any] | None) -> str | None:
    """What is wrong with the way from one state of a document to another."""
    was = Status(old["status"]) if old else initial(stage)
    if new is None:
        return None if was in NOBODYS else "MOVE002"
    status = Status(new["status"])
    if (was, status) not in WAYS[stage]:
        return "MOVE001"
    if old is None or not {was, status} <= AGREED or old["title"] == new["title"]:
        return None
    return None if anew(stage, old, new, status) else "MOVE003"


def anew(stage: Stage, old: dict[str, Any], new: dict[str, Any], status: Status) -> bool:
    """Whether what was approved was opened again, for a reason that it gives, and agreed to since."""
    agreed = new.get("approvals", [])
    if (Status.APPROVED, Status.DRAFT) not in WAYS[stage] or old["status"] != "approved":
        return False
    if status is Status.ABANDONED and not agreed:
        return True
    if stage is Stage.REPORT:
        return bool(agreed) and not any(each in old.get("approvals", []) for each in agreed)
    told = new.get(REASONS[stage], [])
    return (
        len(told) > len(old.get(REASONS[stage], []))
        and bool(agreed)
        and all(each["on"] >= told[-1]["on"] for each in agreed)
    )


def _ways(stage: Stage) -> set[tuple[Status, Status]]:
    """Every pair of statuses that the table connects, in however many steps."""
    ways = {(each, each) for each in statuses(stage)}
    while (
        more := {
            (start, step.target) for start, end in ways for step in TRANSITIONS[stage] if step.source is end
        }
        - ways
    ):
        ways |= more
    return ways


WAYS = {stage: _ways(stage) for stage in Stage}

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
def beginnings(draw: st.DrawFn) -> tuple[Stage, Status]:
    """How far the iteration is: the stage that is worked on, and its status."""
    stage = draw(stages)
    return stage, draw(st.sampled_from(statuses(stage)))


def take(walk: Walk, step: tuple[Any, ...]) -> None:
    name, *given_with = step
    if given_with and not walk.is_there(given_with[0]):
        return
    if name == "along":
        stage, choice = given_with
        written = Status(walk.base.parsed(walk.path(stage)).data["status"])
        targets = successors(stage, written) if written in statuses(stage) else ()
        if targets:
            walk.move(stage, targets[choice % len(targets)])
        return
    getattr(walk, name)(*given_with)


@settings(max_examples=12)
@given(beginnings(), st.lists(steps, min_size=1, max_size=6))
def test_exactly_what_the_table_allows_is_accepted(
    tmp_path_factory: pytest.TempPathFactory, beginning: tuple[Stage, Status], taken: list[tuple[Any, ...]]
) -> None:
    walk = Walk(KnowledgeBase(tmp_path_factory.mktemp("walk") / "base"), *beginning)
    if walk.codes():
        return  # a beginning that no pull request leads to
    for step in taken:
        take(walk, step)
        if walk.judge():
            walk.merge()
