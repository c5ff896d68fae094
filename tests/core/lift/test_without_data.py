"""An assessment without data: the page, the result, the command, and the comparison when data arrive."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from iterata import results
from iterata.documents import parse, scaffold
from iterata.render.lift.assumption_names import TERMS, term
from iterata.render.lift.sentences import ASSUMED as FROM_ASSUMPTIONS
from iterata.stages import Stage

from ...helpers import samples

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

PAGE = "churn/01-setup/assessment"
ASSUMED: dict[str, Any] = {
    "base_rate": [0.05, 0.06, 0.07],
    "status_quo": {"capture": [0.25, 0.3, 0.35], "label": "newest first"},
    "draws": 1000,
}
PERIOD = {"name": "month", "rows": 4000}
MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def assumed_base(base: KnowledgeBase) -> KnowledgeBase:
    """A knowledge base with an assessment from assumptions."""
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment\n")
    base.set(PAGE, "lift.data", None)
    base.set(PAGE, "lift.assumptions", ASSUMED)
    base.set(PAGE, "lift.period", PERIOD)
    return base


def test_every_assumption_has_a_name_in_words() -> None:
    from iterata.documents.models.assumptions import AssumedStatusQuo, AssumedValues  # noqa: PLC0415

    keys = {f"status_quo.{key}" for key in AssumedStatusQuo.model_fields if key != "label"}
    keys |= {f"values.{key}" for key in AssumedValues.model_fields}
    keys |= {"base_rate", "volume", "effect", "treated_rate"}
    by_class = {"status_quo.recall_by_class", "values.answers"}
    assert set(TERMS) == keys - by_class - {"status_quo.answer"}  # the answer is a class, and no number
    assert all(term(f"{key}.billing").words.endswith("billing") for key in by_class)


class TestLiftCommand:
    def test_page_explains_assumptions_and_their_importance(
        self, assumed_base: KnowledgeBase, iterata: CommandLine
    ) -> None:
        iterata("lift", "churn/01").fine()
        page = assumed_base.read(f"projects/{PAGE}.md")
        assert f"- {FROM_ASSUMPTIONS}" in page
        assert "95 % uncertainty interval" in page
        assert "**base rate**" in page
        assert "| base rate " in page
        assert assumed_base.problems("RES") == []

    def test_result_records_assumptions_and_no_data(
        self, assumed_base: KnowledgeBase, iterata: CommandLine
    ) -> None:
        iterata("lift", "churn/01").fine()
        result = json.loads(assumed_base.read("projects/churn/01-setup/results/lift.json"))
        assert (result["sample"], result["provenance"]["data"]) == (None, {})
        assert [assumption["name"] for assumption in result["assumed"]["inputs"]][:3] == [
            "volume", "base_rate", "status_quo.capture"
        ]  # fmt: skip
        assert result["scale"]["status_quo_label"] == "newest first"

    def test_second_run_changes_no_file(self, assumed_base: KnowledgeBase, iterata: CommandLine) -> None:
        iterata("lift", "churn/01").fine()
        before = assumed_base.files()
        iterata("lift", "churn/01").fine()
        assert assumed_base.files() == before

    def test_mostly_contradictory_ranges_are_refused_with_the_line(
        self, assumed_base: KnowledgeBase, iterata: CommandLine
    ) -> None:
        assumed_base.set(PAGE, "lift.assumptions.base_rate", [0.1, 0.2, 0.9])
        assumed_base.set(PAGE, "lift.assumptions.status_quo.capture", [0.9, 0.95, 1.0])
        text = assumed_base.read(f"projects/{PAGE}.md").splitlines()
        line = next(number for number, content in enumerate(text, 1) if content.strip() == "assumptions:")
        before = assumed_base.files()
        result = iterata("lift", "churn/01")
        assert result.code == 1
        assert f"projects/{PAGE}.md:{line}: " in result.err
        assert assumed_base.files() == before

    def test_new_proposal_has_the_kpi_of_the_assessment(
        self, assumed_base: KnowledgeBase, iterata: CommandLine
    ) -> None:
        iterata("new", "document", "churn/01", "proposal").fine()
        plan = assumed_base.parsed("churn/01-setup/proposal").data["plan"]
        assert plan["metrics"]["primary"] == "customers kept"

    def test_summary_compares_data_with_the_assumptions_before(
        self, assumed_base: KnowledgeBase, iterata: CommandLine
    ) -> None:
        iterata("lift", "churn/01").fine()
        git = assumed_base.in_git()
        git("checkout", "-q", "-b", "data")
        buyers = {*range(0, 70, 10), *range(90, 400, 18)}  # 7 among the first 80, 18 later
        rows = "".join(f"{400 - row},{int(row in buyers)}\n" for row in range(400))
        assumed_base.write("projects/churn/data/customers.csv", f"newness,left\n{rows}")
        assumed_base.set(PAGE, "lift.assumptions", None)
        assumed_base.set(PAGE, "lift.data", samples.data(Stage.ASSESSMENT)["lift"]["data"])
        iterata("lift", "churn/01").fine()
        assert "no data has been looked at" not in assumed_base.read(f"projects/{PAGE}.md")
        git.commit("data")
        summary = iterata("summary", "--base", "main").fine().out
        assert "before, from assumptions" in summary
        assert "after, from data" in summary
        assert "| position of the status quo" in summary
        assert "is within the interval from the assumptions" in summary


def test_scaffold_of_assumptions_is_valid() -> None:
    """The document that `iterata new` writes has no problems."""
    lift = {
        "data": None,
        "assumptions": {**ASSUMED, "values": {"value_per_hit": [1, 2, 3]}},
        "period": PERIOD,
    }
    raw = scaffold.new(Stage.ASSESSMENT, samples.values(Stage.ASSESSMENT, lift=lift))
    raw = re.sub(r"(?m)^  data:\n(    .*\n|      .*\n)+", "", raw)
    assert parse("assessment.md", Stage.ASSESSMENT, raw.encode()).problems == ()


def test_results_from_assumptions_and_from_data_have_one_type(
    assumed_base: KnowledgeBase, iterata: CommandLine
) -> None:
    iterata("lift", "churn/01").fine()
    result = results.read_or_none("lift", assumed_base.root / "projects/churn/01-setup/results/lift.json")
    assert isinstance(result, type(samples.lift()))
