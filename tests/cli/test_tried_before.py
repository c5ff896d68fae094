"""Have we tried this? It is said where somebody is about to try it: in `new` and in `check`."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from iterata.actions import undecided_plans

from ..helpers.command_line import CommandLine
from ..helpers.git import Git
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

TREE = """
wine
  requirements: approved
  01-setup
    assessment: approved
    proposal: approved
    report: approved
churn
  requirements: approved
  01-setup
    assessment: approved
    proposal: draft
"""
KEY = "(wine/01-setup#F1)"
PLAN = "projects/churn/01-setup/proposal.md"


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path / "base").grow(TREE)
    base.set("wine/01-setup/report", "findings[0].statement", "Text of support calls tells nothing.")
    base.set("churn/01-setup/proposal", "plan.hypotheses[0].claim", "The text of support calls tells.")
    return base


@pytest.fixture
def iterata(base: KnowledgeBase) -> CommandLine:
    return CommandLine(base.root)


def test_new_iteration_with_a_title_is_told_before_it_is_created(iterata: CommandLine) -> None:
    words = ("new", "iteration", "wine", "--kind", "feature", "--slug", "calls", "--title")
    told = iterata(*words, "Text of support calls").fine().err
    assert "wine/01-setup" not in told, "never the iteration that it follows"
    assert "(churn/01-setup#H1)" in told
    refused = iterata("new", "iteration", "churn", "--kind", "feature", "--title", "Text of support calls")
    assert (refused.code, KEY in refused.err) == (1, True)


def test_new_document_is_told_by_what_the_documents_around_it_say(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    base.set("churn/01-setup/assessment", "alternatives[1].verdict", "chosen")
    base.set("churn/01-setup/assessment", "alternatives[1].idea", "A score from the text of support calls.")
    (base.root / PLAN).unlink()
    done = iterata("new", "document", "churn/01", "proposal").fine()
    assert done.out.split() == [PLAN]
    assert KEY in done.err
    assert KEY not in iterata("new", "document", "churn/01", "report").output


def test_check_notes_a_changed_plan_and_stays_silent_afterwards(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    first, second = iterata("check"), iterata("check", PLAN)
    for told in (first.err, second.err):
        assert f"note: {PLAN}: " in told
        assert KEY in told
    assert KEY not in iterata("check").err, "nothing has changed since"
    assert KEY not in iterata("check", PLAN, "--format", "json").output
    assert KEY not in iterata("check", "projects/wine").err
    base.grow("churn\n  01-setup\n    proposal: approved\n")
    assert KEY not in iterata("check").err, "what was agreed was discussed before"


def test_check_of_an_agreed_plan_loads_no_read_model(base: KnowledgeBase) -> None:
    run = (
        "import sys\nfrom iterata_cli.main import cli\n"
        f"try: cli(['check', {PLAN!r}])\nexcept SystemExit: print('iterata.knowledge.build' in sys.modules)"
    )
    base.change(PLAN, "status: draft", "status: approved")
    done = subprocess.run(
        [sys.executable, "-c", run], cwd=base.root, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("False\n")


def test_check_of_a_pull_request_notes_changed_plans_only(base: KnowledgeBase, iterata: CommandLine) -> None:
    git = Git(base.root)
    git.commit()
    base.change(PLAN, "calls tells.", "calls tells a lot.")
    git.commit()
    assert KEY in iterata("check", "--base", "HEAD~1").err
    assert KEY not in iterata("check", "--base", "HEAD").err


def test_check_of_one_plan_reads_no_large_knowledge_base(
    iterata: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undecided_plans, "MOST_READ", 2)
    assert KEY not in iterata("check", PLAN).err
    assert KEY in iterata("check").err, "everything was read for the check itself"
