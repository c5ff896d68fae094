"""What the intervals of a look show together, against the z-tests that they stand for."""

from __future__ import annotations

from itertools import product

import pytest

from iterata.measure.release.non_inferiority import shown_at_look

CRITICAL, AGAINST_MARGIN, AT_ANY_TIME = 4.0, 2.0, 3.0
"""Of an early look: strict for a gain, less so for the margin; the confidence sequence is between."""


def expected(z: float, margin: float | None, worse_beyond: float, *, sequence: bool) -> str:
    """By one-sided z-tests of a difference with the standard error 1."""
    if z + worse_beyond < -min(CRITICAL, AT_ANY_TIME if sequence else CRITICAL):
        return "worse"
    if z > CRITICAL:
        return "better"
    return "not_worse" if margin is not None and z + margin > AGAINST_MARGIN else "inconclusive"


@pytest.mark.parametrize("sequence", [True, False])
@pytest.mark.parametrize("margin", [None, 0.0, 1.5, 5.0])
def test_each_question_has_its_own_interval(margin: float | None, sequence: bool) -> None:
    for step, is_guardrail in product(range(-40, 41), (True, False)):
        z, beyond = step / 4 + 0.1, (margin or 0.0) if is_guardrail else 0.0
        superiority, kept, harm = (
            (z - reach, z + reach) for reach in (CRITICAL, AGAINST_MARGIN, AT_ANY_TIME)
        )
        shown = shown_at_look(superiority, kept, margin, harm=[harm] if sequence else (), worse_beyond=beyond)
        assert shown == expected(z, margin, beyond, sequence=sequence), z


@pytest.mark.parametrize(
    ("superiority", "kept", "shown"),
    [
        (None, None, "inconclusive"),
        (None, (-0.4, 0.6), "not_worse"),
        (None, (0.1, 0.6), "not_worse"),
        ((-0.4, 0.6), None, "not_worse"),
        ((-0.6, 0.6), None, "inconclusive"),
    ],
)
def test_a_look_without_one_of_its_intervals(
    superiority: tuple[float, float] | None, kept: tuple[float, float] | None, shown: str
) -> None:
    """A look that may spend nothing has none for a gain; between looks there is one for everything."""
    assert shown_at_look(superiority, kept, 0.5) == shown


def test_harm_alone_is_read_from_further_intervals() -> None:
    assert shown_at_look(None, None, 0.5, harm=[(0.1, 0.2)]) == "inconclusive"
    assert shown_at_look(None, None, 0.5, harm=[(-0.2, -0.1)]) == "worse"
    assert shown_at_look(None, (-0.3, 0.1), 0.5, harm=[(-0.2, -0.1)], worse_beyond=0.5) == "not_worse"
