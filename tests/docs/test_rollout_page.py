"""The chapter on releases quotes real output: its document and its rows give its sentences and tables."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iterata.documents.models.deployment import Hold, OnHealth, Phase
from iterata.documents.models.rows import RowSource
from iterata.documents.models.split_test import OnlineMeasure, SplitTestSpec
from iterata.documents.yaml.loader import load

if TYPE_CHECKING:
    from ..helpers.command_line import CommandLine
    from ..helpers.knowledge_base import KnowledgeBase

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "rollout.md").read_text("utf-8")
DEPLOYMENT = "churn/01-setup/deployment"
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
    deployment: rolling_out
"""


def quoted(language: str) -> list[str]:
    return re.findall(rf'^```{language}(?: title="[^"]+")?\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL)


def stage(iterata: CommandLine) -> str:
    (iteration,) = json.loads(iterata("status", "--format", "json").out)["iterations"]
    return str(iteration["stage"])


@pytest.fixture
def release(base: KnowledgeBase) -> KnowledgeBase:
    """The release of the page: its front matter, and the rows that its script writes."""
    base.grow(TREE)
    base.set("churn/01-setup/report", "decision.outcome", "deploy")
    prose = base.read(f"projects/{DEPLOYMENT}.md").split("---\n", 2)[2]
    base.write(f"projects/{DEPLOYMENT}.md", f"---\n{quoted('yaml')[0]}---\n{prose}")
    (script,) = quoted("python")
    exec(script, {"__file__": str(base.root / "projects" / "churn" / "get_release.py")})  # noqa: S102
    return base


def test_the_page_quotes_what_its_commands_say(release: KnowledgeBase, iterata: CommandLine) -> None:
    commands = re.findall(r"^\$ iterata (.+)$", "\n".join(quoted("console")), re.MULTILINE)
    said = [iterata(*shlex.split(command)) for command in commands]
    assert [result.code for result in said] == [0] * len(said)
    printed = [result.out for result in said if result.out]
    assert len(printed) == len(quoted("text"))
    assert all(text.startswith(quote) for text, quote in zip(printed, quoted("text"), strict=True))


def test_the_report_of_the_page_answers_the_revert(release: KnowledgeBase, iterata: CommandLine) -> None:
    iterata("move", f"projects/{DEPLOYMENT}.md", "reverted", "--reason", "Complaints have doubled.")
    answer, _ = load(quoted("yaml")[-1])
    assert stage(iterata) == "report"
    today = datetime.now(UTC).date()
    answer["decision"]["on"] = today.isoformat()  # the page cannot know when the test reverts
    for key, value in answer.items():
        release.set("churn/01-setup/report", key, value)
    assert stage(iterata) == "done"
    assert not release.problems("DOC")


def test_the_page_quotes_the_tables_of_the_deployment(release: KnowledgeBase, iterata: CommandLine) -> None:
    iterata("rollout", "churn/01", "--phase", "50")
    written = release.read(f"projects/{DEPLOYMENT}.md")
    assert len(quoted("markdown")) == 3
    assert [table for table in quoted("markdown") if table not in written] == []


def test_the_page_names_what_an_author_declares() -> None:
    declared = {
        *SplitTestSpec.model_fields,
        *OnlineMeasure.model_fields,
        *Hold.model_fields,
        *OnHealth.model_fields,
    }
    declared |= {*Phase.model_fields} - {
        "approved",
        "override",
        "result",
        "conclusion",
    }  # written as it goes on
    declared -= {*RowSource.model_fields}
    named = {key for key in declared if re.search(rf"`{key}[`:]|[ {{(`]{key}:", PAGE)}
    assert declared - named == set()
