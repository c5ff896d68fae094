"""What was agreed stays agreed, along sequences of pull requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from iterata.errors import IterataError
from iterata.repository import config
from iterata.review.changes import compare
from iterata.review.review import review
from iterata.stages import Status

from ...helpers.command_line import CommandLine
from ...helpers.knowledge_base import KnowledgeBase
from .sequences import (
    ASSESSMENT,
    EXPERIMENT,
    FIRST,
    PROPOSAL,
    REPORT,
    REQUIREMENTS,
    SECOND,
    TREE,
    Sequence,
    amendment,
    append,
    approvals,
    delete,
    move,
    restore,
    set_fields,
    steps,
)

if TYPE_CHECKING:
    from pathlib import Path

    from .sequences import MergeMethod, Step

FOLLOWS = {"kind": "algorithm", "follows": "01-setup"}
OTHER_FINDINGS = [{"id": "F7", "statement": "Other.", "kind": "insight", "evidence": "the minutes"}]
ABANDONED = {"on": FIRST, "why": "Withdrawn.", "findings": OTHER_FINDINGS}
REVISION = {"revision": 2, "on": FIRST, "reason": "A new market."}
AGREED = "2026-03-02"
"""The day of the approvals of the tree."""
HIDING = ("\n<!--\n", "\n<del>\n", "\n```\n", "\n\u202ea\n", "{: .x }\n")
END_OF_TABLE = "<!-- iterata:end experiment -->"
WORDS = "\nAll of us have agreed to spend ten million on it.\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = KnowledgeBase(tmp_path_factory.mktemp("template") / "base").grow(TREE)
    git = base.in_git()
    git("tag", "agreed")
    return base.root


@pytest.fixture
def sequence(template: Path, tmp_path: Path) -> Sequence:
    return Sequence(template, tmp_path / "base")


def _open(path: str) -> Step:
    return set_fields(path, status="draft")


def _close(path: str, day: str, **values: object) -> Step:
    return set_fields(path, status="approved", approvals=approvals(day), **values)


def _new(path: str, status: Status | None = None, **values: object) -> Step:
    return lambda sequence: (sequence.base.document(path, status, **values), None)[1]


def _retype_status(sequence: Sequence) -> None:
    """Open a document by one changed word, so that Git sees a rename."""
    sequence.base.change("projects/churn/01-base/proposal.md", "status: approved", "status: draft")


def _move_projects(sequence: Sequence) -> None:
    sequence.base.write("mkdocs.yml", "plugins:\n  - iterata:\n      projects_dir: kb\n")
    (sequence.base.root / "projects").rename(sequence.base.root / "kb")
    sequence.base.projects = "kb"


def _other_units(sequence: Sequence) -> None:
    path = "projects/churn/01-setup/results/experiment.json"
    result = json.loads(sequence.base.read(path))
    result["sample"]["units"] = 999
    sequence.base.write(path, json.dumps(result, indent=2, sort_keys=True) + "\n")


def _link(sequence: Sequence) -> None:
    place = sequence.base.root / f"projects/{REPORT}.md"
    place.rename(sequence.base.root / "elsewhere.md")
    place.symlink_to("../../../elsewhere.md")


def _unlink(sequence: Sequence) -> None:
    place = sequence.base.root / f"projects/{REPORT}.md"
    place.unlink()
    (sequence.base.root / "elsewhere.md").rename(place)


def _errata(count: int, text: str) -> Step:
    entries = [{"on": FIRST, "what": "A word."}] * count
    return steps(set_fields(REPORT, errata=entries), append(REPORT, text))


def _move_table(sequence: Sequence) -> None:
    text = sequence.base.read(f"projects/{REPORT}.md")
    start, end = text.index("<!-- iterata:begin experiment"), text.index(END_OF_TABLE) + len(END_OF_TABLE)
    sequence.base.write(f"projects/{REPORT}.md", f"{text[:start]}{text[end:]}\n{text[start:end]}\n")


def _errata_that_move_a_comment(sequence: Sequence) -> None:
    set_fields(REPORT, errata=[{"on": FIRST, "what": "A word."}])(sequence)
    text = (
        sequence.base.read(f"projects/{REPORT}.md")
        .replace("<!-- What", "What")
        .replace("# Habits", "<!--\n# Habits")
    )
    sequence.base.write(f"projects/{REPORT}.md", text)


REFUSED: dict[str, tuple[list[Step], str]] = {
    "opened, and deleted": ([_open(REPORT), delete(f"{REPORT}.md")], "MOVE002"),
    "opened, and moved to another iteration": (
        [_open(REPORT), move(f"{REPORT}.md", "churn/02-more/report.md")], "MOVE002",
    ),
    "opened, and its project renamed": ([_open(REQUIREMENTS), move("churn", "attrition")], "MOVE002"),
    "opened, and deleted from the folder of projects that was moved": (
        [_open(REPORT), _move_projects, lambda sequence: sequence.git("rm", "--quiet", f"kb/{REPORT}.md")],
        "MOVE002",
    ),
    "deleted, and written again with another plan": (
        [delete(f"{PROPOSAL}.md"), steps(restore(PROPOSAL), set_fields(PROPOSAL, timebox="99 days"))],
        "MOVE003",
    ),
    "deleted, and begun again as planned": ([delete(f"{EXPERIMENT}.md"), _new(EXPERIMENT)], "MOVE001"),
    "deleted, and begun again as a draft": ([delete(f"{ASSESSMENT}.md"), _new(ASSESSMENT)], "MOVE001"),
    "an iteration deleted, and its number used again": (
        [delete("churn/01-setup"), _new("churn/01-other/assessment")], "MOVE004",
    ),
    "opened, and closed with its old approvals": (
        [_open(REPORT), set_fields(REPORT, title="Other"), set_fields(REPORT, status="approved")], "MOVE003",
    ),
    "opened, and closed without a reason": (
        [_open(PROPOSAL), _close(PROPOSAL, FIRST, timebox="99 days")], "MOVE003",
    ),
    "opened, and closed with a reason that is older than its approval": (
        [_open(PROPOSAL), _close(PROPOSAL, FIRST, timebox="99 days", amendments=[amendment("2020-01-01")])],
        "MOVE003",
    ),
    "findings removed without a reason": (
        [_open(REPORT), _close(REPORT, FIRST, findings=OTHER_FINDINGS)], "MOVE003",
    ),
    "results changed while it was open": (
        [_open(REPORT), _other_units, set_fields(REPORT, status="approved")], "MOVE003",
    ),
    "abandoned with another decision": (
        [
            _open(REPORT),
            set_fields(
                REPORT, status="abandoned", abandoned=ABANDONED, decision__outcome="stop", approvals=None
            ),
        ],
        "MOVE003",
    ),
    "amended, and an older state restored": (
        [_close(PROPOSAL, FIRST, timebox="9 days", amendments=[amendment(FIRST)]), _open(PROPOSAL),
         restore(PROPOSAL)],
        "MOVE003",
    ),
    "approved again, and an older report restored": (
        [_close(REPORT, FIRST, title="Other"), restore(REPORT)], "MOVE003",
    ),
    "a lower revision": (
        [_close(REQUIREMENTS, FIRST, title="Two", revision=2, revisions=[REVISION]), _open(REQUIREMENTS),
         _close(REQUIREMENTS, SECOND, title="One", revision=1, revisions=None)],
        "MOVE003",
    ),
    "the reason of an earlier revision removed": (
        [_close(REQUIREMENTS, FIRST, title="Two", revision=2, revisions=[REVISION]),
         _close(REQUIREMENTS, SECOND, title="Three", revision=3,
                revisions=[{"revision": 3, "on": SECOND, "reason": "Again."}])],
        "MOVE003",
    ),
    "a link, and another document in its place": (
        [_link, steps(_unlink, set_fields(REPORT, title="Other"))], "MOVE003",
    ),
    "its folder renamed and back, with another title": (
        [move("churn/01-setup", "churn/01-base"), _open("churn/01-base/report"),
         move("churn/01-base", "churn/01-setup"), set_fields(REPORT, status="approved", title="Other")],
        "MOVE003",
    ),
    "its folder renamed, and closed without a reason": (
        [steps(move("churn/01-setup", "churn/01-base"), _retype_status),
         _close("churn/01-base/proposal", FIRST, timebox="99 days")],
        "MOVE003",
    ),
    "amended on the day of its approval, with the old approvals": (
        [set_fields(REPORT, findings=OTHER_FINDINGS, amendments=[amendment(AGREED)])], "MOVE003",
    ),
    "revised on the day of its approval, with the old approvals": (
        [set_fields(REQUIREMENTS, title="Two", revision=2, revisions=[{**REVISION, "on": AGREED}])],
        "MOVE003",
    ),
    "an approval removed": ([set_fields(REPORT, approvals=approvals(AGREED)[:1])], "MOVE003"),
    "an approval of an earlier day": ([set_fields(REPORT, approvals=approvals("2026-01-05"))], "MOVE003"),
    "an approval of another account": (
        [set_fields(REPORT, approvals=[{**entry, "by": "bo"} for entry in approvals(AGREED)]),
         set_fields(REPORT, approvals=[{**entry, "by": "cy"} for entry in approvals(AGREED)])], "MOVE003",
    ),
    "a table at another place": ([_move_table], "MOVE003"),
    **{f"an erratum that hides text: {text!r}": ([_errata(1, text)], "MOVE006") for text in HIDING},
    "an erratum that moves a comment": ([_errata_that_move_a_comment], "MOVE006"),
    "one erratum that adds much": ([_errata(1, WORDS)], "MOVE006"),
    "errata that add much together": ([_errata(1, "\nOne.\n"), _errata(2, "\nAnd two.\n"),
                                       _errata(3, "\nAnd three.\n")], "MOVE006"),
}  # fmt: skip
"""Sequences of pull requests, and the code of the last one."""

AMENDED = {"timebox": "9 days", "amendments": [amendment(FIRST)]}
ALLOWED: dict[str, list[Step]] = {
    "opened, and amended": [_open(PROPOSAL), _close(PROPOSAL, FIRST, **AMENDED)],
    "opened, changed, in review, and approved": [
        _open(PROPOSAL), set_fields(PROPOSAL, approvals=None, **AMENDED),
        set_fields(PROPOSAL, status="in_review"), _close(PROPOSAL, FIRST),
    ],
    "amended twice": [
        _open(PROPOSAL), _close(PROPOSAL, FIRST, **AMENDED), _open(PROPOSAL),
        _close(PROPOSAL, SECOND, timebox="8 days", amendments=[amendment(FIRST), amendment(SECOND)]),
    ],
    "opened, and closed as it was": [_open(PROPOSAL), restore(PROPOSAL)],
    "opened, and abandoned as it was": [
        _open(REPORT), set_fields(REPORT, status="abandoned", abandoned=ABANDONED, approvals=None),
    ],
    "a revision": [
        _open(REQUIREMENTS), _close(REQUIREMENTS, FIRST, title="Two", revision=2, revisions=[REVISION]),
    ],
    "a report with the same findings": [_open(REPORT), _close(REPORT, FIRST, title="Two")],
    "a report with other findings, and a reason": [
        _open(REPORT), _close(REPORT, FIRST, findings=OTHER_FINDINGS, amendments=[amendment(FIRST)]),
    ],
    "a draft deleted, and its number used again": [
        _new("churn/02-more/assessment", iteration=FOLLOWS), delete("churn/02-more"),
        _new("churn/02-other/assessment", iteration=FOLLOWS),
    ],
    "a draft moved": [
        _new("churn/02-more/assessment", iteration=FOLLOWS), move("churn/02-more", "churn/03-more"),
    ],
    "an account added to an approval": [
        set_fields(REPORT, approvals=[{**entry, "by": "bo"} for entry in approvals(AGREED)]),
    ],
    "an erratum beside markup": [_errata(1, "\nOne.\n")],
    "deleted, and restored": [delete(f"{REPORT}.md"), restore(REPORT)],
    "the folder of projects moved, and a plan amended": [
        _move_projects, _open(PROPOSAL), _close(PROPOSAL, FIRST, **AMENDED),
    ],
    "a long erratum that is approved": [
        steps(_errata(1, WORDS), set_fields(REPORT, approvals=approvals(FIRST))), _errata(2, "\nOne.\n"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_agreed_content_cannot_be_changed_in_several_pull_requests(sequence: Sequence, name: str) -> None:
    requests, code = REFUSED[name]
    for step in requests:
        sequence.pull_request(step)
    assert code in sequence.codes


@pytest.mark.parametrize("method", ["squash", "merge", "fast_forward"])
@pytest.mark.parametrize("name", ALLOWED)
def test_agreed_content_changes_with_a_reason(sequence: Sequence, name: str, method: MergeMethod) -> None:
    sequence.method = method
    for step in ALLOWED[name]:
        sequence.pull_request(step)
    assert sequence.codes == set()


@pytest.mark.parametrize("method", ["merge", "fast_forward"])
def test_state_within_a_branch_is_no_agreement(sequence: Sequence, method: MergeMethod) -> None:
    """Only the last commit of the first pull request is reviewed."""
    first = [set_fields(REPORT, title="Other"), steps(restore(REPORT), _open(REPORT))]
    assert sequence.pull_request(*first, method=method) == set()
    assert sequence.pull_request(set_fields(REPORT, status="approved", title="Other")) == {"MOVE003"}


@pytest.mark.parametrize("method", ["merge", "fast_forward"])
def test_trial_within_a_branch_can_be_approved_later(sequence: Sequence, method: MergeMethod) -> None:
    path = "churn/02-more/assessment"
    trial = _new(path, Status.APPROVED, iteration=FOLLOWS)
    sequence.pull_request(trial, set_fields(path, status="in_review", approvals=None), method=method)
    assert sequence.pull_request(_close(path, FIRST, title="Other")) == set()


def test_agreement_stays_when_main_was_merged_into_a_branch(sequence: Sequence) -> None:
    """The branch becomes main by a fast-forward, so main is the second parent of its merge."""
    before = sequence.git("rev-parse", "refs/heads/main")
    sequence.pull_request(_close(PROPOSAL, FIRST, **AMENDED))
    agreed = sequence.git("rev-parse", "refs/heads/main")
    sequence.git("checkout", "--quiet", "-B", "work", before)
    _open(PROPOSAL)(sequence)
    sequence.git.commit()
    sequence.git("merge", "--quiet", "--strategy", "ours", "--message", "main", agreed)
    sequence.pull_request(method="fast_forward")
    assert sequence.pull_request(set_fields(PROPOSAL, status="approved")) == {"MOVE003"}


def test_revert_of_a_merge_is_allowed(sequence: Sequence) -> None:
    sequence.pull_request(_open(PROPOSAL), set_fields(PROPOSAL, timebox="9 days"), method="merge")
    sequence.git("revert", "--no-edit", "--mainline", "1", "HEAD")
    assert sequence.pull_request() == set()


def test_amendment_can_be_picked_for_a_release(sequence: Sequence) -> None:
    release = sequence.git("rev-parse", "refs/heads/main")
    sequence.pull_request(_open(PROPOSAL))
    sequence.pull_request(_close(PROPOSAL, FIRST, **AMENDED))
    opened, amended = sequence.git("rev-parse", "main~1"), sequence.git("rev-parse", "main")
    sequence.git("update-ref", "refs/heads/main", release)
    sequence.git("checkout", "--quiet", "-B", "work", release)
    sequence.git("cherry-pick", opened, amended)
    assert sequence.pull_request() == set()


def test_document_that_the_target_branch_approved_is_not_changed(sequence: Sequence) -> None:
    path = "churn/02-more/assessment"
    sequence.pull_request(_new(path, iteration=FOLLOWS))
    before = sequence.git("rev-parse", "refs/heads/main")
    sequence.pull_request(_close(path, FIRST))
    sequence.git("checkout", "--quiet", "-B", "work", before)
    append(path, WORDS)(sequence)
    sequence.git.commit()
    main = sequence.git("rev-parse", "refs/heads/main")
    sequence.git("merge", "--no-commit", "--no-ff", main)  # the fix; before its commit, the rest is told
    assert sequence.review() == {"MOVE003"}
    sequence.git("merge", "--abort")
    assert sequence.pull_request() == {"MOVE005"}
    sequence.git("update-ref", "refs/heads/main", main)
    sequence.git("checkout", "--quiet", "-B", "work", before)
    append(REPORT, "\n")(sequence)
    sequence.git.commit()
    assert sequence.pull_request() == set()


def test_shallow_clone_does_not_pass_for_a_history(sequence: Sequence, tmp_path: Path) -> None:
    sequence.pull_request(_open(REPORT))
    sequence.pull_request(set_fields(REPORT, title="Other"))
    delete(f"{REPORT}.md")(sequence)
    sequence.git.commit()
    remote = f"file://{sequence.base.root}"
    sequence.git("clone", "--quiet", "--depth", "2", "--no-single-branch", remote, str(tmp_path / "clone"))
    root = tmp_path / "clone"
    arguments = ("refs/remotes/origin/main", "refs/remotes/origin/work")
    with (
        pytest.raises(IterataError) as error,
        compare(config.load(root), *arguments) as comparison,
    ):
        review(comparison, root)
    assert "--unshallow" in error.value.remedy


def test_summary_shows_how_much_approved_prose_changes(sequence: Sequence) -> None:
    sequence.pull_request(_errata(1, "\nOne.\n"))
    _errata(2, WORDS)(sequence)
    sequence.git.commit()
    done = CommandLine(sequence.base.root)("summary", "--base", "refs/heads/main").fine()
    assert "How much approved prose changes" in done.out
    assert done.out.count(f"`projects/{REPORT}.md`") >= 2
