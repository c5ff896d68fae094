"""The chapter on expected lift keeps its word about assumptions: its document gives its tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from iterata.documents.assumptions_spec import AssumedStatusQuo, AssumedValues, Assumptions
from iterata.documents.lift_spec import LiftSpec
from iterata.lift.assumptions import compute
from iterata.lift.table import render

if TYPE_CHECKING:
    from iterata.results import LiftResult

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "lift.md").read_text("utf-8")
ASSUMED = PAGE.split("## Before there are any data\n", 1)[1].split("\n## ", 1)[0]


@pytest.fixture(scope="module")
def computed() -> LiftResult:
    written = re.search(r"^```yaml\n(.*?)^```$", ASSUMED, re.MULTILINE | re.DOTALL)
    assert written is not None
    return compute(LiftSpec.model_validate(yaml.safe_load(written[1])["lift"]))


def test_its_tables_are_those_of_the_command(computed: LiftResult) -> None:
    promised = [line for line in ASSUMED.splitlines() if re.match(r"\| [a-z*][^`]*\|$", line)]
    rendered = render(computed).splitlines()
    assert len(promised) == 10
    assert [line for line in promised if line not in rendered] == []


def test_it_names_everything_that_may_be_assumed() -> None:
    keys = {*AssumedStatusQuo.model_fields, *Assumptions.model_fields, *AssumedValues.model_fields}
    assert {key for key in keys if f"`{key}`" not in ASSUMED} == {"label", "draws"}
