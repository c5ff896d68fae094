"""What the page says of an expected lift: sentences for stakeholders, then the table."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from iterata import results
from iterata.render.lift.sentences import CAVEAT, SMALL_HEADROOM, sentences
from iterata.render.lift.table import render
from iterata.results import BreakEven, Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.results import LiftResult

    Lift = Callable[..., LiftResult]


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, low=low, high=high)


@pytest.fixture
def told(lift: Lift) -> Callable[..., str]:
    """The sentences about a computed lift, with some of its figures replaced."""
    return lambda **figures: "\n".join(sentences(lift(worth=None).model_copy(update=figures)))


class TestSentences:
    def test_what_is_at_stake_comes_first(self, lift: Lift) -> None:
        found = sentences(lift(period={"name": "month", "rows": 1000}))
        assert found[0].startswith("Today (status quo): **40.0 policies** per month of 1,000 rows.")
        assert "A perfect model would come to **100**" in found[0]
        assert "a blind choice (20 % of the rows, drawn blindly) to 20.0 on average" in found[0]
        assert found[1].startswith("The potential lift is **60 (")

    def test_without_a_period_they_speak_of_the_rows_at_hand(self, told: Callable[..., str]) -> None:
        assert "over the 100 rows at hand" in told()

    def test_a_risk_is_a_possible_loss(self, told: Callable[..., str]) -> None:
        assert "is 2.00 (1.00 to 3.00) policies" in told(risk=estimate(2, 1, 3))

    def test_a_negative_risk_is_called_so(self, told: Callable[..., str]) -> None:
        said = told(risk=estimate(-2, -3, -1))
        assert "The risk is negative: today is worse than a blind choice by 2.00 policies" in said

    def test_a_risk_that_may_be_either_is_called_neither(self, told: Callable[..., str]) -> None:
        said = told(risk=estimate(-2, -3, 1))
        assert "Today cannot be told from a blind choice: it is \N{MINUS SIGN}2.00" in said
        assert "The risk" not in said

    def test_a_small_headroom_is_hard_to_justify_and_the_line_is_told(self, told: Callable[..., str]) -> None:
        just, enough = 1 - SMALL_HEADROOM + 0.01, 1 - SMALL_HEADROOM - 0.01
        assert "less than 20.0 % is left" in told(position=estimate(just, 0.7, 0.9))
        assert "hard to justify" in told(position=estimate(just, 0.7, 0.9))
        assert "enough to look further" in told(position=estimate(enough, 0.7, 0.9))

    def test_no_headroom_is_no_reason_for_a_model(self, told: Callable[..., str]) -> None:
        said = told(potential_lift=estimate(0, 0, 0), position=estimate(1, 1, 1))
        assert "there is no headroom, and no reason for a model" in said

    def test_where_knowledge_changes_nothing_that_is_said(self, told: Callable[..., str]) -> None:
        assert "nothing to be known changes this KPI" in told(position=None)

    @pytest.mark.parametrize(
        ("share", "said"),
        [
            (0.25, "a model that captures 25.0 % of it repays the project's 75.0 EUR"),
            (1.5, "even a perfect model would not repay it"),
            (None, "There is no potential that could repay the project's 75.0 EUR"),
        ],
    )
    def test_the_break_even_is_judged(self, told: Callable[..., str], share: float | None, said: str) -> None:
        even = BreakEven(project_cost=75, currency="EUR", potential_value=50, captured_share=share)
        assert said in told(break_even=even)

    def test_that_perfect_is_out_of_reach_is_said_once(self, lift: Lift) -> None:
        assert render(lift()).count(CAVEAT) == 1


class TestTable:
    def test_the_page_reads_well_as_it_is(self, lift: Lift) -> None:
        lines = render(lift()).splitlines()
        table = [line for line in lines if line.startswith("|")]
        assert len({len(line) for line in table}) == 1, "every line of the table is as long"
        names = [line.split("|")[1].strip() for line in table]
        assert names[2:] == [
            "random: 20 % of the rows, drawn blindly",
            "status quo: status quo",
            "perfect",
            "**potential lift**",
            "**risk**",
            "position of the status quo",
            "do nothing",
        ]

    def test_treating_all_has_a_line_where_it_is_allowed(self, lift: Lift) -> None:
        assert "| treat all " in render(lift({"spend": "optional"}))

    def test_it_comes_from_the_file_alone(self, lift: Lift) -> None:
        found = lift()
        assert render(found) == render(results.parse("lift", results.to_json(found), "lift.json"))

    def test_every_word_from_a_document_is_inert(self, lift: Lift) -> None:
        hostile = "<img src=x> | {: onclick=x }"
        found = lift(project_cost=5).model_dump()
        found["kpi"] |= {"name": hostile, "unit": hostile, "period": hostile}
        found["scale"]["status_quo_label"] = found["scale"]["random"]["meaning"] = hostile
        found["sample"]["source"] = found["interval"]["unit"] = found["break_even"]["currency"] = hostile
        page = render(results.LiftResult.model_validate(found))
        assert "<img" not in page
        assert "{:" not in page
        assert (
            len({line.replace(r"\|", "").count("|") for line in page.splitlines() if line[0:1] == "|"}) == 1
        )


def test_showing_a_result_loads_nothing_heavy() -> None:
    """A site build renders these blocks; it must not wait for numpy."""
    code = "import sys, iterata.render.lift.table; print({'numpy', 'pandas', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
