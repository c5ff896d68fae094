"""A remedy that proposes a value, a line or an expression removes the problem when it is followed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from iterata.documents import parse
from iterata.expressions.parse import InvalidExpression
from iterata.expressions.parse import parse as parse_expression
from iterata.stages import Stage

if TYPE_CHECKING:
    from iterata.problems import Problem

TEXT = """---
stage: assessment
title: What might it be worth?
status: draft
owners: [product]
iteration: {kind: setup}
problem_confirmed: Letters go to people who have no use for one.
stakeholders_confirmed: [product]
success_metrics: [policies sold]
why_a_model: Many facts have to be weighed.
alternatives:
  - {approach: rule_based, idea: The newest first., verdict: status_quo, why: It is done today.}
  - {approach: model, idea: A score., verdict: chosen, why: It can be learned.}
lift:
  kpi: {kind: targeting, name: policies sold, unit: policies, budget: 0.2}
  assumptions: {base_rate: [0.05, 0.06, 0.07], status_quo: {lift_over_random: 1.5}}
  period: {name: month, rows: 4000}
recommendation: go
---
"""
PATH = "projects/churn/01-setup/assessment.md"

MISTAKES = [
    ("budget: 0.2", "budget: 0,1"),
    ("budget: 0.2", "budget: 10%"),
    ("budget: 0.2", "budget: 10 %"),
    ("budget: 0.2", "budget: “0.1”"),
    ("budget: 0.2", "budget: 1 000"),
    ("budget: 0.2", "budget: 1,000"),
    ("budget: 0.2", "budget: 10.5"),
    ("[0.05, 0.06, 0.07]", "[0,05, 0,06, 0,07]"),
    ("lift_over_random: 1.5", "lift_over_random: 1,5"),
    ("lift_over_random: 1.5", "lift_over_random:1.5"),
    ("unit: policies,", "unit: Note: policies,"),
    ("name: policies sold", "name: policies, sold"),
    ("idea: The newest first.", "idea: Call them, then wait."),
    ("idea: The newest first.", "idea: Call: the newest."),
    ("idea: The newest first.", "idea: Call [the newest] customers"),
    ("idea: The newest first.", 'idea: "Call" the newest'),
    ("idea: The newest first.", "idea: see #3 of the list"),
    ("title: What might it be worth?", "title: Setup: whom to call"),
    ("title: What might it be worth?", "title:Setup"),
    ("title: What might it be worth?", 'title: "Setup'),
    ("title: What might it be worth?", "title: @home"),
]


def problems(document: str) -> tuple[Problem, ...]:
    return parse(PATH, Stage.ASSESSMENT, document.encode()).problems


def followed(document: str, problem: Problem, wrong: str) -> str:
    """The document after the first proposal of the remedy took the place of what is wrong."""
    match = re.match(r"write `(.*?)`(?: or `|$|\.| for )", problem.remedy)
    assert match, problem
    proposal = match[1]
    key = wrong.partition(":")[0]
    if key != wrong and not re.match(r"[\w-]+: ", proposal):
        proposal = f"{key}: {proposal}"
    end = "," if wrong.endswith(",") else ""
    return document.replace(wrong, proposal + end)


@pytest.mark.parametrize(("right", "wrong"), MISTAKES, ids=[wrong for _, wrong in MISTAKES])
def test_problem_is_gone_once_the_proposal_is_written(right: str, wrong: str) -> None:
    assert right in TEXT
    document = TEXT.replace(right, wrong)
    (problem,) = problems(document)
    assert problems(followed(document, problem, wrong)) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        'tariff = "blue"', "tariff == “blue”", "age <> 3", "age > 3 AND age < 9", "age > 3 && age < 9",
        "income * 0,5", "income >= 1.000,5", "share > 10%", "age ≥ 3", "income \u2013 cost", "age is null",
        "isnull(age)", "coalesce(age, 0)", "!missing(age)", "age => 3", "age > 1 000",
    ],
)  # fmt: skip
def test_expression_is_allowed_once_the_proposal_is_written(wrong: str) -> None:
    with pytest.raises(InvalidExpression) as caught:
        parse_expression(wrong)
    parse_expression(caught.value.remedy.removeprefix("write `").removesuffix("`"))
