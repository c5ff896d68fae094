"""Until when an inconclusive phase would have to go on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import pytest

from iterata.results.parts import Estimate
from iterata.results.rollout import HoldState, MetricReading
from iterata.rollout.outlook import Progress, Question, outlook

LAST = date(2026, 4, 14)
CRITICAL, DEVIATION, INFORMATION, SHARE = 2.5, 3.0, 90.0, 0.1
HOLD = HoldState(days=1000, days_needed=1000, units=1000, units_needed=1000)
"""A unit a day, so that the day tells how many units are missing."""


def question(difference: float, loss: float, better: Literal["higher", "lower"] = "higher") -> Question:
    """The difference after so much information, with its interval."""
    reach = CRITICAL * DEVIATION / INFORMATION**0.5
    interval = Estimate(value=difference, low=difference - reach, high=difference + reach)
    metric = MetricReading(
        name="sales",
        role="primary",
        method="mean",
        better=better,
        phases=[],
        total=None,
        sequential=interval,
        state="inconclusive",
    )
    return Question(metric, interval, loss)


PROGRESS = Progress(SHARE, INFORMATION, HOLD, LAST)


def missing(*questions: Question) -> int:
    """The units that the outlook waits for."""
    until = outlook(questions, PROGRESS).until
    assert until is not None
    return (until - LAST).days - 1


def excludes(units: int, gap: float) -> bool:
    """Whether the interval excludes a bound at this distance after so many more units."""
    known = INFORMATION + units * SHARE * (1 - SHARE)
    return gap - CRITICAL * DEVIATION / known**0.5 >= 0


@pytest.mark.parametrize(("difference", "loss"), [(0.6, 0.0), (0.0, 0.5), (0.3, 0.4), (-0.1, 0.7)])
@pytest.mark.parametrize("better", ["higher", "lower"])
def test_so_many_units_are_enough_and_one_less_is_not(
    difference: float, loss: float, better: Literal["higher", "lower"]
) -> None:
    turned = difference if better == "higher" else -difference
    units = missing(question(turned, loss, better))
    assert excludes(units, difference + loss)
    assert not excludes(units - 2, difference + loss)  # seven digits are stored


def test_the_slowest_question_decides() -> None:
    quick, slow = question(0.6, 0.3), question(0.0, 0.5)
    assert missing(quick, slow) == missing(slow) > missing(quick)


@pytest.mark.parametrize(("difference", "loss"), [(-0.1, 0.0), (0.0, 0.0), (-0.5, 0.4)])
def test_a_difference_beyond_its_bound_has_no_day(difference: float, loss: float) -> None:
    found = outlook([question(0.6, 0.3), question(difference, loss)], PROGRESS)
    assert found.until is None
    assert "sales" in found.sentence


def test_a_phase_that_would_last_ten_times_its_plan_has_no_day() -> None:
    quick = PROGRESS._replace(hold=HOLD.model_copy(update={"days": 100}))
    assert outlook([question(0.3, 0.0)], quick).until is not None
    found = outlook([question(0.1, 0.0)], quick)
    assert found.until is None
    assert "1,000" in found.sentence, "the plan"


@pytest.mark.parametrize("hold", [{"units": 0}, {"days": 0}])
def test_without_a_pace_there_is_no_day(hold: dict[str, int]) -> None:
    progress = PROGRESS._replace(hold=HOLD.model_copy(update=hold))
    found = outlook([question(0.6, 0.0)], progress)
    assert (found.until, bool(found.sentence)) == (None, True)
    assert outlook([question(0.6, 0.0)], PROGRESS._replace(last_day=None)).until is None


def test_without_a_control_group_more_units_show_nothing() -> None:
    found = outlook([question(0.6, 0.0)], PROGRESS._replace(share=1.0))
    assert (found.until, bool(found.sentence)) == (None, True)


@pytest.mark.parametrize("estimate", [None, Estimate(value=0.3)])
def test_nothing_is_said_if_nothing_is_known(estimate: Estimate | None) -> None:
    assert outlook([question(0.6, 0.0)._replace(interval=estimate)], PROGRESS).sentence == ""
    assert outlook([question(0.6, 0.0)], PROGRESS._replace(information=0.0)).sentence == ""
    assert outlook([], PROGRESS).sentence == ""


def test_the_day_is_that_of_the_pace() -> None:
    """Twice as many units in a day are there in half of the days."""
    double = PROGRESS._replace(hold=HOLD.model_copy(update={"days": 500}))
    until = outlook([question(0.6, 0.0)], double).until
    assert until == LAST + timedelta(days=1 + -(-missing(question(0.6, 0.0)) // 2))
