"""The chapter on expected lift quotes real output: its tables are those of the commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from iterata.documents.models.assumptions import AssumedStatusQuo, AssumedValues, Assumptions
from iterata.documents.models.lift import LiftSpec
from iterata.documents.models.ranges import format_numbers
from iterata.lift.from_assumptions import compute
from iterata.lift.other_budget import Assumed, assumed_at_other_budget
from iterata.render.estimates import parts, percent_parts
from iterata.render.lift.table import render
from iterata.results import ExperimentResult, LiftResult
from iterata.results.store import parse
from iterata.text import percent

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "lift.md").read_text("utf-8")
ASSUMED = (ROOT / "docs" / "lift-assumptions.md").read_text("utf-8")
EXAMPLE = "projects/caravan-policies/01-setup"


@pytest.fixture(scope="module")
def assumed_lift() -> LiftResult:
    block = re.search(r"^```yaml\n(.*?)^```$", ASSUMED, re.MULTILINE | re.DOTALL)
    assert block is not None
    return compute(LiftSpec.model_validate(yaml.safe_load(block[1])["lift"]))


def test_assumptions_page_quotes_the_command_output(assumed_lift: LiftResult) -> None:
    quoted = [line for line in ASSUMED.splitlines() if re.match(r"\| [a-z*][^`]*\|$", line)]
    rendered = render(assumed_lift).splitlines()
    assert len(quoted) == 10
    assert [line for line in quoted if line not in rendered] == []


def test_assumptions_page_names_all_assumptions() -> None:
    keys = {*AssumedStatusQuo.model_fields, *Assumptions.model_fields, *AssumedValues.model_fields}
    assert {key for key in keys if f"`{key}`" not in ASSUMED} == {"label", "draws"}


def test_assumptions_page_quotes_the_converted_capture() -> None:
    block = re.search(r"^```yaml\n(.*?)^```$", ASSUMED, re.MULTILINE | re.DOTALL)
    assert block is not None
    before = yaml.safe_load(block[1])["lift"]
    after = before | {"kpi": before["kpi"] | {"budget": 1200}}
    today, other = Assumed.of(before), Assumed.of(after)
    assert today is not None
    assert other is not None
    figure, numbers = assumed_at_other_budget(today, other) or ("", [])
    assert f"assumptions.status_quo.{figure} is {format_numbers(numbers)} instead of" in ASSUMED


def example_result(kind: str) -> LiftResult | ExperimentResult:
    """A result of the example project."""
    return parse(kind, (ROOT / EXAMPLE / f"results/{kind}.json").read_bytes(), kind)


def test_lift_page_quotes_the_example_result() -> None:
    lift = example_result("lift")
    assert isinstance(lift, LiftResult)
    assert lift.position is not None
    figures = {
        "random": parts(lift.scale.random.expectation),
        "status quo": parts(lift.scale.status_quo),
        "perfect": parts(lift.scale.perfect),
        "**potential lift**": parts(lift.potential_lift),
        "**risk**": parts(lift.risk),
        "position of the status quo": percent_parts(lift.position),
    }
    shown = PAGE.split("## A real one\n")[1].split("\n## ")[0]
    assert [line for line in shown.splitlines() if line.startswith("| ")][2:] == [
        f"| {name} | {figure} | {interval} |" for name, (figure, interval) in figures.items()
    ]


def test_lift_page_quotes_the_captured_share() -> None:
    experiment = example_result("experiment")
    assert isinstance(experiment, ExperimentResult)
    (best,) = (variant for variant in experiment.variants if variant.name == "logistic, both")
    assert best.captured_share is not None
    sentence = f"sold {parts(best.kpi)[0]} policies: {parts(best.difference)[0]} more than the status quo, "
    assert sentence + f"**{percent(best.captured_share.value)}** of the potential lift" in PAGE.replace(
        "\n", " "
    )
