"""Changes of settled documents: which are refused, and which are allowed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from iterata.stages import Stage, Status

from ...helpers.git import Git

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

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
      02-more
        assessment: abandoned
      03-most
        assessment: superseded
"""

REQUIREMENTS = "churn/requirements"
ASSESSMENT, PROPOSAL, REPORT, EXPERIMENT = (
    f"churn/01-setup/{stage}" for stage in (Stage.ASSESSMENT, Stage.PROPOSAL, Stage.REPORT, Stage.EXPERIMENT)
)
LATER = "2026-05-04"
REAPPROVED = [{"role": "product", "on": LATER}, {"role": "data science", "on": LATER}]
ABANDONED = {
    "on": LATER, "why": "Withdrawn.",
    "findings": [{"id": "F9", "statement": "It was.", "kind": "negative", "evidence": "the minutes"}],
}  # fmt: skip


@pytest.fixture
def settled(base: KnowledgeBase) -> KnowledgeBase:
    """A knowledge base with a settled document of every stage on main, and a branch for changes."""
    base.grow(TREE)
    base.document(
        "churn/03-most/assessment", Status.SUPERSEDED, superseded_by="01-setup/assessment.md",
        iteration={"kind": "algorithm", "follows": "01-setup"},
    )  # fmt: skip
    base.document(
        "churn/02-more/assessment", Status.ABANDONED, iteration={"kind": "algorithm", "follows": "01-setup"}
    )
    base.set(REPORT, "errata", [ERRATUM])
    assert base.codes() == []
    base.in_git()("switch", "--quiet", "--create", "work")
    return base


def codes_of(iterata: CommandLine) -> set[str]:
    """The codes of the errors of `check --base main`."""
    done = iterata("check", "--base", "main", "--format", "json")
    problems = json.loads(done.out)["problems"]
    assert done.code == int(any(problem["severity"] == "error" for problem in problems)), done
    return {problem["code"] for problem in problems if problem["severity"] == "error"}


def _title(path: str) -> Callable[[KnowledgeBase], None]:
    return lambda base: base.set(path, "title", "Another title")


def _in(path: str, **values: Any) -> Callable[[KnowledgeBase], None]:
    def apply(base: KnowledgeBase) -> None:
        for field, value in values.items():
            base.set(path, field.replace("__", "."), value)

    return apply


def _all(*changes: Callable[[KnowledgeBase], None]) -> Callable[[KnowledgeBase], None]:
    def apply(base: KnowledgeBase) -> None:
        for change in changes:
            change(base)

    return apply


def _written(path: str, text: str) -> Callable[[KnowledgeBase], None]:
    def apply(base: KnowledgeBase) -> None:
        place = f"projects/{path}.md"
        base.write(place, base.read(place) + text)

    return apply


def _result(kind: str, change: Callable[[Any], None]) -> Callable[[KnowledgeBase], None]:
    def apply(base: KnowledgeBase) -> None:
        path = f"projects/churn/01-setup/results/{kind}.json"
        data = json.loads(base.read(path))
        change(data)
        base.write(path, json.dumps(data, indent=2, sort_keys=True) + "\n")

    return apply


REVISED = _in(
    REQUIREMENTS, title="Another title", revision=2, approvals=REAPPROVED,
    revisions=[{"revision": 2, "on": LATER, "reason": "A new market."}],
)  # fmt: skip
ERRATUM = {"on": LATER, "what": "A letter."}
HIDDEN = "\n<!-- iterata:begin notes -->\nThe calls failed.\n<!-- iterata:end notes -->\n"

REFUSED: dict[str, tuple[Callable[[KnowledgeBase], None], set[str]]] = {
    "the decision of a report": (_in(REPORT, decision__outcome="deploy"), {"MOVE003"}),
    "a report, superseded and changed": (
        _in(REPORT, title="Other", status="superseded", superseded_by="02-more/assessment.md"), {"MOVE003"},
    ),
    "an assessment, abandoned and changed": (
        _in(ASSESSMENT, title="Other", status="abandoned", abandoned=ABANDONED), {"MOVE003", "GATE006"},
    ),
    "the reason for abandoning": (
        _in("churn/02-more/assessment", abandoned__why="For another reason."), {"MOVE003"},
    ),
    "the reason for abandoning, removed": (_in("churn/02-more/assessment", abandoned=None), {
        "GATE016", "MOVE003",
    }),
    "the document that supersedes it": (
        _in("churn/03-most/assessment", superseded_by="02-more/assessment.md"), {"MOVE003"},
    ),
    "the days of an experiment": (_in(EXPERIMENT, started="2026-01-01"), {"MOVE003"}),
    "1 becomes true": (_in(ASSESSMENT, lift__data__positive=True), {"MOVE003", "GATE004"}),
    "a figure of a result that no table shows": (
        _result("experiment", lambda data: data["status_quo_metrics"][0]["value"].update(low=0.4001)),
        {"MOVE003", "SCOPE003"},
    ),
    "the seed of a lift": (
        _result("lift", lambda data: data.update(seed=7)), {"MOVE003", "RES024"},
    ),
    "prose in a block of no command": (_written(REPORT, HIDDEN), {"RES004"}),
    "a removed erratum": (_in(REPORT, errata=[]), {"MOVE003"}),
    "a changed erratum": (
        _all(_in(REPORT, errata=[{"on": LATER, "what": "All."}]), _written(REPORT, "\nMore.\n")), {"MOVE003"},
    ),
    "a changed report with one more approval": (
        _all(_title(REPORT), _in(REPORT, approvals=[
            {"role": "product", "on": "2026-03-02"}, {"role": "data science", "on": "2026-03-02"},
            {"role": "legal", "on": LATER},
        ])), {"MOVE003"},
    ),
    "a revision without new approvals": (
        _all(REVISED, _in(REQUIREMENTS, approvals=[
            *REAPPROVED[:1], {"role": "data science", "on": "2026-03-02"},
        ])),
        {"MOVE003"},
    ),
    "a lower revision": (
        _in(REQUIREMENTS, title="Other", revision=0, approvals=REAPPROVED),
        {"DOC008", "GATE003", "MOVE003"},
    ),
    "an amendment without new approvals": (
        _in(PROPOSAL, timebox="9 days", amendments=[{"on": LATER, "what": "Time.", "why": "Illness."}]),
        {"MOVE003"},
    ),
    "another claim with a link to a business hypothesis": (
        _in(PROPOSAL, **{"plan__hypotheses[0]": {
            "id": "H1", "claim": "Other.", "tests": ["B1"], "supported_if": {"variant": "logistic"},
        }}),
        {"MOVE003", "PLAN003", "RES002"},
    ),
    "new approvals without an amendment": (
        _in(PROPOSAL, timebox="9 days", approvals=REAPPROVED), {"MOVE003"},
    ),
}  # fmt: skip

ALLOWED: dict[str, Callable[[KnowledgeBase], None]] = {
    "nothing": lambda _: None,
    "an exploration beside approved documents": _all(
        lambda base: base.write("projects/churn/01-setup/exploration/age.svg", "<svg></svg>"),
        lambda base: base.write("projects/churn/01-setup/exploration/report.md", "# No report\n"),
        lambda base: base.write("projects/churn/exploration/look.ipynb", "not read"),
    ),
    "revised and approved again": REVISED,
    "amended and approved again": _in(
        PROPOSAL, timebox="9 days", approvals=REAPPROVED,
        amendments=[{"on": LATER, "what": "Time.", "why": "Illness."}],
    ),
    "a changed report, approved again": _all(_title(REPORT), _in(REPORT, approvals=REAPPROVED)),
    "an erratum": _all(_in(REPORT, errata=[ERRATUM, ERRATUM]), _written(REPORT, "\nMore.\n")),
    "superseded": _in(REPORT, status="superseded", superseded_by="02-more/assessment.md"),
    "a post-mortem": _in(REPORT, post_mortem={
        "what_happened": "Complaints.", "why": "Calls.", "findings": ABANDONED["findings"],
    }),
    "one more approval": _in(REPORT, approvals=[
        {"role": "product", "on": "2026-03-02"}, {"role": "data science", "on": "2026-03-02"},
        {"role": "legal", "on": LATER},
    ]),
    "a link from a plan to a business hypothesis": _in(PROPOSAL, **{"plan__hypotheses[0]__tests": ["B1"]}),
    "a result of another commit": _result(
        "lift", lambda data: data["provenance"].update(commit="a" * 40)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_change_of_a_settled_document_is_refused(
    settled: KnowledgeBase, iterata: CommandLine, name: str
) -> None:
    change, codes = REFUSED[name]
    change(settled)
    assert codes_of(iterata) == codes


@pytest.mark.parametrize("name", ALLOWED)
def test_change_with_a_reason_is_allowed(settled: KnowledgeBase, iterata: CommandLine, name: str) -> None:
    ALLOWED[name](settled)
    assert codes_of(iterata) == set()


def test_closing_a_reopened_document_needs_a_reason(settled: KnowledgeBase, iterata: CommandLine) -> None:
    """One pull request reopens it, a second changes it, a third closes it."""
    git = Git(settled.root)
    path = "churn/04-next/proposal"
    follows = {"kind": "feature", "follows": "01-setup", "inherits_assessment": "01-setup"}
    settled.document(path, Status.APPROVED, iteration=follows)
    reason = [{"on": LATER, "what": "Time.", "why": "Illness."}]
    for status, change in (
        (None, {}),
        ("draft", {"approvals": None}),
        ("draft", {"timebox": "9 days"}),
        ("in_review", {}),
    ):
        _in(path, **({"status": status} if status else {}), **change)(settled)
        assert codes_of(iterata) == set()
        git.commit()
        git("branch", "--force", "main", "HEAD")
    _in(path, status="approved", approvals=REAPPROVED)(settled)
    assert codes_of(iterata) == {"MOVE003"}
    _in(path, amendments=reason)(settled)
    assert codes_of(iterata) == set()
