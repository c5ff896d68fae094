"""A last phase that goes on after a look that decided nothing."""

from __future__ import annotations

import pytest

from iterata.measure.release.confidence_sequence import critical_value
from iterata.rollout.cells import ReleaseData

from .evaluated import (
    LONGER,
    SHARES,
    STRATA,
    UNDECIDED,
    data,
    half_width,
    result,
    with_everybody,
)


def test_a_last_phase_that_goes_on_is_read_from_the_confidence_sequence() -> None:
    """Its looks have spent the whole rate; reading it at 1.96 again and again would find a gain by chance."""
    look = result(data(UNDECIDED))
    assert (look.advice, look.undecided_at) == ("hold", 10_000)
    again, later = result(data(LONGER)), result(data(LONGER), earlier=look)
    assert (again.metrics[0].state, again.undecided_at) == ("better", None), "as if it were the first look"
    primary = later.metrics[0]
    assert (primary.state, later.advice, later.undecided_at) == ("not_worse", "hold", 10_000)
    assert primary.always_valid is None
    assert primary.non_inferiority == primary.sequential
    assert later.looks[-1] == look.looks[-1]
    assert primary.total is not None
    known = 900 + 1875 + 2500
    critical = critical_value((known + 12_500) / known)
    assert half_width(primary.sequential) == pytest.approx(critical * primary.total.standard_error, rel=1e-5)
    assert result(data(LONGER), earlier=later) == later, "a repetition"


def test_a_gain_is_shown_later_if_it_is_large_enough() -> None:
    tables = [*STRATA[:2], ((1_000, 14_000), (800, 14_200))]
    found = result(data(tables), earlier=result(data(UNDECIDED)))
    assert (found.metrics[0].state, found.advice) == ("better", "advance")


def test_rows_that_came_late_do_not_make_a_phase_go_on() -> None:
    look = result(data(UNDECIDED))
    late = [*STRATA[:2], ((300, 4750), (280, 4770))]
    found = result(data(late), earlier=look)
    assert (len(found.looks), found.undecided_at) == (3, 10_100)
    assert found.metrics[0].always_valid is not None


def test_other_phases_have_looks_left_when_they_go_on() -> None:
    """Only the last phase spends all; a release of harm would have to pass it too."""
    tables = [STRATA[0], ((70, 2430), (300, 7200))]
    found = result(data(tables, SHARES[:2]), share=0.25)
    assert (found.advice, found.undecided_at) == ("hold", None)


def test_everybody_treated_after_a_phase_that_went_on() -> None:
    units = with_everybody((2000, 18000))
    longer = data(LONGER)
    cells = {cell: arm for cell, arm in units.cells.items() if cell[0] == 1.0} | longer.cells
    everybody = ReleaseData(units.quantities, units.metrics, cells)
    found = result(everybody, share=1.0, earlier=result(data(UNDECIDED)))
    assert (
        found.metrics[0].sequential == result(longer, earlier=result(data(UNDECIDED))).metrics[0].sequential
    )
