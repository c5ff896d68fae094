"""A product owner bounds a project before anybody has data: the document, the commands, then the data."""

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
def assessed(base: KnowledgeBase) -> KnowledgeBase:
    """An assessment that rests on assumptions."""
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment\n")
    base.set(PAGE, "lift.data", None)
    base.set(PAGE, "lift.assumptions", ASSUMED)
    base.set(PAGE, "lift.period", PERIOD)
    return base


def test_every_assumption_has_a_name() -> None:
    from iterata.documents.models.assumptions import AssumedStatusQuo, AssumedValues  # noqa: PLC0415

    keys = {f"status_quo.{key}" for key in AssumedStatusQuo.model_fields if key != "label"}
    keys |= {f"values.{key}" for key in AssumedValues.model_fields} | {"base_rate", "volume"}
    assert set(TERMS) == keys
    assert term("something.not_known").words == "something: not known"


class TestTheCommands:
    def test_the_page_says_what_rests_on_what(self, assessed: KnowledgeBase, iterata: CommandLine) -> None:
        iterata("lift", "churn/01").fine()
        page = assessed.read(f"projects/{PAGE}.md")
        assert f"- {FROM_ASSUMPTIONS}" in page
        assert "95 % uncertainty interval" in page
        assert "is no confidence interval" in page
        assert re.search(
            r"The most important assumption is the \*\*base rate\*\*: it alone explains [\d.]+ %", page
        )
        assert "| base rate " in page
        assert assessed.problems("RES") == []

    def test_the_result_names_every_number_and_no_data(
        self, assessed: KnowledgeBase, iterata: CommandLine
    ) -> None:
        iterata("lift", "churn/01").fine()
        written = json.loads(assessed.read("projects/churn/01-setup/results/lift.json"))
        assert (written["sample"], written["provenance"]["data"]) == (None, {})
        assert [each["name"] for each in written["assumed"]["inputs"]][:3] == [
            "volume", "base_rate", "status_quo.capture"
        ]  # fmt: skip
        assert written["scale"]["status_quo_label"] == "newest first"

    def test_running_twice_changes_nothing(self, assessed: KnowledgeBase, iterata: CommandLine) -> None:
        iterata("lift", "churn/01").fine()
        before = assessed.files()
        iterata("lift", "churn/01").fine()
        assert assessed.files() == before

    def test_ranges_that_mostly_collide_are_refused_with_the_line(
        self, assessed: KnowledgeBase, iterata: CommandLine
    ) -> None:
        assessed.set(PAGE, "lift.assumptions.base_rate", [0.1, 0.2, 0.9])
        assessed.set(PAGE, "lift.assumptions.status_quo.capture", [0.9, 0.95, 1.0])
        text = assessed.read(f"projects/{PAGE}.md").splitlines()
        line = next(number for number, each in enumerate(text, 1) if each.strip() == "assumptions:")
        before = assessed.files()
        done = iterata("lift", "churn/01")
        assert done.code == 1
        assert f"projects/{PAGE}.md:{line}: " in done.err
        assert "of the draws contradict themselves" in done.err
        assert assessed.files() == before

    def test_a_proposal_begins_with_the_kpi_and_asks_for_the_data(
        self, assessed: KnowledgeBase, iterata: CommandLine
    ) -> None:
        iterata("new", "document", "churn/01", "proposal").fine()
        plan = assessed.parsed("churn/01-setup/proposal").data["plan"]
        assert plan["metrics"]["primary"] == "customers kept"

    def test_when_data_arrive_they_are_compared_with_what_was_assumed(
        self, assessed: KnowledgeBase, iterata: CommandLine
    ) -> None:
        iterata("lift", "churn/01").fine()
        git = assessed.in_git()
        git("checkout", "-q", "-b", "data")
        buyers = {*range(0, 70, 10), *range(90, 400, 18)}  # 7 among the first 80, 18 later
        rows = "".join(f"{400 - row},{int(row in buyers)}\n" for row in range(400))
        assessed.write("projects/churn/data/customers.csv", f"newness,left\n{rows}")
        assessed.set(PAGE, "lift.assumptions", None)
        assessed.set(PAGE, "lift.data", samples.data(Stage.ASSESSMENT)["lift"]["data"])
        iterata("lift", "churn/01").fine()
        assert "no data has been looked at" not in assessed.read(f"projects/{PAGE}.md")
        git.commit("data")
        summary = iterata("summary", "--base", "main").fine().out
        assert "before, from assumptions" in summary
        assert "after, from data" in summary
        assert "| position of the status quo" in summary
        assert "is within the interval from the assumptions" in summary


def test_a_scaffold_of_assumptions_reads_back() -> None:
    """What `iterata new` would write of such a document is a document."""
    lift = {
        "data": None,
        "assumptions": {**ASSUMED, "values": {"value_per_hit": [1, 2, 3]}},
        "period": PERIOD,
    }
    raw = scaffold.new(Stage.ASSESSMENT, samples.values(Stage.ASSESSMENT, lift=lift))
    raw = re.sub(r"(?m)^  data:\n(    .*\n|      .*\n)+", "", raw)
    assert parse("assessment.md", Stage.ASSESSMENT, raw.encode()).problems == ()


def test_a_result_of_data_and_one_of_assumptions_are_one_kind(
    assessed: KnowledgeBase, iterata: CommandLine
) -> None:
    iterata("lift", "churn/01").fine()
    found = results.read_or_none("lift", assessed.root / "projects/churn/01-setup/results/lift.json")
    assert isinstance(found, type(samples.lift()))
