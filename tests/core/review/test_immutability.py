"""What was agreed to, and the ways in which somebody might change it nevertheless."""

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
ANEW = [{"role": "product", "on": LATER}, {"role": "data science", "on": LATER}]
LESSON = {
    "on": LATER, "why": "Withdrawn.",
    "findings": [{"id": "F9", "statement": "It was.", "kind": "negative", "evidence": "the minutes"}],
}  # fmt: skip


@pytest.fixture
def agreed(base: KnowledgeBase) -> KnowledgeBase:
    """A knowledge base with something agreed of every stage, committed to main; the work is on a branch."""
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


def found(iterata: CommandLine) -> set[str]:
    """The codes of the errors that `check --base main` finds."""
    done = iterata("check", "--base", "main", "--format", "json")
    problems = json.loads(done.out)["problems"]
    assert done.code == int(any(each["severity"] == "error" for each in problems)), done
    return {each["code"] for each in problems if each["severity"] == "error"}


def _title(path: str) -> Callable[[KnowledgeBase], None]:
    return lambda base: base.set(path, "title", "Another title")


def _in(path: str, **values: Any) -> Callable[[KnowledgeBase], None]:
    def change(base: KnowledgeBase) -> None:
        for field, value in values.items():
            base.set(path, field.replace("__", "."), value)

    return change


def _all(*changes: Callable[[KnowledgeBase], None]) -> Callable[[KnowledgeBase], None]:
    def change(base: KnowledgeBase) -> None:
        for each in changes:
            each(base)

    return change


def _written(path: str, text: str) -> Callable[[KnowledgeBase], None]:
    def change(base: KnowledgeBase) -> None:
        place = f"projects/{path}.md"
        base.write(place, base.read(place) + text)

    return change


def _result(kind: str, change: Callable[[Any], None]) -> Callable[[KnowledgeBase], None]:
    def apply(base: KnowledgeBase) -> None:
        path = f"projects/churn/01-setup/results/{kind}.json"
        data = json.loads(base.read(path))
        change(data)
        base.write(path, json.dumps(data, indent=2, sort_keys=True) + "\n")

    return apply


REVISED = _in(
    REQUIREMENTS, title="Another title", revision=2, approvals=ANEW,
    revisions=[{"revision": 2, "on": LATER, "reason": "A new market."}],
)  # fmt: skip
ERRATUM = {"on": LATER, "what": "A letter."}
HIDDEN = "\n<!-- iterata:begin notes -->\nThe calls failed.\n<!-- iterata:end notes -->\n"

REFUSED: dict[str, tuple[Callable[[KnowledgeBase], None], set[str]]] = {
    "the decision of a report": (_in(REPORT, decision__outcome="deploy"), {"MOVE003"}),
    "a report, replaced in the same breath": (
        _in(REPORT, title="Other", status="superseded", superseded_by="02-more/assessment.md"), {"MOVE003"},
    ),
    "an assessment, given up in the same breath": (
        _in(ASSESSMENT, title="Other", status="abandoned", abandoned=LESSON), {"MOVE003", "GATE006"},
    ),
    "the lesson of what was given up": (
        _in("churn/02-more/assessment", abandoned__why="For another reason."), {"MOVE003"},
    ),
    "the lesson of what was given up, taken back": (_in("churn/02-more/assessment", abandoned=None), {
        "GATE016", "MOVE003",
    }),
    "the document that replaced it": (
        _in("churn/03-most/assessment", superseded_by="02-more/assessment.md"), {"MOVE003"},
    ),
    "the days of an experiment": (_in(EXPERIMENT, started="2026-01-01"), {"MOVE003"}),
    "one becomes true": (_in(ASSESSMENT, lift__data__positive=True), {"MOVE003", "GATE004"}),
    "a result that no table shows": (
        _result("experiment", lambda data: data["sample"].update(units=999)), {"MOVE003", "SCOPE001"},
    ),
    "a lift that no table shows": (_result("lift", lambda data: data.update(seed=7)), {"MOVE003"}),
    "prose in a block that no command writes": (_written(REPORT, HIDDEN), {"RES004"}),
    "an erratum that is taken back": (_in(REPORT, errata=[]), {"MOVE003"}),
    "an erratum that is written over": (
        _all(_in(REPORT, errata=[{"on": LATER, "what": "All."}]), _written(REPORT, "\nMore.\n")), {"MOVE003"},
    ),
    "a report with one more agreement": (
        _all(_title(REPORT), _in(REPORT, approvals=[
            {"role": "product", "on": "2026-03-02"}, {"role": "data science", "on": "2026-03-02"},
            {"role": "legal", "on": LATER},
        ])), {"MOVE003"},
    ),
    "a revision without new agreement": (
        _all(REVISED, _in(REQUIREMENTS, approvals=[*ANEW[:1], {"role": "data science", "on": "2026-03-02"}])),
        {"MOVE003"},
    ),
    "a lower revision": (
        _in(REQUIREMENTS, title="Other", revision=0, approvals=ANEW),
        {"DOC008", "GATE003", "MOVE003"},
    ),
    "an amendment without agreement": (
        _in(PROPOSAL, timebox="9 days", amendments=[{"on": LATER, "what": "Time.", "why": "Illness."}]),
        {"MOVE003"},
    ),
    "agreement without an amendment": (_in(PROPOSAL, timebox="9 days", approvals=ANEW), {"MOVE003"}),
}  # fmt: skip

ALLOWED: dict[str, Callable[[KnowledgeBase], None]] = {
    "nothing": lambda _: None,
    "revised and agreed to": REVISED,
    "amended and agreed to": _in(
        PROPOSAL, timebox="9 days", approvals=ANEW,
        amendments=[{"on": LATER, "what": "Time.", "why": "Illness."}],
    ),
    "reported and agreed to anew": _all(_title(REPORT), _in(REPORT, approvals=ANEW)),
    "a slip of the pen": _all(_in(REPORT, errata=[ERRATUM, ERRATUM]), _written(REPORT, "\nMore.\n")),
    "replaced": _in(REPORT, status="superseded", superseded_by="02-more/assessment.md"),
    "a post-mortem": _in(REPORT, post_mortem={
        "what_happened": "Complaints.", "why": "Calls.", "findings": LESSON["findings"],
    }),
    "one more agreement": _in(REPORT, approvals=[
        {"role": "product", "on": "2026-03-02"}, {"role": "data science", "on": "2026-03-02"},
        {"role": "legal", "on": LATER},
    ]),
    "a result of another commit": _result(
        "lift", lambda data: data["provenance"].update(commit="a" * 40)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_does_not_pass(agreed: KnowledgeBase, iterata: CommandLine, name: str) -> None:
    change, codes = REFUSED[name]
    change(agreed)
    assert found(iterata) == codes


@pytest.mark.parametrize("name", ALLOWED)
def test_it_passes(agreed: KnowledgeBase, iterata: CommandLine, name: str) -> None:
    ALLOWED[name](agreed)
    assert found(iterata) == set()


def test_a_reason_is_owed_whenever_a_document_is_closed_again(
    agreed: KnowledgeBase, iterata: CommandLine
) -> None:
    """One pull request opens it, a second one changes it, a third one closes it."""
    git = Git(agreed.root)
    path = "churn/04-next/proposal"
    follows = {"kind": "feature", "follows": "01-setup", "inherits_assessment": "01-setup"}
    agreed.document(path, Status.APPROVED, iteration=follows)
    reason = [{"on": LATER, "what": "Time.", "why": "Illness."}]
    for status, change in (
        (None, {}),
        ("draft", {"approvals": None}),
        ("draft", {"timebox": "9 days"}),
        ("in_review", {}),
    ):
        _in(path, **({"status": status} if status else {}), **change)(agreed)
        assert found(iterata) == set()
        git.commit()
        git("branch", "--force", "main", "HEAD")
    _in(path, status="approved", approvals=ANEW)(agreed)
    assert found(iterata) == {"MOVE003"}
    _in(path, amendments=reason)(agreed)
    assert found(iterata) == set()
