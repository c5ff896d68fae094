"""The table of an expected lift before and after a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.render.lift.change import comparison_table
from iterata.results import Estimate, Identified

from ....helpers import samples

if TYPE_CHECKING:
    from iterata.results import LiftResult

    from ....helpers.golden import Golden


def lift(perfect: float = 200, **kpi: Any) -> LiftResult:
    """An expected lift whose perfect model reaches `perfect`."""
    sample = samples.lift()
    estimate = sample.scale.perfect.model_copy(update={"value": perfect})
    return sample.model_copy(
        update={
            "kpi": sample.kpi.model_copy(update=kpi),
            "scale": sample.scale.model_copy(update={"perfect": estimate}),
        }
    )


def row(markdown: str, name: str) -> list[str]:
    line = next(line for line in markdown.splitlines() if line.startswith(f"| {name} "))
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_change_is_the_difference_of_the_figures() -> None:
    assert row(comparison_table(lift(), lift(perfect=230)), "perfect")[2] == "+30"


@pytest.mark.parametrize(
    "kpi", [{"unit": "EUR"}, {"name": "calls"}, {"kind": "outcome_value"}, {"period_rows": 9}]
)
def test_change_is_blank_on_another_scale(kpi: dict[str, Any]) -> None:
    markdown = comparison_table(lift(), lift(perfect=230, **kpi))
    assert row(markdown, "perfect")[2] == ""
    assert "\n- " in markdown


def test_change_has_no_column_without_an_earlier_result() -> None:
    markdown = comparison_table(None, lift())
    before, after = row(markdown, "perfect")
    assert (before, after.split()[0]) == ("", "200")
    assert "\n- " not in markdown


def identified(lower: float, upper: float) -> LiftResult:
    """An expected lift whose perfect model lies between two figures."""
    ends = Identified(lower=Estimate(value=lower), upper=Estimate(value=upper))
    shares = Identified(lower=Estimate(value=0.1), upper=Estimate(value=0.4))
    sample = lift(perfect=upper)
    scale = sample.scale.model_copy(update={"perfect_identified": ends})
    more = {"potential_lift_identified": ends, "position_identified": shares}
    return sample.model_copy(update={"scale": scale, **more})


def test_both_ends_of_what_can_be_known_are_compared() -> None:
    markdown = comparison_table(identified(50, 200), identified(60, 230))
    assert row(markdown, "perfect, lower end")[2] == "+10.0"
    assert row(markdown, "perfect, upper end")[2] == "+30"
    assert row(markdown, "**potential lift**, lower end")[2] == "+10.0"
    assert row(markdown, "position of the status quo")[1].startswith("10.0 to 40.0 %")
    assert "| perfect |" not in markdown


def test_table_reads_as_in_the_golden_file(golden: Golden) -> None:
    golden.check("comparison_table", comparison_table(lift(), lift(perfect=230, period_rows=8000)))
