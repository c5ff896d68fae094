"""The sentences about the arms of a campaign."""

from __future__ import annotations

import pytest

from iterata.render.experiment.uplift import balance_sentences
from iterata.results.uplift import Arm, Balance, ColumnDifference


@pytest.mark.parametrize(("difference", "asks"), [(0.05, False), (-0.05, False), (0.2, True), (-0.2, True)])
def test_difference_beyond_chance_asks_when_it_was_measured(difference: float, asks: bool) -> None:
    arm = Arm(rows=500, units=500, positives=100, mean=0.2)
    found = Balance(
        treated=arm,
        control=arm,
        declared=False,
        probability=None,
        sample_ratio=None,
        units_in_both=0,
        columns=8,
        largest=ColumnDifference(name="visits", difference=difference),
        chance=0.17,
    )
    assert any("after the treatment" in sentence for sentence in balance_sentences(found)) is asks
