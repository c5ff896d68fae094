"""The summary of a pull request."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iterata.repository import config
from iterata.review.changes import compare
from iterata.review.review import review
from iterata.review.summary import summary
from iterata.stages import Status

if TYPE_CHECKING:
    from .team import Team

EXAMPLE = Path(__file__).parents[3] / "projects" / "caravan-policies"
ASSESSMENT = "projects/churn/01-setup/assessment.md"


def summary_of(team: Team, base: str = "main") -> str:
    with compare(config.load(team.root), base) as comparison:
        return summary(comparison, review(comparison, team.root))


def section(text: str, title: str) -> str:
    return text.split(f"## {title}\n\n", 1)[1].split("\n## ", 1)[0]


def test_status_changes_and_next_gates_are_listed(team: Team) -> None:
    team.document("churn/01-setup/assessment.md", Status.DRAFT)
    team.commit()
    with team.pull_request():
        team.change(ASSESSMENT, "status: draft", "status: in_review")
    text = summary_of(team)
    assert "draft → in_review" in section(text, "Status changes")
    assert "**GATE004** `lift`: " in section(text, "Next gates")
    assert "(data science: `iterata lift churn/01-setup`)" in text, "the remedy is a command to copy"


def test_summary_is_deterministic(team: Team) -> None:
    with team.pull_request():
        team.document("churn/01-setup/assessment.md")
        team.document("pricing/requirements.md")
    assert summary_of(team) == summary_of(team)


def test_summary_without_changed_documents(team: Team) -> None:
    with team.pull_request():
        team.write("README.md", "a readme\n")
    assert summary_of(team) == "No stage document is changed.\n"


def test_text_of_a_document_is_escaped(team: Team) -> None:
    """A title cannot begin a tag, a link, a column or a section."""
    hostile = "<img src=x onerror=alert(1)> [a](javascript:b) | ## c `d`\\n\\n## e"
    with team.pull_request():
        path = team.document("churn/01-setup/assessment.md")
        team.change(path, "title: Technical needs assessment", f'title: "{hostile}"')
    row = next(line for line in summary_of(team).splitlines() if "onerror" in line)
    assert "&lt;img src=x" in row
    assert r"\[a\](javascript:b)" in row
    assert r"\|" in row
    assert summary_of(team).count("\n## ") == summary_of(team).count("\n\n## ")
    assert "\n## e" not in summary_of(team)


def test_lift_results_and_findings_are_shown(team: Team) -> None:
    with team.pull_request():
        place = team.root / "projects" / "caravan-policies"
        shutil.copytree(EXAMPLE, place, ignore=shutil.ignore_patterns("data"))
        result = place / "01-setup/results/experiment.json"
        result.write_text(result.read_text("utf-8").replace('"holds": true', '"holds": false', 1), "utf-8")
    text = summary_of(team)
    assert "potential lift" in section(text, "Expected lift")
    results = section(text, "Results")
    assert "| caravan-policies/01-setup: policies sold (policies per mailing) |" in results
    assert "| status quo " in results
    assert results.count("- **Guardrail violated:** letters to older areas, by logistic, postcode") == 1
    assert re.search(
        r"- \*\*H1\*\* is \*\*inconclusive\*\*: .* to \+25.6\); required: at least \+10\)", results
    )
    assert "**method**" in section(text, "Findings")


def test_results_that_a_changed_report_speaks_of_are_shown(team: Team) -> None:
    """They were merged before, with the run."""
    shutil.copytree(
        EXAMPLE, team.root / "projects/caravan-policies", ignore=shutil.ignore_patterns("data", "report.md")
    )
    team.commit()
    with team.pull_request():
        report = "01-setup/report.md"
        team.write(f"projects/caravan-policies/{report}", (EXAMPLE / report).read_text("utf-8"))
    results = section(summary_of(team), "Results")
    assert "| caravan-policies/01-setup: policies sold (policies per mailing) |" in results
    assert "caravan-policies/02" not in results


def fill_in(team: Team, path: str, key: str, text: str) -> None:
    """Set the first value of a key in the front matter."""
    line = next(line for line in team.read(path).splitlines() if f"{key}:" in line)
    team.change(path, line, f"{line.split(f'{key}:')[0]}{key}: {text}")


def test_similar_findings_are_listed(team: Team) -> None:
    fill_in(team, team.document("churn/01-setup/report.md"), "statement", "Purchases depend on age")
    team.commit("a finding")
    with team.pull_request():
        fill_in(
            team, team.document("churn/02-age/proposal.md"), "claim", "Purchases depend on age and income"
        )
    assert "`churn/01-setup#F1`" in section(summary_of(team), "Have we tried this?")


@pytest.mark.parametrize("claim", ["Purchases depend on the weather of the day before", "xyz"])
def test_dissimilar_findings_are_not_listed(team: Team, claim: str) -> None:
    fill_in(team, team.document("churn/01-setup/report.md"), "statement", "Calls annoy customers")
    team.commit("a finding")
    with team.pull_request():
        fill_in(team, team.document("churn/02-age/proposal.md"), "claim", claim)
    assert "Have we tried this?" not in summary_of(team)


def test_other_kpi_than_the_requirements_have_is_listed(team: Team) -> None:
    with team.pull_request():
        team.document("churn/01-setup/assessment.md")
        team.change(
            ASSESSMENT, "recommendation: go", "override_reason: The law has changed\nrecommendation: go"
        )
        team.change(ASSESSMENT, "    kind: targeting", "    name: clicks\n    kind: targeting")
    listed = section(summary_of(team), "Differences from what is inherited")
    assert "KPI clicks" in listed
    assert "The law has changed" in listed


def test_suspect_documents_are_listed(team: Team) -> None:
    path = team.document("churn/01-setup/assessment.md", Status.APPROVED)
    digest = "sha256:" + "0" * 64
    team.change(path, "status: approved", f"written_against: {{requirements: '{digest}'}}\nstatus: approved")
    team.commit()
    with team.pull_request():
        team.document("pricing/requirements.md")
    assert "`projects/churn/requirements.md` has changed since" in section(
        summary_of(team), "Suspect documents"
    )


def test_code_of_a_plan_is_listed(team: Team) -> None:
    """An approval permits the execution of this code."""
    path = "projects/churn/01-setup/proposal.md"
    boosted = "estimator: sklearn.ensemble.HistGradientBoostingClassifier"
    with team.pull_request():
        team.document("churn/01-setup/proposal.md")
        team.change(path, boosted, "producer: command\n      command: [sh, -c, curl x | sh]")
    code = section(summary_of(team), "Code that a run would execute")
    assert "sh -c" in code
    assert "in projects/churn, at most 60 minutes a fold" in code
