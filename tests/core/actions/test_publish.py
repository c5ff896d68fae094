"""Writing result files and the blocks of pages, in a real Git repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata import results
from iterata.actions.publish import is_immutable, require_valid, write_blocks, write_result
from iterata.errors import IterataError, ProblemsError
from iterata.stages import Stage, Status

from ...helpers import samples

if TYPE_CHECKING:
    from ...helpers.git import Git
    from ...helpers.golden import Golden
    from ...helpers.knowledge_base import KnowledgeBase

ITERATION = "churn/01-setup"
PATH = f"projects/{ITERATION}/results/lift.json"


@pytest.fixture
def assessed(base: KnowledgeBase) -> KnowledgeBase:
    """An iteration with an assessment."""
    return base.grow("churn\n  requirements: approved\n  01-setup\n    assessment\n")


def lift_at(commit: str | None, *, perfect: float = 200) -> results.LiftResult:
    """A result computed at a commit."""
    result = samples.lift()
    provenance = result.provenance.model_copy(update={"commit": commit})
    estimate = result.scale.perfect.model_copy(update={"value": perfect})
    scale = result.scale.model_copy(update={"perfect": estimate})
    return result.model_copy(update={"provenance": provenance, "scale": scale})


def write(base: KnowledgeBase, result: results.LiftResult, *, immutable: bool = False) -> list[str]:
    return write_result(base.root, base.repository.find_iteration(ITERATION), result, immutable=immutable)


def stored_commit(base: KnowledgeBase) -> str | None:
    stored = results.read_or_none("lift", base.root / PATH)
    assert stored is not None
    return stored.provenance.commit


class TestWriteResult:
    def test_new_result_is_written(self, assessed: KnowledgeBase) -> None:
        assert write(assessed, lift_at(None)) == [PATH]

    def test_other_figures_are_written(self, assessed: KnowledgeBase) -> None:
        write(assessed, lift_at(None))
        assert write(assessed, lift_at(None, perfect=201)) == [PATH]

    def test_result_is_kept_while_its_commit_is_in_the_history(self, assessed: KnowledgeBase) -> None:
        git = assessed.in_git()
        first = git("rev-parse", "HEAD")
        write(assessed, lift_at(first))
        second = git.commit("write the result")
        assert write(assessed, lift_at(second)) == []
        assert stored_commit(assessed) == first

    def test_result_is_refreshed_after_a_rebase(self, assessed: KnowledgeBase) -> None:
        git = assessed.in_git()
        computed_at, rebased = rebase(assessed, git)
        write(assessed, lift_at(computed_at))
        assert write(assessed, lift_at(rebased)) == [PATH]
        assert stored_commit(assessed) == rebased

    def test_immutable_result_keeps_its_provenance_after_a_rebase(self, assessed: KnowledgeBase) -> None:
        computed_at, rebased = rebase(assessed, assessed.in_git())
        write(assessed, lift_at(computed_at))
        assert write(assessed, lift_at(rebased), immutable=True) == []
        assert stored_commit(assessed) == computed_at

    def test_immutable_result_refuses_other_figures(self, assessed: KnowledgeBase, golden: Golden) -> None:
        write(assessed, lift_at(None))
        before = assessed.files()
        with pytest.raises(IterataError) as refusal:
            write(assessed, lift_at(None, perfect=201), immutable=True)
        assert refusal.value.location.source == PATH
        assert assessed.files() == before
        golden.check("immutable_result", str(refusal.value))


def rebase(base: KnowledgeBase, git: Git) -> tuple[str, str]:
    """A commit on a branch that is rebased onto main, before and after: the first is in no history."""
    git("switch", "--quiet", "--create", "work")
    base.write("notes.md", "A note.\n")
    before = git.commit("write a note")
    git("switch", "--quiet", "main")
    base.write("news.md", "Some news.\n")
    git.commit("write some news")
    git("switch", "--quiet", "work")
    git("rebase", "--quiet", "main")
    after = git("rev-parse", "HEAD")
    assert before != after
    return before, after


class TestWriteBlocks:
    def test_text_outside_the_blocks_is_untouched(self, assessed: KnowledgeBase) -> None:
        path = f"projects/{ITERATION}/assessment.md"
        assessed.write(path, assessed.read(path) + "\nOur   own\twords.  \n")
        before = assessed.read(path)
        folder = assessed.repository.find_iteration(ITERATION)
        document = folder.document(Stage.ASSESSMENT)
        assert document is not None
        assert write_blocks(assessed.root, document, folder, samples.lift()) == [path]
        after = assessed.read(path)
        begin, end = "<!-- iterata:begin lift -->", "<!-- iterata:end lift -->"
        assert "| perfect" in after
        assert after[: after.index(begin)] == before[: before.index(begin)]
        assert after[after.index(end) :] == before[before.index(end) :]
        again = assessed.repository.find_iteration(ITERATION)
        assert (
            write_blocks(assessed.root, assessed.parsed(f"{ITERATION}/assessment"), again, samples.lift())
            == []
        )

    def test_broken_markers_are_refused(self, assessed: KnowledgeBase) -> None:
        path = f"projects/{ITERATION}/assessment.md"
        assessed.write(path, assessed.read(path) + "\n<!-- iterata:begin more -->\n")
        with pytest.raises(ProblemsError) as refusal:
            require_valid(assessed.parsed(f"{ITERATION}/assessment"))
        assert [problem.code for problem in refusal.value.problems] == ["RES004"]


@pytest.mark.parametrize(
    ("status", "expected"), [(Status.DRAFT, False), (Status.IN_REVIEW, False), (Status.APPROVED, True)]
)
def test_approved_documents_are_immutable(assessed: KnowledgeBase, status: Status, expected: bool) -> None:
    assessed.document(f"{ITERATION}/assessment", status)
    assert is_immutable(assessed.parsed(f"{ITERATION}/assessment")) is expected


def test_missing_document_is_not_immutable() -> None:
    assert not is_immutable(None)
