"""What gain an experiment on the rows could show, in sentences."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from iterata.documents.models.splits import HoldOut, StratifiedFolds
from iterata.measure.power import detectable_gain
from iterata.render.markdown import escape
from iterata.text import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import LiftResult

FOLDS = StratifiedFolds(kind="stratified_folds", folds=5)
REPEATED = StratifiedFolds(kind="stratified_folds", folds=5, repeats=10)
HELD_OUT = HoldOut(kind="hold_out", share=0.2)


def power_of_rows(result: LiftResult) -> Iterator[str]:
    """What experiments with usual splits could show; nothing if it is not known."""
    if result.gain_error is None:
        return
    folds, repeated, held_out = (
        detectable_gain(result.gain_error, split) for split in (FOLDS, REPEATED, HELD_OUT)
    )
    assert folds is not None and repeated is not None and held_out is not None  # noqa: S101, PT018
    gain = f"**{number(folds)} {escape(result.kpi.unit)}**"
    yield (
        f"What these rows could show: a true gain of {gain} is supported in 80 of 100 experiments with 5 "
        f"folds, {number(repeated)} with 5 folds repeated 10 times, and {number(held_out)} with a hold-out "
        "of 20 %. A smaller gain stays inconclusive more often."
    )
    good = result.good_model
    if good is not None and 0 < good.gain < repeated:
        yield (
            f"A good model's gain ({number(good.gain)}) is smaller than all of these: about "
            f"{ceil((repeated / good.gain) ** 2):,} times as many rows would be needed to show it."
        )


def power_of_plan(result: LiftResult, gain: float) -> str:
    """What the split of a plan could show."""
    unit = escape(result.kpi.scaled_unit)
    return (
        f"With this split a true gain over the status quo of {number(gain)} {unit} is supported in 80 of 100 "
        "experiments, a smaller one less often."
    )
