"""The strata of the bounds: those that a KPI names, crossed with what the status quo decides.

With the status quo's decision among them, perfect is never worse than the status quo: its potential lift is
not negative. Strata that are too small are joined to `others`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.uplift.arm_sums import assignment_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.strata import Strata

MOST = 10
"""The most strata of a KPI; the smallest of more are joined."""

FEWEST_ROWS, FEWEST_OF_A_KIND = 50, 10
"""The fewest rows, and the fewest outcomes of either kind, of each arm of a stratum."""

OTHERS = "others"


class BoundStrata(NamedTuple):
    """The strata in which the bounds are computed."""

    code: NDArray[np.intp]
    """`(n,)`, from 0 without gaps."""
    number: int
    labels: tuple[str, ...] = ()
    """The strata that the KPI names and that are large enough."""
    joined: tuple[str, ...] = ()
    """Those that are not, and are joined to `others`."""

    @classmethod
    def of(cls, outcomes: Outcomes, chosen: Floats | None) -> BoundStrata:
        """The strata of rows.

        Args:
            outcomes: of the rows, with the strata that the KPI names.
            chosen: `(n,)`, how much of each row the status quo treats, from 0 to 1; None if it is not known.
        """
        sizes = _Sizes(outcomes)
        planned = np.zeros(len(outcomes), dtype=np.intp)
        labels: tuple[str, ...] = ()
        joined: tuple[str, ...] = ()
        if outcomes.strata is not None:
            planned, labels, joined = _large_enough(outcomes.strata, sizes)
        if chosen is not None:
            planned = _crossed(planned, _decisions(chosen, sizes), sizes)
        code = np.unique(planned, return_inverse=True)[1].astype(np.intp)
        return cls(code, int(code.max()) + 1 if len(code) else 1, labels, joined)


class _Sizes:
    """Whether strata have enough rows and outcomes in each arm."""

    def __init__(self, outcomes: Outcomes) -> None:
        self._cell = 2 * assignment_of(outcomes).treated + outcomes.positive

    def enough(self, code: NDArray[np.intp]) -> Bools:
        """Whether each stratum is large enough."""
        count = int(code.max()) + 1
        cells = np.bincount(code * 4 + self._cell, minlength=4 * count).reshape(count, 2, 2)
        large: Bools = (cells.sum(axis=2) >= FEWEST_ROWS).all(axis=1)
        return large & (cells >= FEWEST_OF_A_KIND).all(axis=(1, 2))


def _large_enough(strata: Strata, sizes: _Sizes) -> tuple[NDArray[np.intp], tuple[str, ...], tuple[str, ...]]:
    """The strata without those that are joined, and the names of both."""
    count = len(strata.labels)
    rows = np.bincount(strata.code, minlength=count)
    order = np.argsort(-rows, kind="stable")
    enough = np.zeros(count, dtype=bool)
    passing = sizes.enough(np.append(strata.code, count - 1)[:-1] if len(strata.code) else strata.code)
    enough[: len(passing)] = passing
    kept = [stratum for stratum in order if enough[stratum]]
    if len(kept) > MOST or (len(kept) == MOST and len(kept) < count):
        kept = kept[: MOST - 1]
    position = np.full(count, len(kept))
    position[kept] = np.arange(len(kept))
    present = [stratum for stratum in range(count) if rows[stratum]]
    return (
        position[strata.code],
        tuple(strata.labels[stratum] for stratum in sorted(kept)),
        tuple(strata.labels[stratum] for stratum in present if stratum not in set(kept)),
    )


def _decisions(chosen: Floats, sizes: _Sizes) -> NDArray[np.intp]:
    """What the status quo does with each row: 0 not treated, 1 treated, 2 tied at the edge of its budget."""
    decision = np.where((chosen > 0) & (chosen < 1), 2, (chosen > 0).astype(np.intp))
    enough = sizes.enough(decision)
    if len(enough) == 3 and not enough[2]:
        decision = (chosen >= 0.5).astype(np.intp)
    return decision


def _crossed(planned: NDArray[np.intp], decision: NDArray[np.intp], sizes: _Sizes) -> NDArray[np.intp]:
    """Strata within each decision; those that are too small are joined within their decision."""
    width = int(planned.max()) + 1
    crossed = decision * width + planned
    enough = sizes.enough(crossed)
    joined = np.where(enough[crossed], crossed, -1 - decision)
    joined = np.unique(joined, return_inverse=True)[1].astype(np.intp)
    enough = sizes.enough(joined)
    if enough.all():
        return joined
    for rest in np.flatnonzero(~enough):  # join it to the largest stratum of the same decision
        rows = joined == rest
        same = decision == decision[rows][0] if rows.any() else rows
        others = joined[same & ~rows]
        if len(others):
            joined[rows] = np.bincount(others).argmax()
    if not sizes.enough(np.unique(joined, return_inverse=True)[1].astype(np.intp)).all():
        return planned if sizes.enough(planned).all() else np.zeros_like(planned)
    return joined
